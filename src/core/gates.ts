// The gates an issue must pass to be dispatched: every one that fails is reported, not only the first (DESIGN section 3).
import type { CardReading } from "./card-reading.ts";
import type { Digest } from "./digest.ts";
import { bodyHash } from "./identity.ts";
import { type Blocker, type IssueDetail, issueName, type ListedIssue } from "./issue.ts";
import type { Observation } from "./observation.ts";
import type { HoldDecision } from "./plan.ts";
import type { Policy } from "./policy.ts";
import type { HoldReason } from "./reasons.ts";
import { trustOf } from "./trust.ts";

export interface Gate {
  readonly reason: HoldReason;
  readonly message: string;
}

/** Why something is held, as a decision says it; issues that are held alike share it. */
export type Grounds = Pick<HoldDecision, "reason" | "message" | "gates">;

/** The first gate names the reason and the message has all of them; null when none failed. */
export function groundsOf(gates: readonly Gate[]): Grounds | null {
  const [first] = gates;
  if (first === undefined) return null;
  return { reason: first.reason, message: gates.map(({ message }) => message).join(" "), gates };
}

/** One ready issue with everything that was read about it. */
export interface Candidate {
  readonly issue: ListedIssue;
  readonly detail: Observation<IssueDetail | null>;
  /** Null when the details could not be read. */
  readonly card: CardReading | null;
  /** A live thread of ours works on this issue, by its card, its first message, or (while empty) its title. */
  readonly hasLiveThread: boolean;
  /** The card's run was taken over by a person and nothing of it is live. */
  readonly abandoned: boolean;
  /** Blockers that, directly or not, wait for this issue. */
  readonly cycle: readonly string[];
}

/** What is true of a candidate's repo. */
export interface RepoHealth {
  readonly renamedTo: string | null;
  readonly head: "healthy" | "red" | "unknown";
  /** What is known about the head, as a sentence. */
  readonly message: string;
  /** Open issues of the repo with a frozen run; `unreadable` when a human-labelled one could not be read. */
  readonly frozen: readonly string[];
  readonly frozenUnreadable: readonly string[];
}

/** Every gate of one issue that does not depend on the other issues of the tick. */
export function failedGates(
  candidate: Candidate,
  repo: RepoHealth,
  policy: Policy,
  digest: Digest,
): readonly Gate[] {
  const gates: Gate[] = [];
  if (repo.renamedTo !== null)
    fail(gates, "renamed", `The tracker now calls ${candidate.issue.repo} '${repo.renamedTo}'.`);
  if (!candidate.detail.known) fail(gates, "issue_unreadable", candidate.detail.message);
  else if (candidate.detail.value === null) fail(gates, "not_ready", "The issue is gone.");
  else {
    const issue = candidate.detail.value;
    stateGates(issue, candidate, policy, gates);
    trustGates(issue, candidate.card, policy, digest, gates);
    blockerGates(issue, candidate.cycle, gates);
  }
  if (repo.head === "red") fail(gates, "base_red", repo.message);
  if (repo.head === "unknown") fail(gates, "base_unknown", repo.message);
  if (repo.frozen.length > 0)
    fail(gates, "repo_frozen", `A frozen run waits for a person: ${repo.frozen.join(", ")}.`);
  if (repo.frozenUnreadable.length > 0)
    fail(
      gates,
      "repo_frozen",
      `Whether a run is frozen could not be read: ${repo.frozenUnreadable.join(", ")}.`,
    );
  return gates.length === 0 ? NO_GATES : gates;
}

/** Shared, so that what is collected as garbage does not grow with the issues that pass. */
const NO_GATES: readonly Gate[] = [];

function stateGates(issue: IssueDetail, candidate: Candidate, policy: Policy, gates: Gate[]): void {
  if (!issue.open || !issue.labels.includes(policy.readyLabel) || issue.arming === null)
    fail(gates, "not_ready", "The issue is closed or no longer carries the ready label.");
  const taken = takenBy(issue, candidate, policy);
  if (taken !== null) fail(gates, "in_progress", taken);
  if (issue.labels.includes(policy.humanLabel))
    fail(
      gates,
      "with_human",
      `A person has it: remove ${policy.humanLabel} and apply ${policy.readyLabel} again.`,
    );
  cardGate(issue, candidate, gates);
}

