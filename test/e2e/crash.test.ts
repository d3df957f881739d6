// Kills the command at every single write of every kind of tick: no issue is started twice, none is lost, no lane stays locked.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WholeWorld } from "../support/whole-world.ts";
import { WRITES } from "../support/faulty-afk.ts";

interface Scenario {
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

const SCENARIOS: readonly Scenario[] = [
  { name: "a dispatch", titles: ["land", "give up"], command: "poll", prepare: async () => undefined },
  { name: "asking CI", titles: ["land", "give up"], command: "watch", prepare: started },
  { name: "a close", titles: ["land", "give up"], command: "watch", prepare: verified },
  { name: "a fix-forward", titles: ["land red", "give up"], command: "watch", prepare: verified },
  { name: "an escalation", titles: ["give up", "land"], command: "watch", prepare: started },
];

describe.each(SCENARIOS)("killed during $name", (scenario) => {
  let world: WholeWorld;
  let restore: () => void;
  let writes = 0;

  beforeAll(async () => {
    world = new WholeWorld();
    scenario.titles.forEach((title, index) => world.issue(index + 1, title));
    await scenario.prepare(world);
    restore = world.snapshot();
    const clean = await world.faulty({ at: null, fault: "kill" }, scenario.command);
    writes = Number(WRITES.exec(clean.stderr)?.[1]);
    await world.quiet();
  });
  afterAll(() => world.remove());

  it("writes something that can be cut", () => {
    expect(writes).toBeGreaterThan(3);
  });

  it("ends as if nothing had happened, whichever write was the last", async () => {
    for (let at = 1; at <= writes; at += 1) {
      restore();

      const killed = await world.faulty({ at, fault: "kill" }, scenario.command);
      await world.quiet();
      await world.settle();

      expect(killed.code, `write ${at} of ${writes}`).toBeNull();
      expectWhole(world, scenario, `killed before write ${at} of ${writes}`);
    }
  }, 300_000);
});

/** Both issues had their run, once; nothing is left in between. */
function expectWhole(world: WholeWorld, scenario: Scenario, what: string): void {
  const runs = new Map<string, Set<string>>();
  const turns = world.starts.map(({ thread, turn, issue }) => {
    runs.set(issue, (runs.get(issue) ?? new Set()).add(thread));
    return `${thread} ${turn}`;
  });
  expect(new Set(turns).size, `${what}: every turn once`).toBe(turns.length);
  expect(
    [...runs.values()].map((threads) => threads.size),
    `${what}: one run an issue`,
  ).toEqual([1, 1]);
  scenario.titles.forEach((title, index) => {
    const ending = title === "give up" ? "ready-for-human" : "state: closed";
    expect(world.front(index + 1), what).toContain(ending);
  });
  for (const number of [1, 2]) {
    expect(world.front(number), what).not.toContain("agent-in-progress");
    expect(world.front(number), what).not.toContain("ready-for-agent");
    expect(world.card(number)?.["outcome"], what).not.toBeNull();
  }
}
