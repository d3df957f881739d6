// How a kill world is brought to the moment just before the tick that is killed.
import { HUMAN, READY } from "./settings.ts";
import { allThreads } from "./threads.ts";
import type { Command, KillWorld } from "./world.ts";

export async function nothing(): Promise<void> {
  // The killed tick is the first.
}

export async function dispatched(world: KillWorld): Promise<void> {
  await world.tick("poll");
}

/** The agents have done one step, and watch has not looked yet. */
export async function worked(world: KillWorld): Promise<void> {
  await dispatched(world);
  world.agents();
}

export async function workedAgain(world: KillWorld): Promise<void> {
  await worked(world);
  await world.tick("watch");
  world.agents();
}

/** The agent asked, a person was rung, and gave an answer. */
export async function asked(world: KillWorld): Promise<void> {
  const { agents } = world.t3.store;
  await dispatched(world);
  const [threadId = ""] = agents.atWork;
  agents.ask(threadId, "user-input", "question");
  world.github.state.now += 400_000;
  await world.tick("watch");
  agents.answer(threadId, "user-input", "question");
  world.agents();
}

export async function askedLongAgo(world: KillWorld): Promise<void> {
  await workedAgain(world);
  for (let pause = 0; pause < 4; pause += 1) world.agents();
}

/** A person does something, and time passes. */
export function deed(act: (world: KillWorld) => void): (world: KillWorld) => Promise<void> {
  return async (world) => {
    await dispatched(world);
    world.github.state.now += 60_000;
    act(world);
    world.github.state.now += 300_000;
  };
}

/** The issue had a run that failed, and a person wants another. */
export async function rearmed(world: KillWorld): Promise<void> {
  await worked(world);
  await world.tick("watch");
  const { github } = world;
  github.issue(1).title = "land";
  github.unlabel(1, HUMAN);
  github.label(1, READY);
  world.agents();
}

export async function ciPending(world: KillWorld): Promise<void> {
  await worked(world);
  const commit = world.github.repo().commits[0];
  const checks = commit?.checks ?? [];
  const pending = checks.map((check) => ({ ...check, status: "IN_PROGRESS", conclusion: null }));
  world.github.setChecks(commit?.oid ?? "", pending);
  await world.tick("watch");
  world.github.setChecks(commit?.oid ?? "", checks);
}

export async function stalled(world: KillWorld): Promise<void> {
  await dispatched(world);
  for (let pause = 0; pause < 5; pause += 1) world.agents();
}

export async function lostTurn(world: KillWorld): Promise<void> {
  world.t3.store.loseTurns(true);
  await dispatched(world);
  world.t3.store.loseTurns(false);
  world.agents();
}

/** The red commit closed the issue. */
export async function closedByKeyword(world: KillWorld): Promise<void> {
  await worked(world);
  const { github } = world;
  const [last] = github.repo().commits;
  const sha = github.push(last?.message.replace("Refs #1", "Closes #1") ?? "");
  github.setChecks(sha, last?.checks ?? []);
}

/** A tick that dies before the first request that fits. */
async function deadTick(
  world: KillWorld,
  command: Command,
  fits: (method: string, url: string) => boolean,
): Promise<void> {
  let isDead = false;
  await world.faultyTick(command, (method, url) => (isDead ||= fits(method, url)));
}

const isComment = (method: string, url: string): boolean => method === "POST" && url.includes("/comments");
const isCommand = (method: string, url: string): boolean => method === "POST" && url.endsWith("/dispatch");

/** The agent works, and neither card nor label say so. */
export async function uncarded(world: KillWorld): Promise<void> {
  await deadTick(world, "poll", isComment);
}

/** The thread exists, nothing was sent to it, and that long ago. */
export async function emptyAndOld(world: KillWorld): Promise<void> {
  let commands = 0;
  await deadTick(world, "poll", (method, url) => {
    if (isCommand(method, url)) commands += 1;
    // The project, the thread, and then the turn.
    return commands === 3;
  });
  world.agents();
}

/** Two ticks adopted the run at once. */
export async function twoCards(world: KillWorld): Promise<void> {
  await dispatched(world);
  const { github } = world;
  github.comment(1, github.issue(1).comments[0]?.body ?? "", github.people.afk);
  world.agents();
}

/** Somebody deleted the card of a run that had two turns. */
export async function cardDeleted(world: KillWorld): Promise<void> {
  await dispatched(world);
  const [thread] = allThreads(world.t3);
  const { agents } = world.t3.store;
  agents.finish(thread?.id ?? "", "API Error: 529 overloaded");
  world.github.state.now += 400_000;
  await world.tick("watch");
  world.github.issue(1).comments = [];
  world.agents();
}

/** The last writes of a run were cut short. */
export async function closing(world: KillWorld): Promise<void> {
  await worked(world);
  await deadTick(world, "watch", (method) => method === "PATCH");
}

/** The doorbell was broken when the run ended. */
export async function bellFailed(world: KillWorld): Promise<void> {
  await worked(world);
  await world.faultyTick("watch", (_method, url) => url.includes("/hook/"));
}
