// Makes the tracker's writes by REST, each as small as it can be, and never twice without looking.
import * as z from "zod/mini";
import { issueName, type IssueRef, type TrackerChange } from "../../core/issue.ts";
import { AfkError } from "../../errors.ts";
import { parseJson } from "../../http.ts";
import type { GithubClient, RestRequest } from "../../github/client.ts";
import type { RawAnswer } from "../../github/limits.ts";
import { elsewhere, type RepoPath, type Served } from "../../github/server.ts";
import { foldLabel } from "./list.ts";
import { LabelList, WrittenComment } from "./schemas.ts";

/** GitHub says 404 for what is gone or not shown, and 410 for what was deleted. */
const ABSENT = [404, 410];

/**
 * Makes one write and gives back the id of the comment that it wrote, if any.
 * @throws AfkError `transport` when the issue or comment is gone, `config` when the token may not or the repo has moved.
 */
export async function writeChange(
  client: GithubClient,
  served: Served,
  change: TrackerChange,
): Promise<string | null> {
  const { ref } = change;
  const path = served.paths.find(({ repo }) => repo === ref.repo);
  if (path === undefined) throw new AfkError("config", elsewhere(client.server, ref.repo));
  const issue = `${repoUrl(path)}/issues/${ref.number}`;
  switch (change.kind) {
    case "add_label":
      await send(client, ref, {
        method: "POST",
        path: `${issue}/labels`,
        body: { labels: [change.label] },
      });
      return null;
    case "remove_label":
      await removeLabel(client, ref, issue, change.label);
      return null;
    case "write_card":
      return writeCard(client, path, change);
    case "remove_card":
      // A comment that is gone already is as good.
      await client.rest({
        method: "DELETE",
        path: commentUrl(path, ref, change.commentId),
        accept: ABSENT,
      });
      return null;
    case "close":
      await send(client, ref, {
        method: "PATCH",
        path: issue,
        body: { state: "closed", state_reason: "completed" },
      });
      return null;
    case "reopen":
      await send(client, ref, { method: "PATCH", path: issue, body: { state: "open" } });
      return null;
    default:
      return change satisfies never;
  }
}

/** GitHub says 404 both when the label is not on the issue and when the issue cannot be seen: a read settles which. */
async function removeLabel(client: GithubClient, ref: IssueRef, issue: string, label: string): Promise<void> {
  const path = `${issue}/labels/${encodeURIComponent(label)}`;
  const answer = await client.rest({ method: "DELETE", path, accept: ABSENT });
  if (!ABSENT.includes(answer.status)) return void parseJson("GitHub", answer.text, LabelList);
  const left = await send(client, ref, { method: "GET", path: `${issue}/labels?per_page=100` });
  const names = parseJson("GitHub", left.text, LabelList).map(({ name }) => foldLabel(name));
  if (names.includes(foldLabel(label)))
    throw new AfkError(
      "transport",
      `GitHub did not remove the label ${label} from ${issueName(ref)}: a later tick tries again.`,
    );
}

async function writeCard(
  client: GithubClient,
  path: RepoPath,
  change: Extract<TrackerChange, { readonly kind: "write_card" }>,
): Promise<string> {
  const { ref, commentId, text } = change;
  const comment =
    commentId === null
      ? { method: "POST" as const, path: `${repoUrl(path)}/issues/${ref.number}/comments` }
      : { method: "PATCH" as const, path: commentUrl(path, ref, commentId) };
  const answer = await send(client, ref, { ...comment, body: { body: text } });
  // Also for an edit: a proxy's page with status 200 is no written card.
  return parseJson("GitHub", answer.text, WrittenComment).id;
}

async function send(client: GithubClient, ref: IssueRef, request: RestRequest): Promise<RawAnswer> {
  const answer = await client.rest({ ...request, accept: ABSENT });
  if (!ABSENT.includes(answer.status)) {
    // Something on the way may answer 200 in GitHub's place, and then nothing was done.
    parseJson("GitHub", answer.text, z.unknown());
    return answer;
  }
  throw new AfkError(
    "transport",
    `${issueName(ref)} or its comment is gone from GitHub, or this token cannot see it: the next tick looks again.`,
  );
}

function repoUrl({ owner, name }: RepoPath): string {
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

function commentUrl(path: RepoPath, ref: IssueRef, id: string): string {
  if (/^\d{1,20}$/.test(id)) return `${repoUrl(path)}/issues/comments/${id}`;
  throw new AfkError("contract", `'${id}' is not the id of a comment of ${issueName(ref)}.`);
}
