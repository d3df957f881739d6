// The decision table, held against DESIGN section 4 over the product of all its inputs, and against time.
import { describe, expect, test } from "vitest";
import { nextAction, type RunState } from "../../src/core/next-action.ts";
import type { Policy } from "../../src/core/policy.ts";
import { byTable, TABLE } from "../support/decision-table.ts";
import {
  choices,
  DIMENSIONS,
  DIMENSION_NAMES as names,
  isBuildable,
  stateOf,
} from "../support/run-states.ts";
import { NOON, policy, SHA } from "../support/world.ts";

/** Primes that divide no input's number of values; about 330,000 and 7,000 of 332 million states. */
const FINE = 997;
const COARSE = 45_007;

/** A run that was dispatched an hour ago, whose agent is at work and whose last turn was sent ten minutes ago. */
function run(part: Partial<RunState> = {}): RunState {
  return {
    now: NOON,
    startedAt: secondsAgo(3600),
    lastSentAt: secondsAgo(600),
    outcome: null,
    takeover: null,
    pushed: { kind: "no" },
    pushedAt: null,
    verdict: "pending",
    firstRedAt: null,
    thread: "running",
    mayPass: false,
    since: secondsAgo(300),
    lastActivityAt: secondsAgo(10),
    attempts: 0,
    resumes: 0,
    spentUsd: null,
    waitingSince: null,
    ...part,
  };
}

const pushed = { pushed: { kind: "yes", sha: SHA }, pushedAt: NOON - 60_000 } as const;
const red = { ...pushed, verdict: "red", firstRedAt: NOON - 30_000 } as const;

function secondsAgo(seconds: number): number {
  return NOON - seconds * 1000;
}

describe("over the product of all inputs", () => {
  test("the table of DESIGN and the code agree, and every decision is total, repeatable and leaves its input alone", () => {
    const differences: string[] = [];
    const rows = new Set<number>();
    for (const choice of choices(FINE)) {
      const { state, policy: limits } = stateOf(choice);
      const { row, action, outcome } = byTable(state, limits);
      const decided = nextAction(state, limits);
      const again = nextAction(state, limits);
      rows.add(row);
      const isSame = decided.action === action && decided.outcome === outcome;
      const isRepeatable = again.action === decided.action && again.reason === decided.reason;
      if (!isSame || !isRepeatable)
        differences.push(`row ${row} says ${action}, the code ${decided.action}: ${JSON.stringify(choice)}`);
    }

    expect(differences.slice(0, 5)).toEqual([]);
    expect([...rows].toSorted((a, b) => a - b)).toEqual([...new Set(TABLE.map(({ row }) => row))]);
  });

  test("the sample holds every value of every input together with every value of every other", () => {
    const pairs = new Set<string>();
    for (const choice of choices(COARSE))
      for (const [index, name] of names.entries())
        for (const other of names.slice(index + 1))
          pairs.add(`${name}=${choice[name]} ${other}=${choice[other]}`);

    const missing = names.flatMap((name, index) =>
      names
        .slice(index + 1)
        .flatMap((other) =>
          DIMENSIONS[name].flatMap((value) =>
            DIMENSIONS[other].map((another) => `${name}=${value} ${other}=${another}`),
          ),
        ),
    );
    expect(missing.filter((pair) => !pairs.has(pair))).toEqual([]);
  });
});

