// One tick: observe, decide, act, report. The imperative shell around the pure core, for both commands.
import type { IssueRef } from "./core/issue.ts";
import type { Decision } from "./core/plan.ts";
import type { Policy } from "./core/policy.ts";
import type { CommandName, ReportedDecision, RequestCounts, TickReport } from "./core/report.ts";
import { createSigner, digest } from "./digest.ts";
import type { Log } from "./log.ts";
import { isQuiet, readLists } from "./observe/lists.ts";
import type { Clock, Executor, Notifier, Tracker } from "./ports.ts";
import type { Secret } from "./secret.ts";
import type { Stage, Tools } from "./tools.ts";
import type { Worked } from "./work.ts";

export interface TickInput {
  readonly command: CommandName;
  /** Observe and decide, and do not act: nothing else asks. */
  readonly dryRun: boolean;
  /** `--repo` and `--issue`: both empty means everything. */
  readonly only: { readonly repos: readonly string[]; readonly issues: readonly IssueRef[] };
  readonly allowlist: readonly string[];
  readonly policyOf: (repo: string) => Policy;
  /** The first signs, all verify. */
  readonly stateKeys: readonly Secret[];
  readonly adapters: {
    readonly tracker: Tracker;
    readonly executor: Executor;
    /** The executor's name in the configuration. */
    readonly executorKind: string;
    /** In fold order. */
    readonly ci: readonly Stage[];
    readonly notifiers: readonly Notifier[];
  };
  readonly clock: Clock;
  /** Aborted at SIGTERM or when AFK_TICK_MAX_SECONDS are over. */
  readonly deadline: AbortSignal;
  readonly log: Log;
  readonly requests: () => RequestCounts;
}

/** Runs one tick. Throws only on a bug: what the world refuses is in the report. */
export async function tick(input: TickInput): Promise<TickReport> {
  const at = input.clock.now();
  const tools = toolsOf(input);
  const isSelected = (repo: string, issue: number | null): boolean => selects(input.only, repo, issue);
  const lists = await readLists(tools);
  const { planned, acted }: Worked = isQuiet(lists)
    ? {
        planned: { decisions: [], gaps: lists.gaps, executorId: null },
        acted: { outcomes: [], interrupted: false },
      }
    : await (await import("./work.ts")).work({ ...input, isSelected, lists }, tools);
  return {
    command: input.command,
    at,
    dryRun: input.dryRun,
    decisions: [...planned.decisions.map(reported), ...(await outsideAllowlist(input))],
    outcomes: acted.outcomes,
    gaps: planned.gaps,
    requests: input.requests(),
    disabled: null,
    interrupted: acted.interrupted || input.deadline.aborted,
  };
}

function toolsOf(input: TickInput): Tools {
  const { tracker, executor, executorKind, ci, notifiers } = input.adapters;
  return {
    tracker,
    executor,
    executorKind,
    stages: ci,
    notifiers,
    allowlist: input.allowlist,
    policyOf: input.policyOf,
    digest,
    signer: createSigner(input.stateKeys),
    clock: input.clock,
    log: input.log,
    deadline: input.deadline,
  };
}

/** `--repo` and `--issue` narrow what is acted on, never what is read (DESIGN section 2). */
function selects(only: TickInput["only"], repo: string, issue: number | null): boolean {
  if (only.repos.length === 0 && only.issues.length === 0) return true;
  return only.repos.includes(repo) || only.issues.some((ref) => ref.repo === repo && ref.number === issue);
}

/** What `--repo` or `--issue` asks for and the allowlist does not have gets its reason too, and no request. */
async function outsideAllowlist({ only, allowlist }: TickInput): Promise<readonly ReportedDecision[]> {
  const asked = [...only.repos.map((repo) => ({ repo, number: null })), ...only.issues];
  const outside = asked.filter(({ repo }) => !allowlist.includes(repo));
  if (outside.length === 0) return [];
  const { HOLD_REASONS } = await import("./core/reasons.ts");
  return outside.map(({ repo, number }) => ({
    repo,
    issue: number,
    action: "hold",
    reason: "not_allowlisted",
    message: HOLD_REASONS.not_allowlisted,
    thread: null,
    url: null,
  }));
}

function reported(decision: Decision): ReportedDecision {
  const { repo, issue, action, reason, message, thread, url } = decision;
  const common = { repo, issue, action, reason, message, thread, url };
  return decision.action === "hold" && decision.gates.length > 1
    ? { ...common, gates: decision.gates }
    : common;
}