/** Why an issue counts as taken, as one sentence; null when it is free. */
function takenBy(issue: IssueDetail, candidate: Candidate, policy: Policy): string | null {
  const { card } = candidate;
  if (card?.kind === "valid" && card.card.outcome === null && !candidate.abandoned)
    return `Its run is under way (thread ${card.card.thread}).`;
  if (candidate.hasLiveThread) return "A run of this issue is live.";
  return issue.labels.includes(policy.inProgressLabel)
    ? `The issue carries the label ${policy.inProgressLabel}.`
    : null;
}

function cardGate(issue: IssueDetail, { card, abandoned }: Candidate, gates: Gate[]): void {
  if (card === null) return fail(gates, "card_unreadable", "The run card was not read.");
  if (card.kind === "absent") return;
  if (card.kind === "unreadable") return fail(gates, "card_unreadable", card.message);
  const isSameArming = card.card.armed === issue.arming?.id;
  if (card.card.outcome === null && !abandoned) return;
  if (!isSameArming) return;
  const outcome = card.card.outcome ?? "handed_over";
  fail(
    gates,
    "already_ran",
    `This application of the ready label had its run (${outcome}): remove the label and apply it again.`,
  );
}

function trustGates(
  issue: IssueDetail,
  card: CardReading | null,
  policy: Policy,
  digest: Digest,
  gates: Gate[],
): void {
  if (issue.arming === null) return;
  const labeler = trustOf(issue.arming.actor, policy);
  if (!labeler.trusted) fail(gates, labeler.reason, labeler.message);
  switch (issue.edits.kind) {
    case "known":
      for (const editor of issue.edits.editors)
        if (!trustOf(editor, policy).trusted) {
          const who = editor?.login ?? "an account that no longer exists";
          fail(gates, "edited_after_label", `${who} edited the issue after the ready label.`);
        }
      break;
    case "no_history":
      if (!trustOf(issue.author, policy).trusted) {
        const who = issue.author?.login ?? "an account that no longer exists";
        fail(gates, "no_edit_history", `Edits cannot be seen here, and ${who} is not trusted.`);
      }
      break;
    case "truncated":
      fail(gates, "edited_after_label", "Not all edits could be read.");
  }
  const isSameArming = card?.kind === "valid" && card.card.armed === issue.arming.id;
  if (isSameArming && card.card.body !== bodyHash(digest, issue))
    fail(gates, "edited_after_label", "The text is not the one that was approved.");
}

function blockerGates(issue: IssueDetail, cycle: readonly string[], gates: Gate[]): void {
  const open = namesOf(issue, "open");
  const unreadable = namesOf(issue, "unreadable");
  if (open.length > 0) {
    const waiting = cycle.length > 0 ? `; ${cycle.join(", ")} in turn waits for ${issueName(issue)}` : "";
    fail(gates, "blocked", `Blocked by ${open.join(", ")}${waiting}.`);
  }
  if (unreadable.length > 0)
    fail(gates, "blocker_unreadable", `These blockers cannot be read: ${unreadable.join(", ")}.`);
  if (issue.openSubIssues > 0) fail(gates, "open_sub_issues", `${issue.openSubIssues} sub-issues are open.`);
}

const NO_NAMES: readonly string[] = [];

function namesOf({ blockers }: IssueDetail, state: Blocker["state"]): readonly string[] {
  if (blockers.length === 0) return NO_NAMES;
  return blockers.filter((blocker) => blocker.state === state).map(({ name }) => name);
}

/** Takes down a gate that failed, in the one list of its issue: thousands of issues are judged in a tick. */
function fail(gates: Gate[], reason: HoldReason, message: string): void {
  gates.push({ reason, message });
}