describe("each row", () => {
  test.each<[number, string, Partial<RunState>, Partial<Policy>, string, string]>([
    [
      0,
      "a run that ended",
      { outcome: "close_success", takeover: "handed_over" },
      { halted: true },
      "wait",
      "finishing",
    ],
    [1, "taken over", { takeover: "handed_over" }, { halted: true }, "wait", "handed_over"],
    [1, "an issue that is gone", { takeover: "issue_gone" }, {}, "wait", "issue_gone"],
    [2, "halted before a push", {}, { halted: true }, "escalate_prepush", "halted"],
    [
      2,
      "halted after a push",
      { ...pushed, verdict: "green" },
      { halted: true },
      "freeze_escalate",
      "halted",
    ],
    [
      2,
      "halted, nobody knows of a push",
      { pushed: { kind: "unknown" } },
      { halted: true },
      "freeze_escalate",
      "halted",
    ],
    [3, "green and idle", { ...pushed, verdict: "green", thread: "idle" }, {}, "close_success", "verified"],
    [
      3,
      "green and silent",
      { ...pushed, verdict: "green", lastActivityAt: secondsAgo(1801) },
      {},
      "close_success",
      "verified",
    ],
    [
      3,
      "green and overdue",
      { ...pushed, verdict: "green", startedAt: secondsAgo(14_401) },
      {},
      "close_success",
      "verified",
    ],
    [4, "green and at work", { ...pushed, verdict: "green" }, {}, "wait", "agent_busy"],
    [
      5,
      "red for too long",
      { ...red, firstRedAt: secondsAgo(3600) },
      {},
      "freeze_escalate",
      "fix_time_exhausted",
    ],
    [5, "red and spent", { ...red, spentUsd: 100 }, {}, "freeze_escalate", "budget_exhausted"],
    [5, "red and lost", { ...red, thread: "lost" }, {}, "freeze_escalate", "thread_lost"],
    [
      5,
      "red after all attempts",
      { ...red, thread: "idle", attempts: 5 },
      {},
      "freeze_escalate",
      "attempts_exhausted",
    ],
    [6, "red while the last attempt works", { ...red, attempts: 5 }, {}, "wait", "agent_busy"],
    [
      6,
      "red just after a turn was sent",
      { ...red, thread: "idle", lastSentAt: secondsAgo(179) },
      {},
      "wait",
      "agent_busy",
    ],
    [7, "red, asks for the first time", { ...red, thread: "waiting" }, {}, "ask_human", "waiting_for_human"],
    [
      7,
      "red, asked before",
      { ...red, thread: "waiting", waitingSince: secondsAgo(5) },
      {},
      "wait",
      "waiting_for_human",
    ],
    [8, "red and idle", { ...red, thread: "idle" }, {}, "fix_forward", "ci_red"],
    [
      9,
      "no verdict for too long",
      { ...pushed, pushedAt: secondsAgo(3601) },
      {},
      "freeze_escalate",
      "ci_timeout",
    ],
    [
      10,
      "older than everything, not pushed",
      { startedAt: secondsAgo(108_001) },
      {},
      "escalate_prepush",
      "too_old",
    ],
    [
      10,
      "older than everything, commits unknown",
      { startedAt: secondsAgo(108_001), pushed: { kind: "unknown" } },
      {},
      "freeze_escalate",
      "too_old",
    ],
    [11, "pushed and pending", pushed, {}, "wait", "ci_pending"],
    [
      11,
      "commits unknown",
      { pushed: { kind: "unknown" }, thread: "idle", spentUsd: 100 },
      {},
      "wait",
      "commits_unknown",
    ],
    [12, "asks for the first time", { thread: "waiting" }, {}, "ask_human", "waiting_for_human"],
    [
      12,
      "asked before",
      { thread: "waiting", waitingSince: secondsAgo(86_400) },
      {},
      "wait",
      "waiting_for_human",
    ],
    [
      12,
      "nobody answered",
      { thread: "waiting", waitingSince: secondsAgo(86_401) },
      {},
      "escalate_prepush",
      "no_answer",
    ],
    [13, "lost", { thread: "lost", since: secondsAgo(181) }, {}, "escalate_prepush", "thread_lost"],
    [14, "idle since a moment", { thread: "idle", since: secondsAgo(119) }, {}, "wait", "just_ended"],
    [15, "failed, may pass", { thread: "error", mayPass: true }, {}, "resume", "agent_failed"],
    [
      16,
      "failed again",
      { thread: "error", mayPass: true, resumes: 1 },
      {},
      "escalate_prepush",
      "agent_failed",
    ],
    [16, "done without a commit", { thread: "idle" }, {}, "escalate_prepush", "nothing_pushed"],
    [17, "spent", { spentUsd: 100 }, {}, "escalate_prepush", "budget_exhausted"],
    [17, "silent", { lastActivityAt: secondsAgo(1801) }, {}, "escalate_prepush", "stalled"],
    [17, "overdue", { startedAt: secondsAgo(14_401) }, {}, "escalate_prepush", "run_timeout"],
    [
      18,
      "overdue and nobody can ask",
      { thread: "unknown", startedAt: secondsAgo(14_401) },
      {},
      "escalate_prepush",
      "executor_unknown",
    ],
    [19, "at work", {}, {}, "wait", "agent_busy"],
    [19, "lost just now", { thread: "lost", since: secondsAgo(180) }, {}, "wait", "agent_busy"],
    [19, "nobody can ask", { thread: "unknown" }, {}, "wait", "executor_unknown"],
  ])("%i, %s", (row, _, part, limits, action, reason) => {
    const decided = nextAction(run(part), policy(limits));

    expect([decided.action, decided.reason]).toEqual([action, reason]);
    expect(byTable(run(part), policy(limits)).row).toBe(row);
  });

  test.each(["idle", "error", "waiting", "lost"] as const)(
    "a thread that reads %s moments after a turn was sent still counts as running",
    (thread) => {
      const fresh = { thread, since: secondsAgo(1000), lastSentAt: secondsAgo(179), attempts: 5 };

      expect(nextAction(run(fresh), policy())).toMatchObject({ action: "wait", reason: "agent_busy" });
      expect(nextAction(run({ ...red, ...fresh }), policy())).toMatchObject({ action: "wait" });
      expect(nextAction(run({ ...pushed, verdict: "green", ...fresh }), policy())).toMatchObject({
        action: "wait",
      });
    },
  );
});

