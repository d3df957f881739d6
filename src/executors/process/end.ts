// Ends threads: stops the agent and looks whether it stopped, marks a thread as over, puts it away, or deletes an empty one.
import { join } from "node:path";
import type { AdapterDeps } from "../../adapter.ts";
import { createFileExclusive, makeDirectory } from "../../machine/atomic-file.ts";
import { JOB_FILES, PRIVATE, cancelUnclaimed, readJobLife, type JobStatus } from "../../machine/job.ts";
import { placeDirectory } from "../../machine/job-directory.ts";
import { isAlive } from "../../machine/process-identity.ts";
import { sendSignal, signalMarked } from "../../machine/strays.ts";
import type { EndResult } from "../../ports.ts";
import {
  RUN_FILES,
  TURN_FILES,
  findRun,
  markerOf,
  readContents,
  turnsDirectory,
  type Run,
  type Turn,
} from "./run-directory.ts";
import { removeWorktree } from "./worktree.ts";

/** A stop is watched for about three seconds of afk's clock. */
const STOP_ROUNDS = 30;
const STOP_ROUND_MILLISECONDS = 100;

/** Ends a thread as the port says. A thread that is not here, or is already over in this way, is `confirmed`. */
export async function endThread(
  deps: AdapterDeps,
  threadId: string,
  how: "stop" | "settle" | "archive" | "delete",
): Promise<EndResult> {
  const run = await findRun(deps, threadId);
  const contents = run === null ? null : await readContents(run);
  if (run === null || contents === null || contents.ending === "deleted") return "confirmed";
  switch (how) {
    case "stop":
      return stop(deps, run, contents.turns.at(-1));
    case "settle":
      await createFileExclusive(join(run.directory, RUN_FILES.settled), "", PRIVATE);
      return "confirmed";
    case "archive":
      return archive(deps, run, contents.turns.at(-1));
    case "delete":
      return deleteEmpty(run);
  }
}

async function stop(deps: AdapterDeps, run: Run, last: Turn | undefined): Promise<EndResult> {
  if (last === undefined) return "confirmed";
  await createFileExclusive(join(last.directory, JOB_FILES.stop), "", PRIVATE);
  for (let round = 0; round < STOP_ROUNDS; round += 1) {
    if (await pressStop(run, last, round)) return "confirmed";
    // The supervisor goes on with the stop; the next tick looks again.
    if (deps.signal.aborted) break;
    await deps.clock.sleep(STOP_ROUND_MILLISECONDS);
  }
  return "unconfirmed";
}

/** Does what this moment needs so that the turn stops, and says whether it has. */
async function pressStop(run: Run, turn: Turn, round: number): Promise<boolean> {
  const life = await readJobLife(turn.directory);
  switch (life.kind) {
    case "exited":
      return true;
    case "unclaimed":
      return cancelUnclaimed(turn.directory);
    case "running":
      await signalRunning(run, life.status, round);
      return false;
    case "died":
      return (await signalMarked(await markerOf(run), "SIGKILL")) === 0;
  }
}

async function signalRunning(run: Run, status: JobStatus, round: number): Promise<void> {
  if (status.supervisor !== null && (await isAlive(status.supervisor))) {
    sendSignal(status.supervisor.pid, "SIGTERM");
    return;
  }
  // The supervisor is dead and its agent goes on: nobody else can stop it.
  const signal = round < STOP_ROUNDS / 2 ? "SIGINT" : "SIGKILL";
  if (status.child !== null) sendSignal(-status.child.pid, signal);
  await signalMarked(await markerOf(run), signal);
}

/** Marks first: a worktree that cannot be removed must not keep the thread's lane. */
async function archive(deps: AdapterDeps, run: Run, last: Turn | undefined): Promise<EndResult> {
  if (last !== undefined && (await readJobLife(last.directory)).kind === "running") return "unconfirmed";
  await createFileExclusive(join(run.directory, RUN_FILES.archived), "", PRIVATE);
  await removeWorktree(run, deps);
  return "confirmed";
}

/** Takes the place of turn 1, so that a turn sent at the same time either was first or comes too late. */
async function deleteEmpty(run: Run): Promise<EndResult> {
  await makeDirectory(turnsDirectory(run));
  const placed = await placeDirectory(join(turnsDirectory(run), "1"), { [TURN_FILES.tombstone]: "{}" });
  if (placed === "created") return "confirmed";
  return (await readContents(run))?.ending === "deleted" ? "confirmed" : "unsupported";
}
