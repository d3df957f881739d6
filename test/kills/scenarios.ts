// The moments at which the command is killed: one for each kind of step that poll and watch take.
import type { Command, KillWorld } from "./world.ts";
import { READY } from "./world.ts";

/**
 * How an issue must end. `handed_over`: as the person left it. `closed_or_human`: the dead tick had counted the only turn
 * that was left and may not have sent it; sending it twice would be worse than a person.
 */
export type Ending = "closed" | "human" | "ready" | "handed_over" | "closed_or_human";

export interface Scenario {
  readonly name: string;
  readonly command: Command;
  /** Title and ending of each issue, by number from 1. */
  readonly issues: readonly (readonly [title: string, ending: Ending])[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Brings the world to the moment just before the tick that is killed. */
  readonly prepare: (world: KillWorld) => Promise<void>;
}

async function nothing(): Promise<void> {
  // The killed tick is the first.
}

async function dispatched(world: KillWorld): Promise<void> {
  await world.tick("poll");
}

/** The agents have done one step, and watch has not looked yet. */
async function worked(world: KillWorld): Promise<void> {
  await dispatched(world);
  world.agents();
}

async function workedAgain(world: KillWorld): Promise<void> {
  await worked(world);
  await world.tick("watch");
  world.agents();
}

async function asked(world: KillWorld): Promise<void> {
  await workedAgain(world);
  for (let pause = 0; pause < 4; pause += 1) world.agents();
}

/** A person does something, and time passes. */
function deed(act: (world: KillWorld) => void): (world: KillWorld) => Promise<void> {
  return async (world) => {
    await dispatched(world);
    world.github.state.now += 60_000;
    act(world);
    world.github.state.now += 300_000;
  };
}

const isComment = (method: string, url: string): boolean => method === "POST" && url.includes("/comments");
const isTurn = (method: string, url: string): boolean => method === "POST" && url.endsWith("/dispatch");

/** The thread exists and nothing was sent to it. */
function emptyThread(world: KillWorld): Promise<void> {
  let commands = 0;
  return world.brokenTick("poll", (method, url) => {
    if (isTurn(method, url)) commands += 1;
    // The project, the thread, and then the turn.
    return commands === 3;
  });
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "dispatch",
    command: "poll",
    issues: [
      ["land", "closed"],
      ["land", "closed"],
    ],
    prepare: nothing,
  },
  {
    name: "dispatch again",
    command: "poll",
    issues: [
      ["give up", "closed"],
      ["land", "closed"],
    ],
    prepare: rearmed,
  },
  {
    name: "hold",
    command: "poll",
    issues: [
      ["land", "closed"],
      ["give up", "human"],
    ],
    prepare: dispatched,
  },
  {
    name: "agent at work",
    command: "watch",
    issues: [
      ["land", "closed"],
      ["give up", "human"],
    ],
    prepare: dispatched,
  },
  {
    name: "CI wait",
    command: "watch",
    issues: [
      ["land", "closed"],
      ["land", "closed"],
    ],
    prepare: ciPending,
  },
  {
    name: "close",
    command: "watch",
    issues: [
      ["land", "closed"],
      ["give up", "human"],
    ],
    prepare: worked,
  },
  {
    name: "fix forward",
    command: "watch",
    issues: [
      ["land red", "closed"],
      ["land", "closed"],
    ],
    prepare: worked,
  },
  {
    name: "close after red",
    command: "watch",
    issues: [
      ["land red", "closed"],
      ["land", "closed"],
    ],
    prepare: workedAgain,
  },
  {
    name: "escalate",
    command: "watch",
    issues: [
      ["give up", "human"],
      ["land", "closed"],
    ],
    prepare: worked,
  },
  {
    name: "stall",
    command: "watch",
    issues: [
      ["hang", "human"],
      ["land", "closed"],
    ],
    prepare: stalled,
  },
  {
    name: "resume",
    command: "watch",
    issues: [
      ["fail once", "closed"],
      ["land", "closed"],
    ],
    prepare: worked,
  },
  {
    name: "lost turn",
    command: "watch",
    issues: [
      ["land", "closed_or_human"],
      ["land", "closed"],
    ],
    prepare: lostTurn,
  },
  {
    name: "freeze",
    command: "watch",
    issues: [
      ["land red for ever", "human"],
      ["land", "ready"],
    ],
    environment: { AFK_FIX_FORWARD_MAX_ATTEMPTS: "1" },
    prepare: workedAgain,
  },
  {
    name: "freeze and reopen",
    command: "watch",
    issues: [
      ["land red for ever", "human"],
      ["land", "ready"],
    ],
    environment: { AFK_FIX_FORWARD_MAX_ATTEMPTS: "0" },
    prepare: closedByKeyword,
  },
  {
    name: "ask",
    command: "watch",
    issues: [
      ["ask", "human"],
      ["land", "closed"],
    ],
    prepare: worked,
  },
  {
    name: "no answer",
    command: "watch",
    issues: [
      ["ask", "human"],
      ["land", "closed"],
    ],
    prepare: asked,
  },
  {
    name: "hand over: label removed",
    command: "watch",
    issues: [
      ["hang", "handed_over"],
      ["land", "closed"],
    ],
    prepare: deed(({ github }) => github.unlabel(1, "agent-in-progress")),
  },
  {
    name: "hand over: human label",
    command: "watch",
    issues: [
      ["hang", "handed_over"],
      ["land", "closed"],
    ],
    prepare: deed(({ github }) => github.label(1, "ready-for-human")),
  },
  {
    name: "hand over: closed",
    command: "watch",
    issues: [
      ["hang", "handed_over"],
      ["land", "closed"],
    ],
    prepare: deed(({ github }) => github.close(1)),
  },
  {
    name: "adoption by watch",
    command: "watch",
    issues: [
      ["land", "closed"],
      ["give up", "human"],
    ],
    prepare: (world) => world.brokenTick("poll", isComment),
  },
  {
    name: "adoption by poll",
    command: "poll",
    issues: [
      ["land", "closed"],
      ["give up", "human"],
    ],
    prepare: (world) => world.brokenTick("poll", isComment),
  },
  {
    name: "discard",
    command: "poll",
    issues: [
      ["land", "closed"],
      ["land", "closed"],
    ],
    prepare: emptyAndOld,
  },
  {
    name: "finish a close",
    command: "watch",
    issues: [
      ["land", "closed"],
      ["land", "closed"],
    ],
    prepare: async (world) => {
      await worked(world);
      await world.brokenTick("watch", (method) => method === "PATCH");
    },
  },
];