type Five = Pick<RunState, "verdict" | "thread" | "attempts"> & {
  readonly isPushed: boolean;
  readonly redForSeconds: number;
};

/** Whether the agent may be at work on something that has its verdict; that table knows no such thing. */
function isBusyWithVerdict({ isPushed, verdict, thread }: Five): boolean {
  const hasVerdict = verdict === "green" || verdict === "red";
  return isPushed && hasVerdict && (thread === "running" || thread === "unknown");
}

describe("the table that the issue quotes", () => {
  const all: Five[] = [];
  for (const isPushed of [true, false])
    for (const verdict of ["pending", "green", "red", "unknown"] as const)
      for (const thread of ["running", "idle", "error", "unknown"] as const)
        for (const attempts of [0, 4, 5, 6])
          for (const redForSeconds of [0, 3599, 3600, 3601])
            all.push({ isPushed, verdict, thread, attempts, redForSeconds });

  function classic({ isPushed, verdict, thread, attempts, redForSeconds }: Five): string {
    if (isPushed && verdict === "green") return "close_success";
    if (isPushed && verdict === "red")
      return attempts < 5 && redForSeconds < 3600 ? "fix_forward" : "freeze_escalate";
    if (isPushed) return "wait";
    return thread === "idle" || thread === "error" ? "escalate_prepush" : "wait";
  }

  test("holds without resume and without cost, whenever the agent is not at work on what was pushed", () => {
    const asked = all.filter((five) => !isBusyWithVerdict(five));

    const answers = asked.map(({ isPushed, redForSeconds, ...five }) => {
      const firstRedAt = secondsAgo(redForSeconds);
      const state = run({ ...five, ...(isPushed ? pushed : {}), firstRedAt });
      return nextAction(state, policy({ resumeMaxAttempts: 0 })).action;
    });

    expect(asked.length).toBeGreaterThan(300);
    expect(answers).toEqual(asked.map(classic));
  });
});

