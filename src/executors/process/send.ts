// Makes threads and sends turns: each is one atomic rename, so that overlapping ticks can never do either twice.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { AdapterDeps } from "../../adapter.ts";
import type { NewThread, NewTurn } from "../../core/thread.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure, hasCode, makeDirectory } from "../../machine/atomic-file.ts";
import {
  JOB_FILES,
  cancelUnclaimed,
  readJobLife,
  type JobLife,
  type JobSpec,
  type JobStep,
} from "../../machine/job.ts";
import {
  childEnvironment,
  launchSupervisor,
  makeHiddenDirectory,
  placeDirectory,
} from "../../machine/job-directory.ts";
import { readHead } from "../../machine/log-file.ts";
import { signalMarked } from "../../machine/strays.ts";
import { agentArguments, agentEnvironment, agentKind } from "./agent-command.ts";
import { readConversation } from "./agent-output.ts";
import {
  LOST_TURN_MILLISECONDS,
  RUN_FILES,
  TURN_FILES,
  exists,
  markerOf,
  readContents,
  runAt,
  runsDirectory,
  turnsDirectory,
  worktreeOf,
  type Run,
  type Turn,
} from "./run-directory.ts";
import { worktreeSteps } from "./worktree.ts";

const GRACE_SECONDS = 5;
const MAX_LOG_BYTES = 64 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
/** A turn of another tick may take our number; after that many times somebody else is surely at work. */
const SEND_ATTEMPTS = 3;

/** Makes a thread: a directory that appears with its content in one step, or `exists`. */
export async function createThread(deps: AdapterDeps, thread: NewThread): Promise<"created" | "exists"> {
  const workspace = deps.workspaceOf(thread.repo);
  const run = runAt(workspace, thread.threadId);
  await requireDirectory(workspace, thread.repo);
  await makeHiddenDirectory(runsDirectory(workspace));
  const record = {
    threadId: thread.threadId,
    projectId: thread.projectId,
    repo: thread.repo,
    title: thread.title,
    createdAt: deps.clock.now(),
  };
  return placeDirectory(run.directory, { [RUN_FILES.thread]: JSON.stringify(record) });
}

async function requireDirectory(workspace: string, repo: string): Promise<void> {
  try {
    if ((await stat(workspace)).isDirectory()) return;
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw fileFailure(error, "read", workspace);
  }
  throw new AfkError("config", `The checkout of ${repo} is not at ${workspace}: clone it there.`);
}

/** Accepts one turn and starts its supervisor; the words of the answer are those of the port. */
export async function sendTurn(
  deps: AdapterDeps,
  command: string,
  turn: NewTurn,
): Promise<"sent" | "already_sent" | "busy" | "gone"> {
  const run = runAt(deps.workspaceOf(turn.repo), turn.threadId);
  const environment = childEnvironment(deps.environment);
  for (let attempt = 0; attempt < SEND_ATTEMPTS; attempt += 1) {
    const contents = await readContents(run);
    if (contents === null || contents.ending === "archived" || contents.ending === "deleted") return "gone";
    const same = contents.turns.find((one) => one.messageId === turn.messageId);
    if (same !== undefined) {
      await launchIfUnclaimed(same, environment);
      return "already_sent";
    }
    const last = contents.turns.at(-1);
    if (last !== undefined && (await isBusy(run, last, deps.clock.now()))) return "busy";
    const number = (last?.number ?? 0) + 1;
    const directory = join(turnsDirectory(run), String(number));
    const files = await turnFiles(deps, command, turn, { run, earlier: contents.turns, number });
    await makeDirectory(turnsDirectory(run));
    if ((await placeDirectory(directory, files)) === "exists") continue;
    // Somebody may have put the thread away in between; its worktree may be gone.
    if ((await readContents(run))?.ending === "archived" && (await cancelUnclaimed(directory))) return "gone";
    await launchSupervisor(directory, environment);
    return "sent";
  }
  return "busy";
}

async function launchIfUnclaimed(turn: Turn, environment: Readonly<Record<string, string>>): Promise<void> {
  const life = await readJobLife(turn.directory);
  if (life.kind === "unclaimed" && !life.launched) await launchSupervisor(turn.directory, environment);
}

/** Whether a turn works or may still begin; one that was never started is ended here, before another takes its place. */
async function isBusy(run: Run, last: Turn, now: number): Promise<boolean> {
  const life = await readJobLife(last.directory);
  switch (life.kind) {
    case "running":
      return true;
    case "unclaimed":
      if (life.launched || now - last.sentAt < LOST_TURN_MILLISECONDS) return true;
      return !(await cancelUnclaimed(last.directory));
    case "died":
      // Two turns must never work in one worktree, and nobody else ends what the dead supervisor left.
      await signalMarked(await markerOf(run), "SIGKILL");
      return false;
    case "exited":
      return false;
  }
}

interface TurnPlace {
  readonly run: Run;
  readonly earlier: readonly Turn[];
  readonly number: number;
}

async function turnFiles(
  deps: AdapterDeps,
  command: string,
  turn: NewTurn,
  place: TurnPlace,
): Promise<Readonly<Record<string, string>>> {
  const { run, number } = place;
  const context = {
    threadId: turn.threadId,
    number,
    repo: turn.repo,
    budgetUsd: turn.budgetUsd,
    conversation: await findConversation(place.earlier),
  };
  const spec: JobSpec = {
    marker: await markerOf(run),
    prepare: await prepareSteps(deps, place),
    command: [...agentArguments(command, context)],
    cwd: worktreeOf(run),
    stdin: TURN_FILES.prompt,
    stdout: TURN_FILES.stdout,
    stderr: TURN_FILES.stderr,
    environment: agentEnvironment(command, context),
    // Watch stops a long run by afk's clock; this is for the case that no watch ever comes again.
    timeLimitSeconds: 2 * deps.policyOf(turn.repo).runMaxSeconds,
    graceSeconds: GRACE_SECONDS,
    cleanup: [],
    maxLogBytes: MAX_LOG_BYTES,
  };
  const record = { messageId: turn.messageId, sentAt: deps.clock.now(), agent: agentKind(command) };
  return {
    [TURN_FILES.turn]: JSON.stringify(record),
    [TURN_FILES.prompt]: turn.text,
    [JOB_FILES.spec]: JSON.stringify(spec),
  };
}

/** A worktree counts as made once an agent was started in it: a setup that was cut short is done again. */
async function prepareSteps(deps: AdapterDeps, place: TurnPlace): Promise<JobStep[]> {
  const { run, earlier } = place;
  for (const turn of earlier) {
    const life = await readJobLife(turn.directory);
    if (wasStarted(life) && (await exists(worktreeOf(run)))) return [];
  }
  return [...(await worktreeSteps(run, { environment: childEnvironment(deps.environment) }))];
}

/** The child's identity is no sign: one that ended at once was never seen alive. */
function wasStarted(life: JobLife): boolean {
  if (life.kind === "unclaimed") return false;
  const { phase, exit } = life.status;
  return phase === "running" || (exit !== null && (exit.code !== null || exit.signal !== null));
}

async function findConversation(turns: readonly Turn[]): Promise<string | null> {
  for (const turn of turns.toReversed()) {
    const head = await readHead(join(turn.directory, TURN_FILES.stdout), HEAD_BYTES);
    const found = turn.agent === "command" ? null : readConversation(head);
    if (found !== null) return found;
  }
  return null;
}
