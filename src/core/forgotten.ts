// Decides runs that watch cannot see: neither label nor live thread leads to them, only the ready label that poll reads.
import type { Decision } from "./plan.ts";
import { RUN_REASONS } from "./reasons.ts";
import { isLeftToPoll } from "./terminal.ts";
import { decideIssue, type WatchedIssue, type WatchContext } from "./watch.ts";

export interface Forgotten {
  readonly issue: WatchedIssue;
  /** A person took the run over: nobody has to see it again. */
  readonly abandoned: boolean;
}

/** Gives a run that goes on the label by which watch finds it, and an ended one its last writes; null where nothing is missing. */
export function decideForgotten({ issue, abandoned }: Forgotten, context: WatchContext): Decision | null {
  if (issue.live.length > 0 || issue.card?.kind !== "valid") return null;
  if (!issue.detail.known || issue.detail.value === null) return null;
  const { card } = issue.card;
  const policy = context.policyOf(issue.ref.repo);
  if (isLeftToPoll(card, issue.detail.value, policy)) return decideIssue(issue, context)[0] ?? null;
  const isUnlabelled = issue.detail.value.open && !issue.detail.value.labels.includes(policy.inProgressLabel);
  if (card.outcome !== null || abandoned || !isUnlabelled) return null;
  return {
    action: "adopt",
    reason: "adopted",
    repo: issue.ref.repo,
    issue: issue.ref.number,
    thread: card.thread,
    url: null,
    message: RUN_REASONS.adopted,
    record: null,
  };
}
