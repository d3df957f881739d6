// The decision table of a run: pure, total, first match wins (DESIGN section 4). Read this file first.
import type { Outcome } from "./card.ts";
import type { Policy } from "./policy.ts";
import type { RunReason } from "./reasons.ts";

/** Seconds after creation or a turn in which a thread counts as running, whatever a read says. */
export const SETTLING_SECONDS = 180;
/** Seconds an idle or failed agent may lack a commit before it is believed to have none. */
export const IDLE_GRACE_SECONDS = 120;

export type Action =
  | "wait"
  | "close_success"
  | "escalate_prepush"
  | "fix_forward"
  | "freeze_escalate"
  | "resume"
  | "ask_human";

export type Pushed =
  | { readonly kind: "no" }
  | { readonly kind: "yes"; readonly sha: string }
  | { readonly kind: "unknown" };

export type ThreadWord = "running" | "idle" | "error" | "waiting" | "lost" | "unknown";

/** Everything the table looks at. Times are milliseconds since the epoch; null means not known or not yet. */
export interface RunState {
  readonly now: number;
  /** The earlier of the card's dispatch time and the thread's creation. */
  readonly startedAt: number;
  /** When the thread was created or last sent a turn. */
  readonly lastSentAt: number;
  readonly outcome: Outcome | null;
  readonly takeover: "handed_over" | "issue_gone" | null;
  readonly pushed: Pushed;
  readonly pushedAt: number | null;
  readonly verdict: "pending" | "green" | "red" | "unknown";
  readonly firstRedAt: number | null;
  readonly thread: ThreadWord;
  /** For `error`: one more turn could work. */
  readonly mayPass: boolean;
  /** Since when the thread's state holds, by the executor's own time. */
  readonly since: number | null;
  readonly lastActivityAt: number | null;
  readonly attempts: number;
  readonly resumes: number;
  readonly spentUsd: number | null;
  readonly waitingSince: number | null;
}

export interface NextAction {
  readonly action: Action;
  readonly reason: RunReason;
  /** Set when the action ends the run. */
  readonly outcome: Outcome | null;
}

/** Decides what happens to one run now. The comments carry the row numbers of DESIGN's table. */
export function nextAction(state: RunState, policy: Policy): NextAction {
  const thread = settledWord(state);
  // 0: a run with an outcome is only ever finished, never decided again
  if (state.outcome !== null) return { action: "wait", reason: "finishing", outcome: state.outcome };
  // 1
  if (state.takeover !== null) return { action: "wait", reason: state.takeover, outcome: state.takeover };
  // 2
  if (policy.halted) return state.pushed.kind === "no" ? escalate("halted") : freeze("halted");
  if (state.pushed.kind === "yes" && state.verdict === "green") return whenGreen(state, thread, policy);
  if (state.pushed.kind === "yes" && state.verdict === "red") return whenRed(state, thread, policy);
  // 9
  if (state.pushed.kind === "yes" && passed(state, state.pushedAt, policy.ciMaxSeconds))
    return freeze("ci_timeout");
  // 10
  if (secondsSince(state, state.startedAt) > allBudgets(policy))
    return state.pushed.kind === "no" ? escalate("too_old") : freeze("too_old");
  // 11
  if (state.pushed.kind === "yes") return wait("ci_pending");
  if (state.pushed.kind === "unknown") return wait("commits_unknown");
  return whenNotPushed(state, thread, policy);
}

/** A thread created or sent a turn moments ago counts as running: a read may still show what was before. */
function settledWord(state: RunState): ThreadWord {
  const fresh = secondsSince(state, state.lastSentAt) < SETTLING_SECONDS;
  return fresh && state.thread !== "unknown" ? "running" : state.thread;
}

function whenGreen(state: RunState, thread: ThreadWord, policy: Policy): NextAction {
  // 3: an agent that is known to work gets its time, one that cannot be asked gets the whole run's
  const overdue = isSilent(state, thread, policy) || isOverdue(state, policy);
  const working = thread === "running" || thread === "unknown";
  if (!working || overdue) return { action: "close_success", reason: "verified", outcome: "close_success" };
  // 4
  return wait("agent_busy");
}

