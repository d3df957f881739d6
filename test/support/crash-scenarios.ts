// The local moments at which the command is killed before a write, and what must be true of the files afterwards.
import type { WholeWorld } from "./whole-world.ts";

export interface CrashScenario {
  readonly name: string;
  readonly titles: readonly [first: string, second: string];
  readonly command: "poll" | "watch";
  /** Brings the world to the moment just before the tick that is killed. */
  readonly prepare: (world: WholeWorld) => Promise<void>;
}

async function started(world: WholeWorld): Promise<void> {
  await world.afk("poll");
  await world.quiet();
  world.skip(400);
}

async function verified(world: WholeWorld): Promise<void> {
  await started(world);
  await world.afk("watch");
  await world.quiet();
}

export const CRASH_SCENARIOS: readonly CrashScenario[] = [
  { name: "a dispatch", titles: ["give up", "give up"], command: "poll", prepare: async () => undefined },
  { name: "asking CI", titles: ["land", "give up"], command: "watch", prepare: started },
  { name: "a close", titles: ["land", "give up"], command: "watch", prepare: verified },
  { name: "a fix-forward", titles: ["land red", "give up"], command: "watch", prepare: verified },
  { name: "an escalation", titles: ["give up", "land"], command: "watch", prepare: started },
];

/** What is wrong when both issues should have had their run, once, with nothing left in between. */
export function crashProblems(world: WholeWorld, scenario: CrashScenario): readonly string[] {
  const problems: string[] = [];
  const expectThat = (isSo: boolean, what: string): void => {
    if (!isSo) problems.push(what);
  };
  const turns = world.starts.map(({ thread, turn }) => `${thread} ${turn}`);
  expectThat(new Set(turns).size === turns.length, "S2: a turn was started twice");
  scenario.titles.forEach((title, index) => {
    const number = index + 1;
    const threads = new Set(
      world.starts.filter(({ issue }) => issue === String(number)).map(({ thread }) => thread),
    );
    expectThat(threads.size === 1, `S2: issue ${number} had ${threads.size} runs`);
    const ending = title === "give up" ? "ready-for-human" : "state: closed";
    const front = world.front(number);
    expectThat(front.includes(ending), `L1: issue ${number} ended with ${front}`);
    for (const label of ["agent-in-progress", "ready-for-agent"])
      expectThat(!front.includes(label), `L1: issue ${number} keeps ${label}`);
    const outcome = world.card(number)?.["outcome"] ?? null;
    expectThat(outcome !== null, `L2: the run of issue ${number} never ended`);
  });
  return problems;
}
