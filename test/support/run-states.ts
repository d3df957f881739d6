// Every run state the decision table can tell apart: the product of all its inputs, walked through in a fixed order.
import type { RunState } from "../../src/core/next-action.ts";
import type { Policy } from "../../src/core/policy.ts";
import { NOON, policy, SHA } from "./world.ts";

/** The values of every input; times are seconds ago, around the limits of `policy()`. */
export const DIMENSIONS = {
  // Half of the states are left to the rows that look at the world.
  control: ["none", "none", "none", "none", "none", "ended", "over", "gone", "halted", "all"],
  pushed: ["no", "yes", "unknown"],
  verdict: ["pending", "green", "red", "unknown"],
  thread: ["running", "idle", "error", "waiting", "lost", "unknown"],
  mayPass: [false, true],
  attempts: [4, 5],
  resumes: [0, 1],
  spentUsd: [null, 99, 100],
  pushedAt: [null, 10, 3600, 3601],
  firstRedAt: [null, 10, 3599, 3600],
  since: [null, 119, 120, 180, 181],
  lastActivityAt: [null, 10, 1800, 1801],
  waitingSince: [null, 10, 86_400, 86_401],
  startedAt: [500, 14_400, 14_401, 108_000, 108_001],
  lastSentAt: [179, 180, 400],
} as const;

export type Choice = { readonly [D in keyof typeof DIMENSIONS]: (typeof DIMENSIONS)[D][number] };

export const DIMENSION_NAMES = Object.keys(DIMENSIONS).filter((name) => isDimension(name));

const SIZE = Object.values(DIMENSIONS).reduce((size, values) => size * values.length, 1);

function isDimension(name: string): name is keyof Choice {
  return name in DIMENSIONS;
}

/** The choice with this number, of `SIZE`: one digit for each input. */
function choiceAt(index: number): Choice {
  let rest = index;
  function next<T>(values: readonly T[]): T {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    if (value === undefined) throw new Error("An input has no values.");
    return value;
  }
  const d = DIMENSIONS;
  return {
    control: next(d.control),
    pushed: next(d.pushed),
    verdict: next(d.verdict),
    thread: next(d.thread),
    mayPass: next(d.mayPass),
    attempts: next(d.attempts),
    resumes: next(d.resumes),
    spentUsd: next(d.spentUsd),
    pushedAt: next(d.pushedAt),
    firstRedAt: next(d.firstRedAt),
    since: next(d.since),
    lastActivityAt: next(d.lastActivityAt),
    waitingSince: next(d.waitingSince),
    startedAt: next(d.startedAt),
    lastSentAt: next(d.lastSentAt),
  };
}

/**
 * Evenly spread choices. The step is a prime that divides no dimension, so that every value meets every value of every
 * other dimension; a test checks it.
 */
export function* choices(step: number): Generator<Choice> {
  for (let index = 0; index < SIZE; index += step) yield choiceAt(index);
}

/** The state and the policy that a choice describes, frozen. */
export function stateOf(choice: Choice): { readonly state: RunState; readonly policy: Policy } {
  const { control } = choice;
  const takeover = control === "gone" ? "issue_gone" : "handed_over";
  const state: RunState = {
    now: NOON,
    startedAt: NOON - choice.startedAt * 1000,
    lastSentAt: NOON - choice.lastSentAt * 1000,
    outcome: control === "ended" || control === "all" ? "freeze_escalate" : null,
    takeover: control === "over" || control === "gone" || control === "all" ? takeover : null,
    pushed: Object.freeze(choice.pushed === "yes" ? { kind: "yes", sha: SHA } : { kind: choice.pushed }),
    pushedAt: ago(choice.pushedAt),
    verdict: choice.verdict,
    firstRedAt: ago(choice.firstRedAt),
    thread: choice.thread,
    mayPass: choice.mayPass,
    since: ago(choice.since),
    lastActivityAt: ago(choice.lastActivityAt),
    attempts: choice.attempts,
    resumes: choice.resumes,
    spentUsd: choice.spentUsd,
    waitingSince: ago(choice.waitingSince),
  };
  return { state: Object.freeze(state), policy: control === "halted" || control === "all" ? HALTED : NORMAL };
}

const NORMAL = Object.freeze(policy());
const HALTED = Object.freeze(policy({ halted: true }));

function ago(seconds: number | null): number | null {
  return seconds === null ? null : NOON - seconds * 1000;
}

/** Whether run-state.ts can build it: a pushed commit has its time, and a red one the time of the first red. */
export function isBuildable(state: RunState): boolean {
  if (state.pushed.kind !== "yes") return state.verdict === "pending";
  return state.pushedAt !== null && (state.verdict !== "red" || state.firstRedAt !== null);
}
