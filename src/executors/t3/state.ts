// Judges what a T3 thread does, from its session, its latest turn, its pending requests and what was said last.
import { oneLine } from "../../core/text.ts";
import type { ErrorCause, ThreadState } from "../../core/thread.ts";
import { LOST_TURN_MILLISECONDS } from "./commands.ts";
import type { T3Thread } from "./schemas.ts";

export interface Judged {
  readonly state: ThreadState;
  /** By the server's clock, in milliseconds. */
  readonly since: number | null;
}

const SESSION_WORDS = ["idle", "starting", "running", "ready", "interrupted", "stopped", "error"];
const TURN_WORDS = ["running", "interrupted", "completed", "error", "errored"];
const MESSAGE_LENGTH = 400;

/** The state of a thread; `now` is afk's clock, which may differ a little from the server's. */
export function judge(thread: T3Thread, now: number): Judged {
  const { session, latestTurn } = thread;
  if (session !== null && !SESSION_WORDS.includes(session.status))
    return unknownWord("session", session.status, session.updatedAt);
  if (latestTurn !== null && !TURN_WORDS.includes(latestTurn.state))
    return unknownWord("turn", latestTurn.state, latestTurn.requestedAt);
  if (isSessionActive(thread)) return active(thread);
  if (isUnstarted(thread)) return unstarted(thread, now);
  // Nobody but the session could end such a turn; silence is judged by the core.
  if (latestTurn?.state === "running" && (session === null || session.status === "idle"))
    return active(thread);
  return ended(thread);
}

/** Whether an agent works, or may begin to: the turn was accepted a short while ago and nothing stopped it since. */
export function isAtWork(thread: T3Thread, now: number): boolean {
  if (isSessionActive(thread) || thread.session?.activeTurnId != null) return true;
  return isUnstarted(thread) && unstarted(thread, now).state.kind === "running";
}

/** When the newest message was sent; null when none was, or the answer does not tell. */
export function lastSentAt(thread: T3Thread): number | null {
  const times = thread.messages
    .filter(({ role }) => role === "user")
    // A message that is sent again keeps the time of its creation.
    .map(({ createdAt, updatedAt }) => Math.max(createdAt, updatedAt ?? 0));
  const newest = Math.max(thread.latestUserMessageAt ?? 0, ...times);
  return newest === 0 ? null : newest;
}

function isSessionActive({ session }: T3Thread): boolean {
  return session?.status === "starting" || session?.status === "running";
}

/** Whether the newest message was accepted and no turn has taken it up. */
function isUnstarted(thread: T3Thread): boolean {
  const sentAt = lastSentAt(thread);
  return sentAt !== null && (thread.latestTurn === null || thread.latestTurn.requestedAt < sentAt);
}

function active(thread: T3Thread): Judged {
  const pending = pendingRequest(thread);
  if (pending !== null) return { state: { kind: "waiting", message: pending.message }, since: pending.since };
  return { state: { kind: "running" }, since: lastSentAt(thread) ?? thread.latestTurn?.requestedAt ?? null };
}

function unstarted(thread: T3Thread, now: number): Judged {
  const { session } = thread;
  const sentAt = lastSentAt(thread) ?? thread.updatedAt;
  if (session !== null && session.updatedAt >= sentAt) {
    if (session.lastError !== null) return sessionFailure(session.lastError, "setup", session.updatedAt);
    if (session.status === "stopped")
      return failed("killed", false, "The session was stopped before the turn began.", session.updatedAt);
  }
  // A message that is sent again shows in the shell only as a change of the thread.
  const lostAt = Math.max(sentAt, thread.updatedAt) + LOST_TURN_MILLISECONDS;
  if (now < lostAt) return { state: { kind: "running" }, since: sentAt };
  return failed("lost_turn", true, "The turn was accepted, and no agent ever took it up.", lostAt);
}

function ended(thread: T3Thread): Judged {
  const { session, latestTurn } = thread;
  const endedAt = latestTurn?.completedAt ?? session?.updatedAt ?? thread.createdAt;
  const isFailed = latestTurn?.state === "error" || latestTurn?.state === "errored";
  const isNews = session !== null && session.updatedAt >= (latestTurn?.requestedAt ?? 0);
  const lastError = isNews ? session.lastError : null;
  if (isFailed || session?.status === "error" || (session?.status === "stopped" && lastError !== null))
    return sessionFailure(
      lastError ?? "The provider failed.",
      latestTurn === null ? "setup" : "killed",
      session?.updatedAt ?? endedAt,
    );
  const words = lastWordsOfTurn(thread);
  if (words.startsWith("API Error")) return apiFailure(words, endedAt);
  if (latestTurn?.state === "interrupted" || session?.status === "interrupted")
    return failed("killed", false, "The turn was interrupted.", endedAt);
  return { state: { kind: "idle" }, since: endedAt };
}

function sessionFailure(text: string, cause: "setup" | "killed", since: number): Judged {
  // Such a session works again with the next message.
  if (text.includes("did not survive a server restart")) return failed("killed", true, text, since);
  return failed(cause, cause === "killed", text, since);
}

/** A failure of the model's API ends the turn as `completed`, with these words as the agent's. */
function apiFailure(words: string, since: number): Judged {
  const code = Number(/^API Error\W{0,3}(\d{3})\b/.exec(words)?.[1] ?? 0);
  if (code === 401 || code === 403) return failed("auth", false, words, since);
  if (code === 429) return failed("rate_limit", true, words, since);
  if (code >= 500) return failed("overloaded", true, words, since);
  return failed("other", false, words, since);
}

/** What the agent said last in the latest turn; empty where answers have no messages. */
function lastWordsOfTurn({ messages, latestTurn }: T3Thread): string {
  const said = messages.filter(({ role, turnId }) => role === "assistant" && turnId === latestTurn?.turnId);
  return said.at(-1)?.text ?? "";
}

export interface Pending {
  readonly message: string;
  readonly since: number;
}

/** What a person is waited for, if anything. The shell has flags, a thread's own answer has the requests among its activities. */
export function pendingRequest(thread: T3Thread): Pending | null {
  const approval = openedAt(thread, "approval") ?? (thread.hasPendingApprovals ? thread.updatedAt : null);
  if (approval !== null) return { message: "The agent waits for an approval.", since: approval };
  const question = openedAt(thread, "user-input") ?? (thread.hasPendingUserInput ? thread.updatedAt : null);
  if (question !== null) return { message: "The agent asked a question and waits.", since: question };
  return null;
}

function openedAt({ activities }: T3Thread, what: "approval" | "user-input"): number | null {
  const open = new Map<string, number>();
  for (const { kind, payload, createdAt } of activities) {
    if (payload === null) continue;
    if (kind === `${what}.requested`) open.set(payload.requestId, createdAt);
    if (kind === `${what}.resolved`) open.delete(payload.requestId);
  }
  return open.values().next().value ?? null;
}

function unknownWord(of: string, word: string, since: number): Judged {
  const message = `T3 says '${oneLine(word, 40)}' of the ${of}, a word that afk does not know.`;
  return { state: { kind: "unknown", message }, since };
}

function failed(cause: ErrorCause, mayPass: boolean, text: string, since: number): Judged {
  return { state: { kind: "error", cause, mayPass, message: oneLine(text, MESSAGE_LENGTH) }, since };
}
