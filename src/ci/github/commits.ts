// Reads what GitHub has about single commits: many of them in one request, and further pages where there are any.
import type { Unknown } from "../../core/observation.ts";
import { toUnknown } from "../../errors.ts";
import { inBatches, variableList } from "../../github/batches.ts";
import type { GithubClient } from "../../github/client.ts";
import { blinded, type GraphqlAnswer, isUnknown, partOf, problemAt } from "../../github/graphql.ts";
import type { RepoPath } from "../../github/server.ts";
import { type CheckSuite, CommitRepo, type Context, MoreContexts } from "./schemas.ts";

export interface CommitRef {
  readonly path: RepoPath;
  readonly sha: string;
}

/** Everything about the checks of one commit. */
export interface CommitReading {
  /** GitHub's own fold of it; null when there is nothing at all. */
  readonly state: string | null;
  readonly contexts: readonly Context[];
  readonly suites: readonly CheckSuite[];
}

const COMMITS_AT_ONCE = 20;
const MAX_PAGES = 20;

const CONTEXTS = `pageInfo { hasNextPage endCursor } nodes {
      kind: __typename
      ... on CheckRun {
        id name status conclusion startedAt completedAt detailsUrl permalink
        checkSuite { id app { slug } workflowRun { event url workflow { name } } }
      }
      ... on StatusContext { context state description targetUrl createdAt }
    }`;

/** Reads commits, one answer each in order. An error anywhere within a commit makes it unknown: never a green. */
export async function readCommits(
  client: GithubClient,
  commits: readonly CommitRef[],
): Promise<readonly (CommitReading | Unknown)[]> {
  const readings = new Map<CommitRef, CommitReading | Unknown>();
  await inBatches(
    commits,
    COMMITS_AT_ONCE,
    async (batch) => {
      const { declared, values } = variables(batch);
      const text = commitText(declared, batch.length);
      const read = (answer: GraphqlAnswer) =>
        batch.map((commit, index) => ({ commit, first: firstPage(answer, `r${index}`, commit) }));
      for (const { commit, first } of await client.query(() => text, values, read))
        readings.set(commit, isUnknown(first) ? first : await withFurtherPages(client, commit, first));
    },
    (commit, error) => readings.set(commit, toUnknown(error)),
  );
  return commits.map((commit) => readings.get(commit) ?? toUnknown(new Error("a commit got no answer")));
}

function variables(batch: readonly CommitRef[]): ReturnType<typeof variableList> {
  return variableList([
    { name: "o", type: "String!", values: batch.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: batch.map(({ path }) => path.name) },
    { name: "s", type: "GitObjectID!", values: batch.map(({ sha }) => sha) },
  ]);
}

function commitText(declared: string, count: number): string {
  const repos = Array.from(
    { length: count },
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) { object(oid: $s${i}) { ...Checks } }`,
  );
  return `query Commits(${declared}) {
  ${repos.join("\n  ")}
}
fragment Checks on Commit {
  statusCheckRollup { state contexts(first: 100) { ${CONTEXTS} } }
  checkSuites(first: 50) { nodes { id status conclusion createdAt workflowRun { event url workflow { name } } } }
}`;
}

/** A reading of which more checks may follow. */
interface FirstPage extends CommitReading {
  readonly pageInfo: ContextPage["pageInfo"] | null;
}

function firstPage(answer: GraphqlAnswer, alias: string, commit: CommitRef): FirstPage | Unknown {
  const what = nameOf(commit);
  const problem = problemAt(answer, alias);
  if (problem !== null) return blinded(what, problem);
  const repo = partOf(CommitRepo, answer.data[alias], what);
  if (isUnknown(repo)) return repo;
  if (repo.object === null)
    return { known: false, kind: "transport", message: `GitHub does not have ${what}: was it pushed?` };
  const { statusCheckRollup: rollup, checkSuites } = repo.object;
  const suites = checkSuites?.nodes ?? [];
  if (rollup === null) return { state: null, contexts: [], suites, pageInfo: null };
  const { nodes: contexts, pageInfo } = rollup.contexts;
  return { state: rollup.state, contexts, suites, pageInfo };
}

async function withFurtherPages(
  client: GithubClient,
  commit: CommitRef,
  { pageInfo: firstInfo, ...first }: FirstPage,
): Promise<CommitReading | Unknown> {
  const contexts = [...first.contexts];
  let pageInfo = firstInfo;
  for (let page = 1; pageInfo?.hasNextPage === true && pageInfo.endCursor !== null; page += 1) {
    if (page === MAX_PAGES)
      return { known: false, kind: "config", message: `${nameOf(commit)} has more checks than afk reads.` };
    const more = await nextContexts(client, commit, pageInfo.endCursor);
    if (isUnknown(more)) return more;
    contexts.push(...more.nodes);
    ({ pageInfo } = more);
  }
  return { ...first, contexts };
}

type ContextPage = NonNullable<
  NonNullable<ReturnType<typeof MoreContexts.parse>["object"]>["statusCheckRollup"]
>["contexts"];

function nextContexts(
  client: GithubClient,
  commit: CommitRef,
  cursor: string,
): Promise<ContextPage | Unknown> {
  const text = `query Contexts($owner: String!, $name: String!, $sha: GitObjectID!, $cursor: String!) {
  it: repository(owner: $owner, name: $name) { object(oid: $sha) { ... on Commit {
    statusCheckRollup { contexts(first: 100, after: $cursor) { ${CONTEXTS} } }
  } } }
}`;
  const { owner, name } = commit.path;
  const read = (answer: GraphqlAnswer): ContextPage | Unknown => {
    const what = nameOf(commit);
    const problem = problemAt(answer, "it");
    if (problem !== null) return blinded(what, problem);
    const repo = partOf(MoreContexts, answer.data["it"], what);
    if (isUnknown(repo)) return repo;
    return repo.object?.statusCheckRollup?.contexts ?? blinded(what, null);
  };
  return client.query(() => text, { owner, name, sha: commit.sha, cursor }, read);
}

function nameOf({ path, sha }: CommitRef): string {
  return `the checks of ${path.repo} at ${sha.slice(0, 12)}`;
}
