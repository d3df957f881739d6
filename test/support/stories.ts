// What the stories of whole runs have in common: a world of their own, and steps that bring it to a known moment.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { findMarked, signalMarked } from "../../src/machine/strays.ts";
import { eventually } from "./machine.ts";
import { WholeWorld } from "./whole-world.ts";

/** Longer than every time that afk lets pass before it believes what it sees. */
export const A_WHILE_SECONDS = 400;

/** A world that is removed after the test, with every agent in it. */
export function storyWorld(...made: ConstructorParameters<typeof WholeWorld>): WholeWorld {
  const world = new WholeWorld(...made);
  onTestFinished(async () => {
    // Whatever still works in this world inherited its place.
    while ((await signalMarked({ WORLD: world.root }, "SIGKILL")) > 0) await pause(10);
    world.remove();
  });
  return world;
}

/** Polls and waits until the agent of an issue has begun and, unless it hangs, ended. */
export async function started(world: WholeWorld, issue = 1): Promise<void> {
  await world.afk("poll");
  await eventually(
    () => world.starts.some((start) => start.issue === String(issue)),
    (seen) => seen,
  );
  if (titleOf(world, issue) !== "hang") await world.quiet();
}

/** Also lets time pass and asks CI about what landed. */
export async function verified(world: WholeWorld, issue = 1): Promise<void> {
  await started(world, issue);
  world.skip(A_WHILE_SECONDS);
  await world.afk("watch");
  await world.quiet();
}

function titleOf(world: WholeWorld, issue: number): string {
  return world.read(`titles/${issue}`);
}

/** The thread of an issue's only run. */
export function threadOf(world: WholeWorld, issue = 1): string {
  return String(world.card(issue)?.["thread"]);
}

/**
 * The processes that still carry the mark of an issue's run in this world: the id of a thread follows from its place, so
 * worlds of tests that run at the same time have threads of the same id.
 */
export function processesOf(world: WholeWorld, issue = 1): Promise<readonly number[]> {
  return findMarked({ AFK_RUN_ID: threadOf(world, issue), WORLD: world.root });
}

export function cardText(world: WholeWorld, issue = 1): string {
  return readFileSync(join(world.checkout, ".afk", "issues", String(issue), "run-card.md"), "utf8");
}

/** A file of one turn of an issue's run, as the executor keeps it. */
export function turnFile(world: WholeWorld, name: string, turn = 1, issue = 1): string {
  return world.read(`shop/.afk/runs/${threadOf(world, issue)}/turns/${turn}/${name}`);
}

export interface Report {
  readonly schema: number;
  readonly decisions: readonly {
    readonly issue: number | null;
    readonly action: string;
    readonly reason: string;
    readonly message: string;
    readonly gates?: readonly { readonly reason: string; readonly message: string }[];
  }[];
  readonly outcomes: readonly {
    readonly issue: number | null;
    readonly result: string;
    readonly message: string;
  }[];
  readonly gaps: readonly { readonly on: string; readonly kind: string; readonly message: string }[];
  readonly error?: { readonly kind: string; readonly message: string };
}

export function reportOf(ran: { readonly stdout: string }): Report {
  const report: Report = JSON.parse(ran.stdout);
  return report;
}

/** For example `1 hold blocked`, one a decision. */
export function decided(ran: { readonly stdout: string }): readonly string[] {
  return reportOf(ran).decisions.map(({ issue, action, reason }) => `${issue} ${action} ${reason}`);
}
