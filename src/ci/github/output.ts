// Reads what failed checks say about themselves: one request for all of a commit, and no archives of logs.
import type { AdapterDeps } from "../../adapter.ts";
import { tail } from "../../core/text.ts";
import type { Failure } from "../../core/verdict.ts";
import { AfkError } from "../../errors.ts";
import type { GithubClient } from "../../github/client.ts";
import { isUnknown, partOf } from "../../github/graphql.ts";
import type { Item } from "./fold.ts";
import { type CheckOutput, OutputNodes } from "./schemas.ts";

const MAX_FAILURES = 20;
const MAX_OUTPUT = 2000;

const TEXT = `query Output($ids: [ID!]!) {
  nodes(ids: $ids) { ... on CheckRun {
    title summary text annotations(first: 20) { nodes { path message location { start { line } } } }
  } }
}`;

/** The failures of a commit with the end of their output, where GitHub has any. */
export async function failuresOf(
  client: GithubClient,
  items: readonly Item[],
  deps: AdapterDeps,
): Promise<readonly Failure[]> {
  const shown = items.slice(0, MAX_FAILURES);
  const ids = shown.flatMap(({ id }) => (id === null ? [] : [id]));
  const outputs = ids.length === 0 ? [] : await readOutputs(client, ids, deps);
  return shown.map(({ name, url, id, description }) => {
    const output = id === null ? null : (outputs[ids.indexOf(id)] ?? null);
    return { name, url, log: output === null ? description : tail(textOf(output), MAX_OUTPUT) };
  });
}

async function readOutputs(
  client: GithubClient,
  ids: readonly string[],
  deps: AdapterDeps,
): Promise<readonly (CheckOutput | null)[]> {
  try {
    const nodes = await client.query(
      () => TEXT,
      { ids },
      ({ data }) => partOf(OutputNodes, data["nodes"], "the output of checks"),
    );
    return isUnknown(nodes) ? [] : nodes;
  } catch (error) {
    // That they failed is known; a red verdict must not wait for why.
    if (!(error instanceof AfkError)) throw error;
    deps.log.warn(`The output of failed checks could not be read. ${error.message}`, { adapter: "github" });
    return [];
  }
}

function textOf({ title, summary, text, annotations }: CheckOutput): string {
  const notes = (annotations?.nodes ?? []).flatMap((note) =>
    note === null ? [] : [`${note.path}:${note.location.start.line}: ${note.message}`],
  );
  return [title, summary, text, ...notes]
    .map((part) => part?.trim() ?? "")
    .filter((part) => part !== "")
    .join("\n");
}
