// The tracker's nouns, as the core sees them: issues, label events, blockers, comments that may hold a card, commits.
import type { Gap, Observation } from "./observation.ts";

/** An issue of a repo. `repo` is lower case: `owner/name`, `host/owner/name`, or `local/<directory>`. */
export interface IssueRef {
  readonly repo: string;
  readonly number: number;
}

/** What a tracker says about an issue without being asked for details. */
export interface ListedIssue extends IssueRef {
  readonly title: string;
  readonly open: boolean;
  /**
   * Trimmed and in lower case. A local `priority: 1` reads as the label `priority:1`. A list has afk's own labels and may
   * leave out others.
   */
  readonly labels: readonly string[];
  /** Where a person reads it; null when there is no such place. */
  readonly url: string | null;
}

/** Everything that is ready, in progress, or with a person, over all repos; what could not be read is in `gaps`. */
export interface IssueList {
  readonly issues: readonly ListedIssue[];
  readonly gaps: readonly Gap[];
  /** Allowlisted repos that the tracker now calls by another name. */
  readonly renamed: readonly { readonly repo: string; readonly name: string }[];
  /** Why nothing new should be started now: the tracker's rate limit is nearly used up. Null: it is not. */
  readonly limited: string | null;
}

export type Permission = "none" | "read" | "triage" | "write" | "maintain" | "admin";

/** Somebody who did something on the tracker; `self` is the login of the tracker token. */
export interface Actor {
  readonly login: string;
  readonly type: "user" | "bot";
  readonly self: boolean;
  /** What the actor may do on the repo now; `unknown` is never enough. */
  readonly permission: Permission | "unknown";
  /** What the tracker adapter wants the operator to know about it, for example how to mend a file mode. */
  readonly note?: string;
}

/** One application of the ready label by one actor at one time. */
export interface Arming {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Null: a deleted account. */
  readonly actor: Actor | null;
}

/** Title and body edits made after the last arming. */
export type Edits =
  | { readonly kind: "known"; readonly editors: readonly (Actor | null)[] }
  | { readonly kind: "no_history" }
  | { readonly kind: "truncated" };

export interface Blocker {
  /** `owner/name#7`, as a person would write it. */
  readonly name: string;
  readonly state: "open" | "closed" | "unreadable";
}

/** A comment that contains the card's marker at the start of its first line. */
export interface CardComment {
  readonly id: string;
  readonly own: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly text: string;
}

/** What happened to labels and state, oldest first; times are milliseconds since the epoch. */
export interface IssueEvent {
  readonly kind: "labeled" | "unlabeled" | "closed" | "reopened";
  /** Lower case, for `labeled` and `unlabeled`. */
  readonly label?: string;
  readonly at: number;
  /** For `closed`: the commit that closed it. */
  readonly commit?: string;
}

/** Everything a decision about one issue needs, read at one time. */
export interface IssueDetail extends ListedIssue {
  readonly body: string;
  readonly author: Actor | null;
  /** The last application of the ready label that still stands; null when the label is not on the issue. */
  readonly arming: Arming | null;
  readonly edits: Edits;
  readonly blockers: readonly Blocker[];
  readonly openSubIssues: number;
  readonly events: readonly IssueEvent[];
  readonly cards: readonly CardComment[];
  /** False when comment pages were left unread: an absent card is then unknown. */
  readonly commentsComplete: boolean;
}

/** What is true of a repo as a whole. */
export interface RepoFacts {
  readonly repo: string;
  readonly defaultBranch: string;
  /** The full id of the default branch's newest commit. */
  readonly head: string;
  /** What the agent must run in its checkout to land a commit on the default branch. */
  readonly landing: string;
}

/** The details of the asked issues. An issue that the readable repo does not have reads as known null. */
export interface IssueReadings {
  readonly issues: readonly { readonly ref: IssueRef; readonly detail: Observation<IssueDetail | null> }[];
  readonly repos: readonly { readonly repo: string; readonly facts: Observation<RepoFacts> }[];
}

/** Which commits to look for: those of `base..default` with an `AFK-Run:` trailer. */
export interface LandedQuery extends IssueRef {
  readonly base: string;
}

export interface LandedCommit {
  readonly sha: string;
  readonly message: string;
}

/** One write to the tracker. Labels are added and removed one by one, never as a set. */
export type TrackerChange =
  | { readonly kind: "add_label" | "remove_label"; readonly ref: IssueRef; readonly label: string }
  | {
      readonly kind: "write_card";
      readonly ref: IssueRef;
      /** Null: make a new comment. */
      readonly commentId: string | null;
      readonly text: string;
    }
  | { readonly kind: "remove_card"; readonly ref: IssueRef; readonly commentId: string }
  | { readonly kind: "close" | "reopen"; readonly ref: IssueRef };

/** `owner/name#7`. */
export function issueName(ref: IssueRef): string {
  return `${ref.repo}#${ref.number}`;
}