/** Ticks every five minutes; after each turn that is sent, the agent ends up as it was before. */
function livedThrough(start: RunState, limits: Policy, seconds: number): RunState {
  let state = start;
  for (let at = 0; at <= seconds + 600; at += 300) {
    state = { ...state, now: start.now + at * 1000 };
    const { action, outcome } = nextAction(state, limits);
    if (outcome !== null) return { ...state, outcome };
    if (action === "fix_forward")
      state = { ...state, attempts: state.attempts + 1, lastSentAt: state.now, since: state.now };
    if (action === "resume")
      state = { ...state, resumes: state.resumes + 1, lastSentAt: state.now, since: state.now };
    if (action === "ask_human") state = { ...state, waitingSince: state.now };
  }
  return state;
}

describe("time alone", () => {
  const ALL_BUDGETS = 14_400 + 86_400 + 3600 + 3600;

  test("ends every run that can be built, within all budgets together", () => {
    const endless: string[] = [];
    for (const choice of choices(COARSE)) {
      const { state, policy: limits } = stateOf(choice);
      if (!isBuildable(state)) continue;
      const later = { ...state, now: state.now + (ALL_BUDGETS + 1) * 1000 };
      if (nextAction(later, limits).outcome === null) endless.push(JSON.stringify(choice));
    }

    expect(endless).toEqual([]);
  });

  test("ends every run also while its own actions are carried out, and no count passes its maximum", () => {
    const problems: string[] = [];
    for (const choice of choices(COARSE * 20)) {
      const { state, policy: limits } = stateOf(choice);
      if (!isBuildable(state)) continue;
      const last = livedThrough({ ...state, attempts: 0, resumes: 0 }, limits, ALL_BUDGETS);
      if (last.attempts > 5 || last.resumes > 1 || last.outcome === null)
        problems.push(JSON.stringify(choice));
    }

    expect(problems).toEqual([]);
  });
});

describe("a fact that is taken away", () => {
  /** Rows that only time decides (promise S16). */
  const BY_TIME = new Set([9, 10, 18]);
  const removals: readonly ((state: RunState) => RunState)[] = [
    (state) => ({ ...state, pushed: { kind: "unknown" }, verdict: "pending" }),
    (state) => ({ ...state, verdict: state.pushed.kind === "yes" ? "unknown" : state.verdict }),
    (state) => ({ ...state, thread: "unknown", mayPass: false, since: null, lastActivityAt: null }),
    (state) => ({ ...state, lastActivityAt: null }),
    (state) => ({ ...state, spentUsd: null }),
    (state) => ({ ...state, pushedAt: null }),
  ];

  test("never turns waiting into acting, but by rows that only time decides", () => {
    const surprises: string[] = [];
    for (const choice of choices(COARSE)) {
      const { state, policy: limits } = stateOf(choice);
      if (!isBuildable(state) || nextAction(state, limits).action !== "wait") continue;
      for (const [index, remove] of removals.entries()) {
        const poorer = remove(state);
        const { action } = nextAction(poorer, limits);
        if (action !== "wait" && !BY_TIME.has(byTable(poorer, limits).row))
          surprises.push(`removal ${index} makes it ${action}: ${JSON.stringify(choice)}`);
      }
    }

    expect(surprises.slice(0, 5)).toEqual([]);
  });

  test("unknown cost is not enforced, also where nothing may be spent", () => {
    const nothing = policy({ budgetUsd: 0 });

    expect(nextAction(run({ spentUsd: null }), nothing).reason).toBe("agent_busy");
    expect(nextAction(run({ spentUsd: 0 }), nothing).reason).toBe("budget_exhausted");
  });

  test("without the executor's own time, the end of a turn is judged by when the last one was sent", () => {
    const undated = { thread: "idle", since: null } as const;

    expect(nextAction(run({ ...undated, lastSentAt: secondsAgo(179) }), policy()).action).toBe("wait");
    expect(nextAction(run({ ...undated, lastSentAt: secondsAgo(180) }), policy()).action).toBe(
      "escalate_prepush",
    );
  });
});
