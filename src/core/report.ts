// What one tick has to tell: decisions, outcomes, gaps and requests, and the exit code that follows from them.
import type { FailureKind, Gap } from "./observation.ts";

export type CommandName = "poll" | "watch";

/** One decision, also a hold, with its machine-readable reason code and a sentence. */
export interface ReportedDecision {
  readonly repo: string;
  readonly issue: number | null;
  readonly action: string;
  readonly reason: string;
  readonly message: string;
  readonly thread: string | null;
  readonly url: string | null;
  /** Every gate that failed, where there can be several. */
  readonly gates?: readonly { readonly reason: string; readonly message: string }[];
}

/** What became of an action. `skipped`: a fresh read showed that it is not needed or not right any more. */
export interface ReportedOutcome {
  readonly repo: string;
  readonly issue: number | null;
  readonly action: string;
  readonly result: "done" | "skipped" | "failed";
  readonly reason: string;
  readonly message: string;
  /** Why it failed; a failure without a kind counts as a bug. */
  readonly kind?: FailureKind;
}

/** HTTP requests made in this tick, by the kind of adapter that made them. */
export interface RequestCounts {
  readonly total: number;
  readonly tracker: number;
  readonly executor: number;
  readonly ci: number;
  readonly notifier: number;
}

/** Why a tick did nothing at all (DESIGN section 3, switches and allowlist). */
export interface Disabled {
  readonly reason: "kill_switch" | "halted" | "allowlist_empty";
  readonly message: string;
}

export interface TickReport {
  readonly command: CommandName;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly dryRun: boolean;
  readonly decisions: readonly ReportedDecision[];
  readonly outcomes: readonly ReportedOutcome[];
  readonly gaps: readonly Gap[];
  readonly requests: RequestCounts;
  readonly disabled: Disabled | null;
  /** The tick had to end before everything was done (SIGTERM or AFK_TICK_MAX_SECONDS). */
  readonly interrupted: boolean;
}

export const noRequests: RequestCounts = { total: 0, tracker: 0, executor: 0, ci: 0, notifier: 0 };

// The exit codes of DESIGN section 7, the worst first.
const WORST_FIRST: readonly FailureKind[] = ["bug", "config", "contract", "transport"];

/** The exit code of the worst of these failures; 0 when there is none. */
export function exitCodeOf(failures: readonly FailureKind[]): number {
  const worst = WORST_FIRST.find((kind) => failures.includes(kind));
  switch (worst) {
    case undefined:
      return 0;
    case "bug":
      return 1;
    case "config":
      return 2;
    case "transport":
      return 3;
    case "contract":
      return 4;
  }
}

/** The exit code of a tick: the worst of its gaps, its failed outcomes and its interruption. */
export function exitCode(report: TickReport): number {
  const failed = report.outcomes.filter((outcome) => outcome.result === "failed");
  return exitCodeOf([
    ...report.gaps.map((gap) => gap.kind),
    ...failed.map((outcome) => outcome.kind ?? "bug"),
    ...(report.interrupted ? (["transport"] as const) : []),
  ]);
}
