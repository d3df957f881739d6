// Reads everything a decision about chosen issues needs: one query for up to 20 of them, and what only some of them need after it.
import {
  type Blocker,
  type IssueDetail,
  issueName,
  type IssueReadings,
  type IssueRef,
  type RepoFacts,
} from "../../core/issue.ts";
import { known, type Observation, type Unknown, unknown } from "../../core/observation.ts";
import { toUnknown } from "../../errors.ts";
import { inBatches } from "../../github/batches.ts";
import {
  blinded,
  type GraphqlAnswer,
  isUnknown,
  partOf,
  problemAt,
  problemExactlyAt,
} from "../../github/graphql.ts";
import { elsewhere, type RepoPath } from "../../github/server.ts";
import { landingCommand } from "../../machine/git.ts";
import { withTextBlockers } from "./blockers.ts";
import { completed, type DetailWorld, type Part, partFrom } from "./draft.ts";
import { type DetailGroup, detailQuery } from "./queries.ts";
import { BranchlessRepo, DetailRepo, RawIssue, Viewer } from "./schemas.ts";

const ISSUES_AT_ONCE = 20;

interface Read {
  /** Without the blockers that texts name; by the issue's name. */
  readonly drafts: Map<string, IssueDetail | null | Unknown>;
  readonly facts: Map<string, Observation<RepoFacts>>;
}

/** Reads the details of issues and the facts of their repos; what fails blinds only the issue or the repo it is about. */
export async function readIssues(world: DetailWorld, refs: readonly IssueRef[]): Promise<IssueReadings> {
  const read: Read = { drafts: new Map(), facts: new Map() };
  const paths = new Map(world.served.paths.map((path) => [path.repo, path]));
  const asked = refs.flatMap((ref) => {
    const path = paths.get(ref.repo);
    return path === undefined ? [] : [{ path, number: ref.number }];
  });
  await inBatches(
    asked,
    ISSUES_AT_ONCE,
    (batch) => askBatch(world, batch, read),
    ({ path, number }, error) => {
      read.drafts.set(`${path.repo}#${number}`, toUnknown(error));
      if (!read.facts.has(path.repo)) read.facts.set(path.repo, toUnknown(error));
    },
  );
  const details = await withBlockers(world, read.drafts);
  const stranger = (repo: string): Unknown => unknown("config", elsewhere(world.client.server, repo));
  const repos = [...new Set(refs.map(({ repo }) => repo))];
  return {
    issues: refs.map((ref) => ({ ref, detail: details.get(issueName(ref)) ?? stranger(ref.repo) })),
    repos: repos.map((repo) => ({ repo, facts: read.facts.get(repo) ?? stranger(repo) })),
  };
}

/** Asks about a batch, and what only some of its issues need after it. */
async function askBatch(
  world: DetailWorld,
  batch: readonly { readonly path: RepoPath; readonly number: number }[],
  read: Read,
): Promise<void> {
  const paths = [...new Set(batch.map(({ path }) => path))];
  const groups = paths.map((path) => ({
    path,
    numbers: [...new Set(batch.filter((one) => one.path === path).map(({ number }) => number))],
  }));
  const { text, variables } = detailQuery(groups);
  const parts = await world.client.query(text, variables, (answer) =>
    groups.flatMap((group, index) => partsOf(world, answer, `r${index}`, group, read)),
  );
  await Promise.all(parts.map(async (part) => read.drafts.set(part.name, await completed(world, part))));
}

/** Takes one repo's facts and its issues from an answer. */
function partsOf(
  world: DetailWorld,
  answer: GraphqlAnswer,
  alias: string,
  { path, numbers }: DetailGroup,
  { facts }: Read,
): readonly Part[] {
  const viewer = partOf(Viewer, answer.data["viewer"], "the token's account");
  const value = answer.data[alias];
  const isThere = typeof value === "object" && value !== null;
  const repo = isThere
    ? partOf(BranchlessRepo, value, path.repo)
    : blinded(path.repo, problemAt(answer, alias));
  facts.set(path.repo, factsOf(answer, alias, path, value));
  return numbers.map((number, index): Part => {
    const name = `${path.repo}#${number}`;
    const none = (reading: null | Unknown): Part => ({ kind: "none", name, reading });
    const problem = problemAt(answer, alias, `i${index}`) ?? problemExactlyAt(answer, alias);
    if (isUnknown(viewer)) return none(viewer);
    if (isUnknown(repo)) return none(repo);
    if (!repo.hasIssuesEnabled)
      return none(unknown("config", `${path.repo} has its issues switched off on GitHub: switch them on.`));
    if (problem?.type === "NOT_FOUND" && problem.path?.length === 2) return none(null);
    if (problem !== null) return none(blinded(name, problem));
    const issue = partOf(RawIssue, isThere ? Reflect.get(value, `i${index}`) : null, name);
    return isUnknown(issue) ? none(issue) : partFrom(world, name, { path, viewer: viewer.login, issue });
  });
}

function factsOf(
  answer: GraphqlAnswer,
  alias: string,
  path: RepoPath,
  value: unknown,
): Observation<RepoFacts> {
  const problem = problemAt(answer, alias, "defaultBranchRef") ?? problemExactlyAt(answer, alias);
  if (problem !== null) return blinded(path.repo, problem);
  const repo = partOf(DetailRepo, value, path.repo);
  if (isUnknown(repo)) return repo;
  const branch = repo.defaultBranchRef;
  if (branch === null)
    return unknown("config", `${path.repo} has no commit yet: push a first one to its default branch.`);
  return known({
    repo: path.repo,
    defaultBranch: branch.name,
    head: branch.target.oid,
    landing: landingCommand({ remote: "origin", name: branch.name, head: branch.target.oid }),
  });
}

/** Completes issues with the blockers that their texts name; the states of issues that were read are known. */
async function withBlockers(
  { client, served }: DetailWorld,
  drafts: Read["drafts"],
): Promise<ReadonlyMap<string, Observation<IssueDetail | null>>> {
  const ready = [...drafts.values()].flatMap((draft) => (draft === null || isUnknown(draft) ? [] : [draft]));
  const states = new Map<string, Blocker["state"]>(
    ready.map((draft) => [issueName(draft), draft.open ? "open" : "closed"]),
  );
  const blockers = await withTextBlockers(client, served, ready, states);
  const details = new Map<string, Observation<IssueDetail | null>>();
  for (const [name, draft] of drafts) {
    if (draft === null) details.set(name, known(null));
    else if (isUnknown(draft)) details.set(name, draft);
  }
  for (const [index, draft] of ready.entries()) {
    const all = blockers[index] ?? draft.blockers;
    details.set(issueName(draft), known(all === draft.blockers ? draft : { ...draft, blockers: all }));
  }
  return details;
}
