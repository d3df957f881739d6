// Makes of one issue's raw answer what decisions need of it, and asks further only where the answer was not all.
import type { AdapterDeps } from "../../adapter.ts";
import type { Actor, IssueDetail } from "../../core/issue.ts";
import type { Unknown } from "../../core/observation.ts";
import { toUnknown } from "../../errors.ts";
import type { GithubClient } from "../../github/client.ts";
import { isUnknown } from "../../github/graphql.ts";
import type { RepoPath, Served } from "../../github/server.ts";
import { nativeBlockers } from "./blockers.ts";
import { armingOf, cardsOf, editsOf, eventsOf, isCard, openSubIssues } from "./issue.ts";
import { foldLabel } from "./list.ts";
import { allComments, type AllComments, allEvents } from "./pages.ts";
import { actorOf, type People } from "./people.ts";
import type { RawIssue, TimelineItem } from "./schemas.ts";

export interface DetailWorld {
  readonly client: GithubClient;
  readonly served: Served;
  readonly people: People;
  /** GraphQL's ids of the cards that were read, by the ids that REST knows. */
  readonly nodes: Map<string, string>;
  readonly deps: AdapterDeps;
}

export interface Raw {
  readonly path: RepoPath;
  /** The login of the token's account. */
  readonly viewer: string;
  readonly issue: RawIssue;
}

/** What one answer told of an issue: a draft (much smaller than the answer), only its first pages, or why there is nothing. */
export type Part = { readonly name: string } & (
  | { readonly kind: "draft"; readonly path: RepoPath; readonly draft: IssueDetail }
  | { readonly kind: "paged"; readonly raw: Raw }
  | { readonly kind: "none"; readonly reading: null | Unknown }
);

/** Takes from a raw answer what is needed of it, at once if all of it came. */
export function partFrom(world: DetailWorld, name: string, raw: Raw): Part {
  const { comments, timelineItems } = raw.issue;
  if (comments.pageInfo.hasNextPage || timelineItems.pageInfo.hasPreviousPage)
    return { kind: "paged", name, raw };
  const draft = draftFrom(world, raw, timelineItems.nodes, { comments: comments.nodes, complete: true });
  return { kind: "draft", name, path: raw.path, draft };
}

/** Asks what is left to ask about an issue: its other pages, and what the people may do on whom its trust depends. */
export async function completed(world: DetailWorld, part: Part): Promise<IssueDetail | null | Unknown> {
  try {
    switch (part.kind) {
      case "none":
        return part.reading;
      case "draft":
        return await withPermissions(world, part.path, part.draft);
      case "paged":
        return await fromPages(world, part.name, part.raw);
    }
  } catch (error) {
    return toUnknown(error);
  }
}

async function fromPages(world: DetailWorld, name: string, raw: Raw): Promise<IssueDetail | Unknown> {
  const events = await allEvents(world.client, name, raw.issue);
  if (isUnknown(events)) return events;
  const comments = await allComments(world.client, name, raw.issue);
  return withPermissions(world, raw.path, draftFrom(world, raw, events, comments));
}

/** The issue with the blockers that GitHub knows, and nobody's permissions. */
function draftFrom(
  { client, nodes, deps }: DetailWorld,
  { path, issue, viewer }: Raw,
  events: readonly TimelineItem[],
  { comments, complete }: AllComments,
): IssueDetail {
  for (const card of comments.filter(isCard)) nodes.set(card.fullDatabaseId, card.id);
  const arming = armingOf(issue, events, deps.policyOf(path.repo).readyLabel, viewer);
  const ref = { repo: path.repo, number: issue.number };
  return {
    ...ref,
    title: issue.title,
    open: issue.state === "OPEN",
    labels: issue.labels.nodes.map((label) => foldLabel(label.name)),
    url: issue.url,
    body: issue.body,
    author: actorOf(issue.author, viewer),
    arming,
    edits: editsOf(issue, events, arming, viewer),
    blockers: nativeBlockers(client, ref, issue),
    openSubIssues: openSubIssues(issue),
    events: eventsOf(events),
    cards: cardsOf(comments),
    commentsComplete: complete,
  };
}

async function withPermissions(
  { people }: DetailWorld,
  path: RepoPath,
  draft: IssueDetail,
): Promise<IssueDetail> {
  const ask = (actor: Actor | null): Promise<Actor | null> => people.withPermission(path, actor);
  const { arming, edits } = draft;
  const actor = arming === null ? null : await ask(arming.actor);
  const editors = edits.kind === "known" ? await Promise.all(edits.editors.map(ask)) : [];
  if (actor === (arming?.actor ?? null) && editors.length === 0) return draft;
  return {
    ...draft,
    arming: arming === null ? null : { ...arming, actor },
    edits: edits.kind === "known" ? { ...edits, editors } : edits,
  };
}
