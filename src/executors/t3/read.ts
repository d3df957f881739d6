// Shows T3's threads as afk's: whose they are, how they stand, and what was said in them.
import { tail } from "../../core/text.ts";
import type { Thread, ThreadDetail } from "../../core/thread.ts";
import type { AdapterDeps } from "../../adapter.ts";
import type { T3Context } from "./commands.ts";
import { readRow, type T3Project, type T3Row, type T3Snapshot, type T3Thread } from "./schemas.ts";
import { judge, lastSentAt } from "./state.ts";

const LAST_WORDS_LENGTH = 8000;

/** Shows what a list of the server holds. */
export function showThreads(
  context: T3Context,
  { projects, threads }: T3Snapshot,
  environmentId: string,
): readonly Thread[] {
  const repos = repoHints(projects, context.deps);
  return threads.map((row) => toThread(readRow(row), context, { environmentId, repos }));
}

/** Reads one thread with its messages; null when the server does not have it, or has it archived or deleted. */
export async function readThread(context: T3Context, threadId: string): Promise<ThreadDetail | null> {
  const { client } = context;
  const [environment, row] = await Promise.all([client.readEnvironment(), client.readThread(threadId)]);
  if (row === null) return null;
  const thread = toThread(row, context, { environmentId: environment.environmentId, repos: new Map() });
  if (!row.isReadable) return { ...thread, messages: [], lastWords: "" };
  const said = row.thread.messages.filter(({ role }) => role === "assistant");
  const messages = row.thread.messages
    .filter(({ role }) => role === "user")
    .map(({ id, text, createdAt }) => ({ id, text, at: createdAt }));
  return {
    ...thread,
    hasMessage: messages.length > 0 || row.thread.latestTurn !== null,
    messages,
    lastWords: tail(said.at(-1)?.text ?? "", LAST_WORDS_LENGTH),
  };
}

interface Place {
  readonly environmentId: string;
  /** By project id. */
  readonly repos: ReadonlyMap<string, string>;
}

function toThread(row: T3Row, context: T3Context, place: Place): Thread {
  const now = context.deps.clock.now();
  if (!row.isReadable) return brokenThread(row.id, now);
  const { thread } = row;
  const { state, since } = judge(thread, now);
  return {
    id: thread.id,
    repo: place.repos.get(thread.projectId) ?? null,
    title: thread.title,
    createdAt: thread.createdAt,
    ending: endingOf(thread),
    state,
    since,
    lastActivityAt: lastActivityAt(thread),
    hasMessage: hasMessage(thread),
    costUsd: null,
    // The path of the web app's page of one thread.
    url: `${context.publicUrl}/${segment(place.environmentId)}/${segment(thread.id)}`,
  };
}

function brokenThread(id: string, now: number): Thread {
  return {
    id,
    repo: null,
    title: "",
    // No time can be read; the youngest one makes nothing due.
    createdAt: now,
    ending: "none",
    state: { kind: "unknown", message: "T3 describes the thread in a shape that afk does not know." },
    since: null,
    lastActivityAt: null,
    // Only a thread that is surely empty may ever be deleted.
    hasMessage: true,
    costUsd: null,
    url: null,
  };
}

export function endingOf(thread: T3Thread): Thread["ending"] {
  if (thread.deletedAt !== null) return "deleted";
  if (thread.archivedAt !== null) return "archived";
  return thread.settledOverride === "settled" ? "settled" : "none";
}

/** Whether a turn was ever accepted; where the answer does not tell, whatever changed since the creation counts as one. */
function hasMessage(thread: T3Thread): boolean {
  if (lastSentAt(thread) !== null || thread.latestTurn !== null) return true;
  if (thread.latestUserMessageAt !== undefined) return false;
  // Putting a thread away changes it too; what is put away is never deleted as empty, so only a turn counts there.
  if (thread.archivedAt !== null || thread.deletedAt !== null) return thread.session !== null;
  return thread.session !== null || thread.updatedAt > thread.createdAt;
}

function lastActivityAt({ session, latestTurn, ...thread }: T3Thread): number {
  const times = [
    thread.updatedAt,
    thread.latestUserMessageAt,
    session?.updatedAt,
    latestTurn?.requestedAt,
    latestTurn?.startedAt,
    latestTurn?.completedAt,
    ...thread.activities.map(({ createdAt }) => createdAt),
    ...thread.messages.map(({ createdAt, updatedAt }) => updatedAt ?? createdAt),
  ];
  return times.reduce<number>((newest, time) => Math.max(newest, time ?? 0), 0);
}

/** Which repo each project is for, by its directory: the configured ones exactly, others by the form of the name. */
function repoHints(projects: readonly T3Project[], deps: AdapterDeps): ReadonlyMap<string, string> {
  const configured = new Map(deps.repos.map((repo) => [directory(deps.workspaceOf(repo)), repo]));
  const hints = new Map<string, string>();
  for (const { id, workspaceRoot } of projects) {
    const root = directory(workspaceRoot);
    const repo = configured.get(root) ?? repoOfName(root.split("/").at(-1) ?? "");
    if (repo !== null) hints.set(id, repo);
  }
  return hints;
}

function repoOfName(name: string): string | null {
  const parts = name.toLowerCase().split("__");
  return parts.length === 2 && parts.every((part) => part !== "") ? parts.join("/") : null;
}

/** A path without slashes at its end. */
export function directory(path: string): string {
  return path.replace(/\/+$/, "");
}

/** Half a character cannot be encoded, and must not hide all other threads. */
function segment(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
