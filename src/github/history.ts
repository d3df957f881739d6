// Walks a default branch from its newest commit down, as far as a question needs and a request allows.
import * as z from "zod/mini";
import { type Observation, known, type Unknown, unknown } from "../core/observation.ts";
import type { AfkError } from "../errors.ts";
import { toUnknown } from "../errors.ts";
import { inBatches, variableList } from "./batches.ts";
import type { GithubClient } from "./client.ts";
import { blinded, type GraphqlAnswer, isUnknown, partOf, problemAt } from "./graphql.ts";
import type { RepoPath } from "./server.ts";

const Commit = z.object({
  oid: z.string(),
  message: z.string(),
  parents: z.object({ nodes: z.array(z.object({ oid: z.string() })) }),
});
export type Commit = z.infer<typeof Commit>;

const Branch = z.object({
  defaultBranchRef: z.nullable(
    z.object({
      target: z.object({
        history: z.object({
          pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
          nodes: z.array(Commit),
        }),
      }),
    }),
  ),
});

/** The newest commits of a default branch, newest first. */
export interface History {
  readonly commits: readonly Commit[];
  /** Nothing older is left. */
  readonly complete: boolean;
}

const REPOS_AT_ONCE = 20;
/** The parents of each commit are what this query costs. */
const COMMITS_AT_ONCE = 50;
const MAX_COMMITS = 250;

interface Walk {
  readonly path: RepoPath;
  readonly wanted: ReadonlySet<string>;
  readonly commits: Commit[];
  cursor: string | null;
  end: "more" | "complete" | "enough" | Unknown;
}

/**
 * Reads the history of default branches until every wanted commit of a repo was met, at most 250 commits deep, the pages
 * of up to 20 repos in one request.
 */
export async function readHistories(
  client: GithubClient,
  questions: readonly { readonly path: RepoPath; readonly wanted: ReadonlySet<string> }[],
): Promise<readonly Observation<History>[]> {
  const walks = questions.map(({ path, wanted }): Walk => ({
    path,
    wanted,
    commits: [],
    cursor: null,
    end: "more",
  }));
  for (;;) {
    const open = walks.filter(({ end }) => end === "more");
    if (open.length === 0) break;
    const fail = (walk: Walk, error: AfkError): void => {
      walk.end = toUnknown(error);
    };
    await inBatches(open, REPOS_AT_ONCE, (batch) => readPage(client, batch), fail);
  }
  return walks.map(({ end, commits }) =>
    isUnknown(end) ? end : known({ commits, complete: end === "complete" }),
  );
}

async function readPage(client: GithubClient, walks: readonly Walk[]): Promise<void> {
  const { declared, values } = variableList([
    { name: "o", type: "String!", values: walks.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: walks.map(({ path }) => path.name) },
    { name: "c", type: "String", values: walks.map(({ cursor }) => cursor) },
  ]);
  const text = historyText(declared, walks.length);
  await client.query(
    () => text,
    values,
    (answer) => {
      for (const [index, walk] of walks.entries()) takeBranch(answer, `r${index}`, walk);
    },
  );
}

function takeBranch(answer: GraphqlAnswer, alias: string, walk: Walk): void {
  const problem = problemAt(answer, alias);
  const { repo } = walk.path;
  const part = problem === null ? partOf(Branch, answer.data[alias], repo) : blinded(repo, problem);
  if (isUnknown(part)) walk.end = part;
  else if (part.defaultBranchRef === null)
    walk.end = unknown("config", `${repo} has no commit on its default branch.`);
  else takePage(walk, part.defaultBranchRef.target.history);
}

function takePage(
  walk: Walk,
  { nodes, pageInfo }: { nodes: Commit[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } },
): void {
  walk.commits.push(...nodes);
  walk.cursor = pageInfo.endCursor;
  const met = new Set(walk.commits.map(({ oid }) => oid));
  if (!pageInfo.hasNextPage) walk.end = "complete";
  else if (walk.commits.length >= MAX_COMMITS || [...walk.wanted].every((oid) => met.has(oid)))
    walk.end = "enough";
}

function historyText(declared: string, count: number): string {
  const repos = Array.from(
    { length: count },
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    defaultBranchRef { target { ... on Commit { history(first: ${COMMITS_AT_ONCE}, after: $c${i}) {
      pageInfo { hasNextPage endCursor }
      nodes { oid message parents(first: 3) { nodes { oid } } }
    } } } }
  }`,
  );
  return `query History(${declared}) {\n  ${repos.join("\n  ")}\n}`;
}

/** A commit and what it was made from, as far as it is in these commits. */
export function ancestorsOf(commits: readonly Commit[], oid: string): ReadonlySet<string> {
  const byId = new Map(commits.map((commit) => [commit.oid, commit]));
  const found = new Set<string>();
  const open = [oid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(byId.get(next)?.parents.nodes.map((parent) => parent.oid) ?? []));
  }
  return found;
}
