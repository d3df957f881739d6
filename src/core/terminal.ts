// The last writes of a run in their fixed order: each is repeated until a read shows it done (DESIGN section 4).
import type { BellKind } from "./bell.ts";
import type { Card } from "./card.ts";
import type { IssueDetail } from "./issue.ts";
import type { Policy } from "./policy.ts";

export type TrackerStep = "close" | "reopen" | "add_human" | "remove_ready";

/** A ring that failed in this many ticks no longer holds the in-progress label. */
const RING_TRIES = 3;

/**
 * What is missing on the tracker before the ring. A step that was made once after the dispatch is not made again: if its
 * effect is gone, a person undid it, and a person's change wins (promise S6).
 */
export function missingTrackerSteps(card: Card, issue: IssueDetail, policy: Policy): readonly TrackerStep[] {
  const steps: TrackerStep[] = [];
  switch (card.outcome) {
    case "close_success":
      if (issue.open && !happened(card, issue, "closed")) steps.push("close");
      break;
    case "escalate_prepush":
    case "freeze_escalate":
      if (!issue.open && closedByCommit(card, issue)) steps.push("reopen");
      if (!issue.labels.includes(policy.humanLabel) && !happened(card, issue, "labeled", policy.humanLabel))
        steps.push("add_human");
      break;
    case "handed_over":
    case "issue_gone":
      break;
    case null:
      return [];
  }
  if (issue.labels.includes(policy.readyLabel) && issue.arming?.id === card.armed) steps.push("remove_ready");
  return steps;
}

/**
 * Whether an ended run still lacks writes although neither label nor live thread leads watch to it: then the ready label of
 * its own arming leads poll to it, and removing that label is the last of them.
 */
export function isLeftToPoll(card: Card, issue: IssueDetail, policy: Policy): boolean {
  const isOver = card.outcome !== null && !issue.labels.includes(policy.inProgressLabel);
  return isOver && issue.arming?.id === card.armed;
}

/**
 * Whether a step must wait for the ring: without the in-progress label, the open issue's ready label is what leads the next
 * tick back to a bell that did not ring.
 */
export function waitsForRing(step: TrackerStep, issue: IssueDetail, policy: Policy): boolean {
  return (step === "close" || step === "remove_ready") && !issue.labels.includes(policy.inProgressLabel);
}

/** The kind of bell for an ended run; null when it rang, or failed too often to wait for it. */
export function missingRing(card: Card): BellKind | null {
  const kind = bellKind(card);
  if (kind === null || card.rang.includes(kind)) return null;
  return failedRings(card, kind) < RING_TRIES ? kind : null;
}

/** The doorbell of an outcome (DESIGN section 5). */
export function bellKind(card: Card): BellKind | null {
  switch (card.outcome) {
    case null:
      return null;
    case "close_success":
      return "done";
    case "freeze_escalate":
      return card.reason === "halted" ? "needs-human" : "frozen";
    case "escalate_prepush":
    case "handed_over":
    case "issue_gone":
      return "needs-human";
  }
}

/** The card's record after a ring of a kind, or after one more tick in which it failed. */
export function rangAfter(card: Card, kind: string, succeeded: boolean): readonly string[] {
  const others = card.rang.filter((entry) => !entry.startsWith(`${kind}:failed:`));
  return [...others, succeeded ? kind : `${kind}:failed:${failedRings(card, kind) + 1}`];
}

export function failedRings(card: Card, kind: string): number {
  const prefix = `${kind}:failed:`;
  const counts = card.rang
    .filter((rang) => rang.startsWith(prefix))
    .map((rang) => Number(rang.slice(prefix.length)));
  return Math.max(0, ...counts);
}

/** The label goes last: it is the handle by which the next tick finds unfinished work. */
export function mayRemoveInProgress(card: Card, issue: IssueDetail, policy: Policy): boolean {
  return issue.labels.includes(policy.inProgressLabel) && card.stop !== "unconfirmed";
}

function happened(card: Card, issue: IssueDetail, kind: "closed" | "labeled", label?: string): boolean {
  const since = Date.parse(card.dispatchedAt);
  return issue.events.some((event) => event.kind === kind && event.at > since && event.label === label);
}

function closedByCommit(card: Card, issue: IssueDetail): boolean {
  const since = Date.parse(card.dispatchedAt);
  const changes = issue.events.filter(
    (event) => event.at > since && (event.kind === "closed" || event.kind === "reopened"),
  );
  return changes.at(-1)?.commit !== undefined && changes.every((event) => event.kind === "closed");
}
