// Reads one issue's raw answer as the rules see it: the arming, the edits after it, what people did, and run cards.
import type { Actor, Arming, CardComment, Edits, IssueEvent } from "../../core/issue.ts";
import { foldLabel } from "./list.ts";
import { actorOf } from "./people.ts";
import type { CommentPage, RawIssue, TimelineItem } from "./schemas.ts";

const MARKER = "<!-- afk:run:";

/**
 * The last application of the ready label that still stands; the timeline is complete and oldest first.
 * That an agent or an app acted in a person's name (`intent`, `performed_via_github_app`) GraphQL does not tell.
 */
export function armingOf(
  issue: RawIssue,
  timeline: readonly TimelineItem[],
  readyLabel: string,
  viewer: string,
): Arming | null {
  if (!issue.labels.nodes.some(({ name }) => foldLabel(name) === readyLabel)) return null;
  for (const item of timeline.toReversed()) {
    if (item.kind === "UnlabeledEvent" && foldLabel(item.label.name) === readyLabel) break;
    if (item.kind !== "LabeledEvent" || foldLabel(item.label.name) !== readyLabel) continue;
    return { id: item.id, at: item.createdAt, actor: actorOf(item.actor, viewer) };
  }
  // The label is there and nobody is said to have put it there: a transfer, an import, or a read between two events.
  return { id: `unknown-${issue.id}`, at: issue.createdAt, actor: null };
}

/** Body and title edits since the arming; GitHub knows only seconds, so the same second counts as after. */
export function editsOf(
  issue: RawIssue,
  timeline: readonly TimelineItem[],
  arming: Arming | null,
  viewer: string,
): Edits {
  if (arming === null) return { kind: "known", editors: [] };
  const history = issue.userContentEdits;
  const isEditedAfter = issue.lastEditedAt !== null && issue.lastEditedAt >= arming.at;
  if (history === null ? isEditedAfter : history.totalCount > history.nodes.length)
    return { kind: "truncated" };
  const edits = (history?.nodes ?? []).filter((edit) => edit.editedAt >= arming.at);
  const editors: (Actor | null)[] = edits.map((edit) => actorOf(edit.editor, viewer));
  // The issue says that it was edited and its history does not.
  if (isEditedAfter && edits.length === 0) editors.push(actorOf(issue.editor, viewer));
  for (const item of timeline)
    if (item.kind === "RenamedTitleEvent" && item.createdAt >= arming.at)
      editors.push(actorOf(item.actor, viewer));
  const different = new Map(editors.map((editor) => [editor?.login ?? "", editor]));
  return { kind: "known", editors: [...different.values()] };
}

/** What happened to labels and state, oldest first. */
export function eventsOf(timeline: readonly TimelineItem[]): readonly IssueEvent[] {
  return timeline.flatMap((item): IssueEvent[] => {
    const at = item.createdAt;
    switch (item.kind) {
      case "LabeledEvent":
        return [{ kind: "labeled", label: foldLabel(item.label.name), at }];
      case "UnlabeledEvent":
        return [{ kind: "unlabeled", label: foldLabel(item.label.name), at }];
      case "ClosedEvent": {
        const commit = item.closer?.oid ?? item.closer?.mergeCommit?.oid;
        return [{ kind: "closed", at, ...(commit === undefined ? {} : { commit }) }];
      }
      case "ReopenedEvent":
        return [{ kind: "reopened", at }];
      case "RenamedTitleEvent":
        return [];
    }
  });
}

/** Whether a comment begins with a card's marker. */
export function isCard({ body }: CommentPage["nodes"][number]): boolean {
  return body.startsWith(MARKER);
}

export function cardsOf(comments: CommentPage["nodes"]): readonly CardComment[] {
  return comments.filter(isCard).map((comment) => ({
    id: comment.fullDatabaseId,
    own: comment.viewerDidAuthor,
    createdAt: comment.createdAt,
    text: comment.body,
  }));
}

/** How many sub-issues are open, or cannot be seen, which counts as open. */
export function openSubIssues({ subIssues }: RawIssue): number {
  if (subIssues === undefined) return 0;
  const closed = subIssues.nodes.filter((node) => node?.state === "CLOSED").length;
  return subIssues.totalCount - closed;
}
