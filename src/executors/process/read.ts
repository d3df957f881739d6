// Reads threads from their run directories, and turns the supervisor's times into times of afk's clock.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Message, Thread, ThreadDetail, ThreadState } from "../../core/thread.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure } from "../../machine/atomic-file.ts";
import { JOB_FILES, readJobLife, type JobLife, type JobStatus } from "../../machine/job.ts";
import { modifiedAt, readTail } from "../../machine/log-file.ts";
import { readCost, readWords } from "./agent-output.ts";
import { endedState } from "./agent-state.ts";
import {
  LOST_TURN_MILLISECONDS,
  TURN_FILES,
  readContents,
  readThreadRecord,
  type Run,
  type RunContents,
  type Turn,
} from "./run-directory.ts";

/** An agent's closing line holds its whole last answer, and may be long. */
const TAIL_BYTES = 1024 * 1024;
/** Enough for the words of an agent that speaks no known language. */
const STDERR_TAIL_BYTES = 16 * 1024;

/**
 * Reads one thread as a list shows it; null when there is no run. A run that cannot be understood is a thread in the
 * state `unknown`, so that it hides no other. `now` is afk's clock.
 */
export async function readListedThread(run: Run, now: number): Promise<Thread | null> {
  try {
    const contents = await readContents(run);
    return contents === null ? null : await threadOf(run, contents, now);
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return brokenThread(run, error.message, now);
  }
}

/** Reads one thread with its messages; null when there is no run, or when it was put away. */
export async function readDetailedThread(run: Run, now: number): Promise<ThreadDetail | null> {
  try {
    const contents = await readContents(run);
    if (contents === null || contents.ending === "archived" || contents.ending === "deleted") return null;
    const thread = await threadOf(run, contents, now);
    const messages = await Promise.all(contents.turns.map(readMessage));
    return { ...thread, messages, lastWords: await lastWords(contents.turns) };
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return { ...brokenThread(run, error.message, now), messages: [], lastWords: "" };
  }
}

async function threadOf(run: Run, contents: RunContents, now: number): Promise<Thread> {
  const record = await readThreadRecord(run);
  if (record === null) throw new AfkError("contract", `${run.directory} is no run: move it away.`);
  const last = contents.turns.at(-1);
  const view = last === undefined ? null : await viewTurn(last, now);
  return {
    id: run.threadId,
    repo: record.repo,
    title: record.title,
    createdAt: record.createdAt,
    ending: contents.ending,
    // Nobody asks how a thread ended that was put away.
    state: view?.state ?? { kind: "idle" },
    since: view?.since ?? record.createdAt,
    lastActivityAt: view?.lastActivityAt ?? record.createdAt,
    hasMessage: contents.turns.length > 0 || contents.ending === "archived",
    costUsd: await totalCost(contents.turns),
    url: null,
  };
}

function brokenThread(run: Run, message: string, now: number): Thread {
  return {
    id: run.threadId,
    repo: null,
    title: "",
    // No time can be read; the youngest one makes nothing due.
    createdAt: now,
    ending: "none",
    state: { kind: "unknown", message },
    since: null,
    lastActivityAt: null,
    // Only a thread that is surely empty may ever be deleted.
    hasMessage: true,
    costUsd: null,
    url: null,
  };
}

interface TurnView {
  readonly state: ThreadState;
  readonly since: number;
  readonly lastActivityAt: number;
}

async function viewTurn(turn: Turn, now: number): Promise<TurnView> {
  const life = await readJobLife(turn.directory);
  const lastActivityAt = life.kind === "unclaimed" ? turn.sentAt : await activity(turn, life.status);
  switch (life.kind) {
    case "unclaimed":
      return { ...unclaimedView(turn, life.launched, now), lastActivityAt };
    case "running":
      return { state: { kind: "running" }, since: turn.sentAt, lastActivityAt };
    case "died":
      return { state: { kind: "lost", message: LOST }, since: lastActivityAt, lastActivityAt };
    case "exited":
      return { ...(await endedView(turn, life)), lastActivityAt };
  }
}

const LOST = "The agent's process and its supervisor are gone without a record of how the turn ended.";

function unclaimedView(turn: Turn, launched: boolean, now: number): Omit<TurnView, "lastActivityAt"> {
  const lostAt = turn.sentAt + LOST_TURN_MILLISECONDS;
  if (launched || now < lostAt) return { state: { kind: "running" }, since: turn.sentAt };
  const message = "The turn was accepted, and no process ever started on it.";
  return { state: { kind: "error", cause: "lost_turn", mayPass: true, message }, since: lostAt };
}

async function endedView(
  turn: Turn,
  life: Extract<JobLife, { readonly kind: "exited" }>,
): Promise<Omit<TurnView, "lastActivityAt">> {
  const { stdout, stderr } = await readOutputs(turn);
  const { endedAt } = life.status;
  return {
    state: endedState({ agent: turn.agent, exit: life.exit, stdout, stderr }),
    since: endedAt === null ? turn.sentAt : onOurClock(turn, life.status, Date.parse(endedAt)),
  };
}

/**
 * The supervisor's clock is the machine's, ours is injected and may run at another speed; so its times only count as
 * distances from its own start, laid on the time at which we sent the turn.
 */
function onOurClock(turn: Turn, status: JobStatus, realTime: number): number {
  if (status.startedAt === null) return turn.sentAt;
  return turn.sentAt + Math.max(0, Math.floor(realTime - Date.parse(status.startedAt)));
}

async function activity(turn: Turn, status: JobStatus): Promise<number> {
  const names = [TURN_FILES.stdout, TURN_FILES.stderr, JOB_FILES.steps];
  const times = await Promise.all(names.map((name) => modifiedAt(join(turn.directory, name))));
  return Math.max(turn.sentAt, ...times.map((time) => (time === null ? 0 : onOurClock(turn, status, time))));
}

async function totalCost(turns: readonly Turn[]): Promise<number | null> {
  let total: number | null = null;
  for (const turn of turns) {
    const cost = turn.agent === "codex" ? null : readCost((await readOutputs(turn)).stdout);
    if (cost !== null) total = (total ?? 0) + cost;
  }
  return total;
}

async function readOutputs(turn: Turn): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const [stdout, stderr] = await Promise.all([
    readTail(join(turn.directory, TURN_FILES.stdout), TAIL_BYTES),
    readTail(join(turn.directory, TURN_FILES.stderr), STDERR_TAIL_BYTES),
  ]);
  return { stdout, stderr };
}

async function lastWords(turns: readonly Turn[]): Promise<string> {
  for (const turn of turns.toReversed()) {
    const { stdout, stderr } = await readOutputs(turn);
    const words = readWords(stdout, stderr);
    if (words !== "") return words;
  }
  return "";
}

async function readMessage(turn: Turn): Promise<Message> {
  const path = join(turn.directory, TURN_FILES.prompt);
  try {
    return { id: turn.messageId, text: await readFile(path, "utf8"), at: turn.sentAt };
  } catch (error) {
    throw fileFailure(error, "read", path);
  }
}