function whenRed(state: RunState, thread: ThreadWord, policy: Policy): NextAction {
  // 5
  if (state.firstRedAt !== null && secondsSince(state, state.firstRedAt) >= policy.fixForwardMaxSeconds)
    return freeze("fix_time_exhausted");
  if (isSpent(state, policy)) return freeze("budget_exhausted");
  if (thread === "lost") return freeze("thread_lost");
  const ended = thread === "idle" || thread === "error" || thread === "waiting";
  if (ended && state.attempts >= policy.fixForwardMaxAttempts) return freeze("attempts_exhausted");
  // 6; a thread that was sent a turn moments ago counts as running
  if (thread === "running" || thread === "unknown") return wait("agent_busy");
  // 7
  if (thread === "waiting") return state.waitingSince === null ? askHuman() : wait("waiting_for_human");
  // 8
  return { action: "fix_forward", reason: "ci_red", outcome: null };
}

function whenNotPushed(state: RunState, thread: ThreadWord, policy: Policy): NextAction {
  switch (thread) {
    case "waiting":
      // 12
      if (passed(state, state.waitingSince, policy.humanWaitSeconds)) return escalate("no_answer");
      return state.waitingSince === null ? askHuman() : wait("waiting_for_human");
    case "lost":
      // 13
      return secondsSince(state, state.since ?? state.lastSentAt) > SETTLING_SECONDS
        ? escalate("thread_lost")
        : wait("agent_busy");
    case "idle":
    case "error":
      // 14
      if (secondsSince(state, state.since ?? state.lastSentAt) < IDLE_GRACE_SECONDS)
        return wait("just_ended");
      // 15
      if (thread === "error" && state.mayPass && state.resumes < policy.resumeMaxAttempts)
        return { action: "resume", reason: "agent_failed", outcome: null };
      // 16
      return escalate(thread === "idle" ? "nothing_pushed" : "agent_failed");
    case "running":
      // 17
      if (isSpent(state, policy)) return escalate("budget_exhausted");
      if (isSilent(state, thread, policy)) return escalate("stalled");
      return isOverdue(state, policy) ? escalate("run_timeout") : wait("agent_busy");
    case "unknown":
      // 18 and 19
      return isOverdue(state, policy) ? escalate("executor_unknown") : wait("executor_unknown");
  }
}

/** Silence is judged only on a successful read. */
function isSilent(state: RunState, thread: ThreadWord, policy: Policy): boolean {
  return thread === "running" && passed(state, state.lastActivityAt, policy.stallSeconds);
}

function isOverdue(state: RunState, policy: Policy): boolean {
  return secondsSince(state, state.startedAt) > policy.runMaxSeconds;
}

/** Unknown cost is not enforced. */
function isSpent(state: RunState, policy: Policy): boolean {
  return state.spentUsd !== null && state.spentUsd >= policy.budgetUsd;
}

function allBudgets(policy: Policy): number {
  return policy.runMaxSeconds + policy.humanWaitSeconds + policy.ciMaxSeconds + policy.fixForwardMaxSeconds;
}

function secondsSince(state: RunState, then: number): number {
  return (state.now - then) / 1000;
}

function passed(state: RunState, since: number | null, limit: number): boolean {
  return since !== null && secondsSince(state, since) > limit;
}

function wait(reason: RunReason): NextAction {
  return { action: "wait", reason, outcome: null };
}

function askHuman(): NextAction {
  return { action: "ask_human", reason: "waiting_for_human", outcome: null };
}

function escalate(reason: RunReason): NextAction {
  return { action: "escalate_prepush", reason, outcome: "escalate_prepush" };
}

function freeze(reason: RunReason): NextAction {
  return { action: "freeze_escalate", reason, outcome: "freeze_escalate" };
}
