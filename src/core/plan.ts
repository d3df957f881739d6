// A plan is data: what a tick has decided, one decision per issue or thread, with a reason for each (DESIGN section 2).
import type { Card, Outcome } from "./card.ts";
import type { CardView } from "./card-text.ts";
import type { IssueDetail, IssueRef, RepoFacts } from "./issue.ts";
import type { Action } from "./next-action.ts";
import type { HoldReason, RunReason } from "./reasons.ts";

interface Common {
  readonly repo: string;
  readonly issue: number | null;
  readonly thread: string | null;
  readonly url: string | null;
  /** One sentence for people. */
  readonly message: string;
}

/** Start a run: the lane and slot name the thread whose creation is the lock. */
export interface DispatchDecision extends Common {
  readonly action: "dispatch";
  readonly reason: "ready";
  readonly issue: number;
  readonly thread: string;
  readonly lane: number;
  readonly slot: number;
  readonly detail: IssueDetail;
  readonly armed: string;
  readonly bodyHash: string;
  readonly facts: RepoFacts;
}

/** Leave something alone, and say why. `gates`: every gate that failed, not only the first. */
export interface HoldDecision extends Common {
  readonly action: "hold";
  readonly reason: HoldReason | RunReason;
  readonly gates: readonly { readonly reason: HoldReason; readonly message: string }[];
}

/** Make what a dead tick did not get to: the card of a thread, and the label. */
export interface AdoptDecision extends Common {
  readonly action: "adopt";
  readonly reason: "adopted";
  readonly issue: number;
  /** Null: the card stands, and only the label is missing. */
  readonly record: {
    readonly card: Card;
    readonly commentId: string | null;
    readonly view: CardView;
  } | null;
}

/** Stop a thread on the executor and touch nothing else. */
export interface AbandonDecision extends Common {
  readonly action: "abandon";
  readonly reason: "not_allowlisted" | "duplicate";
  readonly thread: string;
}

/** Remove a thread that nobody ever said anything in. */
export interface DiscardDecision extends Common {
  readonly action: "discard";
  readonly reason: "empty_thread";
  readonly thread: string;
}

/** What the decision table says about one run. */
export interface RunDecision extends Common {
  readonly action: Action;
  readonly reason: RunReason;
  readonly issue: number;
  readonly thread: string;
  readonly ref: IssueRef;
  readonly title: string;
  readonly outcome: Outcome | null;
  readonly card: Card;
  readonly commentId: string | null;
  /** The comment's text as it stands; null when there is none. */
  readonly text: string | null;
  /** Younger cards of the same issue. */
  readonly surplus: readonly string[];
  readonly view: CardView;
  /** The issue as it was read; null when it is gone. */
  readonly detail: IssueDetail | null;
  /** Whether the thread is known to be archived or deleted, or gone. */
  readonly threadIsOver: boolean;
  /** For `fix_forward` and `resume`: how the agent lands its work; null when the default branch could not be read. */
  readonly landing: string | null;
  /** For a wait: the stage that must be asked to start. */
  readonly request: string | null;
  /** For a wait: ring `waiting` for this cause, which did not ring yet. */
  readonly ringFor: "waiting" | "held" | null;
  /** The in-progress label was never added: a tick died before it. */
  readonly addInProgress: boolean;
}

export type Decision =
  | DispatchDecision
  | HoldDecision
  | AdoptDecision
  | AbandonDecision
  | DiscardDecision
  | RunDecision;

export interface Plan {
  readonly decisions: readonly Decision[];
}
