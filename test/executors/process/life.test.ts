// What becomes of a turn whose processes die, are stopped, or never start, and by whose clock.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { findMarked } from "../../../src/machine/strays.ts";
import { eventually, run as execute, standingClock } from "../../support/machine.ts";
import { THREAD, begin, ended, newTurn, openProcessWorld, readThread, type ProcessWorld } from "./support.ts";

const START = 1_700_000_000_000;

test("a supervisor and an agent that both died without a record are lost", async () => {
  const world = openProcessWorld();
  await begin(world);
  await world.started(1);
  const { supervisor, child } = recorded(world, 1);

  process.kill(supervisor.pid, "SIGKILL");
  process.kill(-child.pid, "SIGKILL");

  const thread = await ended(world.executor);
  expect(thread.state.kind).toBe("lost");
});

test("an agent whose supervisor died still runs, takes no second turn, and can be stopped", async () => {
  const world = openProcessWorld();
  await begin(world);
  await world.started(1);
  process.kill(recorded(world, 1).supervisor.pid, "SIGKILL");
  await pause(100);

  const state = (await readThread(world.executor)).state.kind;
  const second = await world.executor.send(newTurn("second"));
  await eventually(
    () => world.executor.end(THREAD, "stop"),
    (answer) => answer === "confirmed",
  );

  expect([state, second]).toEqual(["running", "busy"]);
  expect(await findMarked({ AFK_RUN_ID: THREAD, AFK_RUN_DIRECTORY: world.run })).toEqual([]);
});

test("a stop also ends what the agent started in a session of its own", async () => {
  const world = openProcessWorld({ agent: "setsid sleep 60 & echo up; sleep 60" });
  await begin(world);
  await eventually(
    () => readThread(world.executor),
    (thread) => thread.lastWords === "up",
  );

  await eventually(
    () => world.executor.end(THREAD, "stop"),
    (answer) => answer === "confirmed",
  );

  expect(await findMarked({ AFK_RUN_ID: THREAD, AFK_RUN_DIRECTORY: world.run })).toEqual([]);
  expect((await readThread(world.executor)).state).toMatchObject({ cause: "killed", mayPass: false });
});

test("a turn that was accepted and never started is running for 180 s, then lost, and then a new turn takes over", async () => {
  const clock = standingClock(START);
  const world = openProcessWorld({ clock });
  await begin(world);
  await world.started(1);
  unclaim(world, 1);

  clock.move(179_000);
  const young = await readThread(world.executor);
  const early = await world.executor.send(newTurn("second"));
  clock.move(1_000);
  const old = await readThread(world.executor);
  const late = await world.executor.send(newTurn("second"));

  expect([young.state.kind, early]).toEqual(["running", "busy"]);
  expect(old).toMatchObject({ state: { cause: "lost_turn", mayPass: true }, since: START + 180_000 });
  expect(late).toBe("sent");
});

test("sending an accepted message again starts the turn that nobody started", async () => {
  const world = openProcessWorld({ agent: "echo again" });
  await begin(world);
  await ended(world.executor);
  unclaim(world, 1);
  execute(world.checkout, "git", "worktree", "remove", "--force", join(world.run, "worktree"));
  execute(world.checkout, "git", "branch", "-D", "afk/2b7c8d9e0f1a");

  const answer = await world.executor.send(newTurn("first"));

  expect(answer).toBe("already_sent");
  const thread = await eventually(
    () => readThread(world.executor),
    (read) => read.state.kind === "idle",
  );
  expect(thread.messages).toHaveLength(1);
});

test("a turn that is stopped before it started can never start", async () => {
  const world = openProcessWorld();
  await begin(world);
  await world.started(1);
  unclaim(world, 1);

  const stopped = await world.executor.end(THREAD, "stop");
  const again = await world.executor.send(newTurn("first"));
  await pause(300);

  expect([stopped, again]).toEqual(["confirmed", "already_sent"]);
  expect((await readThread(world.executor)).state).toMatchObject({ cause: "killed", mayPass: false });
});

test("times are those of afk's clock, however far it is from the machine's", async () => {
  const clock = standingClock(START);
  const world = openProcessWorld({ agent: "sleep 0.3; echo done", clock });

  await begin(world);

  const thread = await ended(world.executor);
  expect(thread.createdAt).toBe(START);
  expect(thread.since).toBeGreaterThan(START + 200);
  expect(thread.since).toBeLessThan(START + 20_000);
  expect(thread.lastActivityAt).toBeGreaterThan(START + 200);
  expect(thread.lastActivityAt).toBeLessThanOrEqual(thread.since ?? 0);
});

interface Recorded {
  readonly supervisor: { readonly pid: number };
  readonly child: { readonly pid: number };
  readonly exit: unknown;
}

function recorded(world: ProcessWorld, turn: number): Recorded {
  const path = join(world.run, "turns", String(turn), "status.json");
  const status: Recorded = JSON.parse(readFileSync(path, "utf8"));
  return status;
}

/** Makes a turn look as if the tick had died between accepting it and starting its supervisor. */
function unclaim(world: ProcessWorld, turn: number): void {
  const directory = join(world.run, "turns", String(turn));
  const { supervisor, child, exit } = recorded(world, turn);
  if (exit === null) for (const pid of [supervisor.pid, -child.pid]) process.kill(pid, "SIGKILL");
  rmSync(join(directory, "status.json"));
  rmSync(join(directory, "launch.json"));
}
