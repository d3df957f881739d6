// Reads what one card said before: GitHub keeps every version of a comment that was edited.
import { issueName, type IssueRef } from "../../core/issue.ts";
import { AfkError } from "../../errors.ts";
import type { GithubClient } from "../../github/client.ts";
import { blinded, isUnknown, partOf, problemAt } from "../../github/graphql.ts";
import { editsQuery } from "./queries.ts";
import { EditsNode } from "./schemas.ts";

/**
 * The newest versions of a comment. `node`: GraphQL's id of it, known once the comment was read.
 * @throws AfkError when GitHub does not say, so that nobody takes an overwritten word for one that was never there.
 */
export async function readTexts(
  client: GithubClient,
  ref: IssueRef,
  node: string | undefined,
): Promise<readonly string[]> {
  const what = `the run card of ${issueName(ref)}`;
  if (node === undefined) throw new AfkError("contract", `The history of ${what} was asked for too early.`);
  const { text, variables } = editsQuery(node);
  const found = await client.query(text, variables, (answer) => {
    const problem = problemAt(answer, "node");
    // A comment that was deleted meanwhile says nothing more; that it is gone, the next look at its issue tells.
    if (problem?.type === "NOT_FOUND") return { userContentEdits: null };
    return problem === null ? partOf(EditsNode, answer.data["node"], what) : blinded(what, problem);
  });
  if (isUnknown(found)) throw new AfkError(found.kind === "bug" ? "contract" : found.kind, found.message);
  return (found.userContentEdits?.nodes ?? []).flatMap((edit) => edit?.diff ?? []);
}
