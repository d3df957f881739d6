// Where runs stand on disk: `<checkout>/.afk/runs/<thread id>/`, with one job directory per turn below `turns/`.
import { access, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import type { AdapterDeps } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure, hasCode } from "../../machine/atomic-file.ts";
import { readJson } from "../../machine/job.ts";
import type { Marker } from "../../machine/strays.ts";

/** The names inside a run directory. */
export const RUN_FILES = { thread: "thread.json", settled: "settled", archived: "archived" } as const;

/** The names inside a turn's directory, beside those of its job. */
export const TURN_FILES = {
  turn: "turn.json",
  prompt: "prompt.txt",
  stdout: "stdout.log",
  stderr: "stderr.log",
  /** Stands in the place of turn 1 when the thread was deleted: no turn can ever be put there. */
  tombstone: "deleted.json",
} as const;

/** How long an accepted turn may stay unclaimed before it counts as never started (DESIGN section 3, step 7). */
export const LOST_TURN_MILLISECONDS = 180_000;

/** Tests of other parts and people make directories too; only such a name is a run. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const threadSchema = z.object({
  threadId: z.string(),
  projectId: z.string(),
  repo: z.string(),
  title: z.string(),
  /** Milliseconds since the epoch, by afk's clock. */
  createdAt: z.number(),
});

export type ThreadRecord = Readonly<z.infer<typeof threadSchema>>;

const turnSchema = z.object({
  messageId: z.string(),
  /** Milliseconds since the epoch, by afk's clock. */
  sentAt: z.number(),
  agent: z.enum(["claude", "codex", "command"]),
});

export interface Turn extends Readonly<z.infer<typeof turnSchema>> {
  readonly number: number;
  readonly directory: string;
}

export interface Run {
  readonly threadId: string;
  readonly workspace: string;
  readonly directory: string;
}

/** What the names in a run directory alone say. */
export interface RunContents {
  readonly ending: "none" | "settled" | "archived" | "deleted";
  /** Oldest first. */
  readonly turns: readonly Turn[];
}

export function runsDirectory(workspace: string): string {
  return join(workspace, ".afk", "runs");
}

/** @throws AfkError `contract` when the id could name a place outside of the runs. */
export function runAt(workspace: string, threadId: string): Run {
  if (!UUID.test(threadId))
    throw new AfkError("contract", `'${threadId}' is no thread id of the process executor.`);
  return { threadId, workspace, directory: join(runsDirectory(workspace), threadId) };
}

export function turnsDirectory(run: Run): string {
  return join(run.directory, "turns");
}

export function worktreeOf(run: Run): string {
  return join(run.directory, "worktree");
}

export function branchOf(threadId: string): string {
  return `afk/${threadId.replaceAll("-", "").slice(0, 12)}`;
}

/** What all processes of a run carry. The directory is part of it: two checkouts of one name have the same thread ids. */
export async function markerOf(run: Run): Promise<Marker> {
  return { AFK_RUN_ID: run.threadId, AFK_RUN_DIRECTORY: await realpath(run.directory) };
}

/** Reads who a thread is; null when the run does not say. @throws AfkError when the file is damaged. */
export function readThreadRecord(run: Run): Promise<ThreadRecord | null> {
  return readJson(join(run.directory, RUN_FILES.thread), threadSchema);
}

/** Looks at a run without reading its thread; null when there is no such run. */
export async function readContents(run: Run): Promise<RunContents | null> {
  const names = await listNames(run.directory);
  if (names === null) return null;
  if (names.includes(RUN_FILES.archived)) return { ending: "archived", turns: [] };
  const turns = await readTurns(run);
  if (turns === "deleted") return { ending: "deleted", turns: [] };
  return { ending: names.includes(RUN_FILES.settled) ? "settled" : "none", turns };
}

async function readTurns(run: Run): Promise<readonly Turn[] | "deleted"> {
  const names = (await listNames(turnsDirectory(run))) ?? [];
  const numbers = names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number);
  const turns: Turn[] = [];
  for (const number of numbers.toSorted((one, other) => one - other)) {
    const directory = join(turnsDirectory(run), String(number));
    const turn = await readJson(join(directory, TURN_FILES.turn), turnSchema);
    if (turn !== null) turns.push({ ...turn, number, directory });
    else if (await exists(join(directory, TURN_FILES.tombstone))) return "deleted";
    else
      throw new AfkError("contract", `${directory} is no turn: move it away, or delete the run directory.`);
  }
  return turns;
}

/** All runs below a workspace, whatever their state. */
export async function listRuns(workspace: string): Promise<readonly Run[]> {
  const names = (await listNames(runsDirectory(workspace))) ?? [];
  return names.filter((name) => UUID.test(name)).map((name) => runAt(workspace, name));
}

/** The run of a thread, in whatever workspace it is; null when there is none. */
export async function findRun(deps: AdapterDeps, threadId: string): Promise<Run | null> {
  for (const workspace of await findWorkspaces(deps)) {
    const run = runAt(workspace, threadId);
    if (await exists(run.directory)) return run;
  }
  return null;
}

/**
 * The checkouts that may hold runs: those of the allowlist, and their neighbours with a name of the same form,
 * where a repo stands that left the allowlist.
 */
export async function findWorkspaces(deps: AdapterDeps): Promise<readonly string[]> {
  const own = deps.repos.map((repo) => deps.workspaceOf(repo));
  const parents = new Set(
    deps.repos.filter((repo) => !repo.startsWith("local/")).map((repo) => dirname(deps.workspaceOf(repo))),
  );
  const found = new Set(own);
  for (const parent of parents) {
    const names = (await listNames(parent)) ?? [];
    for (const name of names.filter((one) => one.includes("__")).toSorted()) {
      const workspace = join(parent, name);
      if (found.has(workspace)) continue;
      if (await canRead(runsDirectory(workspace))) found.add(workspace);
    }
  }
  return [...found];
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return false;
    throw fileFailure(error, "read", path);
  }
}

async function canRead(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // A neighbour without runs, or somebody else's directory: nothing that afk started stands there.
    return false;
  }
}

async function listNames(path: string): Promise<readonly string[] | null> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw fileFailure(error, "read", path);
  }
}