async function rearmed(world: KillWorld): Promise<void> {
  await worked(world);
  await world.tick("watch");
  const { github } = world;
  github.issue(1).title = "land";
  github.unlabel(1, "ready-for-human");
  github.label(1, READY);
  world.agents();
}

async function ciPending(world: KillWorld): Promise<void> {
  await worked(world);
  const commit = world.github.repo().commits[0];
  const checks = commit?.checks ?? [];
  const pending = checks.map((check) => ({ ...check, status: "IN_PROGRESS", conclusion: null }));
  world.github.setChecks(commit?.oid ?? "", pending);
  await world.tick("watch");
  world.github.setChecks(commit?.oid ?? "", checks);
}

async function stalled(world: KillWorld): Promise<void> {
  await dispatched(world);
  for (let pause = 0; pause < 5; pause += 1) world.agents();
}

async function lostTurn(world: KillWorld): Promise<void> {
  world.t3.store.loseTurns(true);
  await dispatched(world);
  world.t3.store.loseTurns(false);
  world.agents();
}

async function closedByKeyword(world: KillWorld): Promise<void> {
  await worked(world);
  const { github } = world;
  const [last] = github.repo().commits;
  const sha = github.push(last?.message.replace("Refs #1", "Closes #1") ?? "");
  github.setChecks(sha, last?.checks ?? []);
}

async function emptyAndOld(world: KillWorld): Promise<void> {
  await emptyThread(world);
  world.agents();
}
