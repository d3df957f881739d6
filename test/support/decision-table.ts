// DESIGN section 4's decision table written down a second time, as data: the judge of src/core/next-action.ts.
import type { Action, NextAction, RunState } from "../../src/core/next-action.ts";
import type { Policy } from "../../src/core/policy.ts";

export interface Row {
  readonly row: number;
  readonly when: (state: RunState, policy: Policy) => boolean;
  readonly action: Action;
  /** Left out: what the action says of itself. */
  readonly outcome?: (state: RunState) => NextAction["outcome"];
}

/** Seconds since a time; a time that is not known is not long ago. */
function age(state: RunState, then: number | null): number {
  return then === null ? Number.NEGATIVE_INFINITY : (state.now - then) / 1000;
}

/** A thread created or sent a turn less than 180 s ago counts as running; one that cannot be asked stays unknown. */
function word(state: RunState): RunState["thread"] {
  return age(state, state.lastSentAt) < 180 && state.thread !== "unknown" ? "running" : state.thread;
}

function is(state: RunState, ...words: readonly RunState["thread"][]): boolean {
  return words.includes(word(state));
}

const pushed = (state: RunState): boolean => state.pushed.kind === "yes";
const notPushed = (state: RunState): boolean => state.pushed.kind === "no";
const green = (state: RunState): boolean => pushed(state) && state.verdict === "green";
const red = (state: RunState): boolean => pushed(state) && state.verdict === "red";
const spent = (state: RunState, policy: Policy): boolean => (state.spentUsd ?? -1) >= policy.budgetUsd;
/** Silence is judged only on a successful read. */
const silent = (state: RunState, policy: Policy): boolean =>
  word(state) !== "unknown" && age(state, state.lastActivityAt) > policy.stallSeconds;
const overdue = (state: RunState, policy: Policy): boolean =>
  age(state, state.startedAt) > policy.runMaxSeconds;
const halted = (_: RunState, policy: Policy): boolean => policy.halted;
const tooOld = (state: RunState, policy: Policy): boolean =>
  age(state, state.startedAt) >
  policy.runMaxSeconds + policy.humanWaitSeconds + policy.ciMaxSeconds + policy.fixForwardMaxSeconds;
/** By the executor's own time; one that gives none is judged by the last turn. */
const ended = (state: RunState): number => age(state, state.since ?? state.lastSentAt);

export const TABLE: readonly Row[] = [
  { row: 0, when: (s) => s.outcome !== null, action: "wait", outcome: (s) => s.outcome },
  { row: 1, when: (s) => s.takeover !== null, action: "wait", outcome: (s) => s.takeover },
  { row: 2, when: (s, p) => halted(s, p) && !notPushed(s), action: "freeze_escalate" },
  { row: 2, when: halted, action: "escalate_prepush" },
  {
    row: 3,
    when: (s, p) => green(s) && (is(s, "idle", "error", "waiting", "lost") || silent(s, p) || overdue(s, p)),
    action: "close_success",
  },
  { row: 4, when: green, action: "wait" },
  {
    row: 5,
    when: (s, p) =>
      red(s) &&
      (age(s, s.firstRedAt) >= p.fixForwardMaxSeconds ||
        spent(s, p) ||
        is(s, "lost") ||
        (s.attempts >= p.fixForwardMaxAttempts && is(s, "idle", "error", "waiting"))),
    action: "freeze_escalate",
  },
  {
    row: 6,
    when: (s) => red(s) && (is(s, "running", "unknown") || age(s, s.lastSentAt) < 180),
    action: "wait",
  },
  { row: 7, when: (s) => red(s) && is(s, "waiting") && s.waitingSince === null, action: "ask_human" },
  { row: 7, when: (s) => red(s) && is(s, "waiting"), action: "wait" },
  { row: 8, when: (s) => red(s) && is(s, "idle", "error"), action: "fix_forward" },
  { row: 9, when: (s, p) => pushed(s) && age(s, s.pushedAt) > p.ciMaxSeconds, action: "freeze_escalate" },
  { row: 10, when: (s, p) => tooOld(s, p) && notPushed(s), action: "escalate_prepush" },
  { row: 10, when: tooOld, action: "freeze_escalate" },
  { row: 11, when: (s) => !notPushed(s), action: "wait" },
  {
    row: 12,
    when: (s, p) => is(s, "waiting") && age(s, s.waitingSince) > p.humanWaitSeconds,
    action: "escalate_prepush",
  },
  { row: 12, when: (s) => is(s, "waiting") && s.waitingSince === null, action: "ask_human" },
  { row: 12, when: (s) => is(s, "waiting"), action: "wait" },
  { row: 13, when: (s) => is(s, "lost") && ended(s) > 180, action: "escalate_prepush" },
  { row: 14, when: (s) => is(s, "idle", "error") && ended(s) < 120, action: "wait" },
  {
    row: 15,
    when: (s, p) => is(s, "error") && s.mayPass && s.resumes < p.resumeMaxAttempts,
    action: "resume",
  },
  { row: 16, when: (s) => is(s, "idle", "error"), action: "escalate_prepush" },
  {
    row: 17,
    when: (s, p) => is(s, "running") && (spent(s, p) || silent(s, p) || overdue(s, p)),
    action: "escalate_prepush",
  },
  { row: 18, when: (s, p) => is(s, "unknown") && overdue(s, p), action: "escalate_prepush" },
  { row: 19, when: () => true, action: "wait" },
];

/** What the table says, and by which row. */
export function byTable(
  state: RunState,
  policy: Policy,
): { row: number; action: Action; outcome: NextAction["outcome"] } {
  for (const { row, when, action, outcome } of TABLE)
    if (when(state, policy)) return { row, action, outcome: outcome?.(state) ?? ownOutcome(action) };
  throw new Error("The last row matches everything.");
}

function ownOutcome(action: Action): NextAction["outcome"] {
  switch (action) {
    case "close_success":
    case "escalate_prepush":
    case "freeze_escalate":
      return action;
    case "wait":
    case "fix_forward":
    case "resume":
    case "ask_human":
      return null;
  }
}
