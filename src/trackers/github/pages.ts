// Reads the rest of what one issue's first answer held only a page of: its comments and its older events.
import type { Unknown } from "../../core/observation.ts";
import type { GithubClient } from "../../github/client.ts";
import { blinded, isUnknown, partOf, problemAt } from "../../github/graphql.ts";
import { commentsQuery, type Query, timelineQuery } from "./queries.ts";
import { type CommentPage, CommentsNode, type RawIssue, type TimelineItem, TimelineNode } from "./schemas.ts";

/** 2,000 comments. */
const MAX_COMMENT_PAGES = 40;
/** 1,000 label, state and title events. */
const MAX_TIMELINE_PAGES = 10;

export interface AllComments {
  readonly comments: CommentPage["nodes"];
  readonly complete: boolean;
}

/** All comments of an issue; not complete when there are more than afk reads or a page failed. */
export async function allComments(client: GithubClient, name: string, issue: RawIssue): Promise<AllComments> {
  const comments = [...issue.comments.nodes];
  let { pageInfo } = issue.comments;
  for (let page = 1; pageInfo.hasNextPage && pageInfo.endCursor !== null; page += 1) {
    if (page === MAX_COMMENT_PAGES) return { comments, complete: false };
    const node = await askNode(client, name, commentsQuery(issue.id, pageInfo.endCursor), CommentsNode);
    if (isUnknown(node)) return { comments, complete: false };
    comments.push(...node.comments.nodes);
    ({ pageInfo } = node.comments);
  }
  return { comments, complete: !pageInfo.hasNextPage };
}

/** All label, state and title events of an issue, oldest first; unknown when not all can be read. */
export async function allEvents(
  client: GithubClient,
  name: string,
  issue: RawIssue,
): Promise<readonly TimelineItem[] | Unknown> {
  let items = issue.timelineItems.nodes;
  let { pageInfo } = issue.timelineItems;
  for (let page = 1; pageInfo.hasPreviousPage && pageInfo.startCursor !== null; page += 1) {
    if (page === MAX_TIMELINE_PAGES)
      return {
        known: false,
        kind: "config",
        message: `${name} has more label and state events than afk reads: continue in a new issue.`,
      };
    const node = await askNode(client, name, timelineQuery(issue.id, pageInfo.startCursor), TimelineNode);
    if (isUnknown(node)) return node;
    items = [...node.timelineItems.nodes, ...items];
    ({ pageInfo } = node.timelineItems);
  }
  return items;
}

function askNode<T>(
  client: GithubClient,
  name: string,
  query: Query,
  schema: Parameters<typeof partOf<T>>[0],
): Promise<T | Unknown> {
  return client.query(query.text, query.variables, (answer) => {
    const problem = problemAt(answer, "node");
    return problem === null ? partOf(schema, answer.data["node"], name) : blinded(name, problem);
  });
}
