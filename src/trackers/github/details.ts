// Reads everything a decision about chosen issues needs: one query for up to 20 of them, and what only some of them need after it.
import type { AdapterDeps } from "../../adapter.ts";
import {
  type Actor,
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
import type { GithubClient } from "../../github/client.ts";
import {
  blinded,
  type GraphqlAnswer,
  isUnknown,
  partOf,
  problemAt,
  problemExactlyAt,
} from "../../github/graphql.ts";
import { elsewhere, type RepoPath, type Served } from "../../github/server.ts";
import { landingCommand } from "../../machine/git.ts";
import { nativeBlockers, withTextBlockers } from "./blockers.ts";
import { armingOf, cardsOf, editsOf, eventsOf, openSubIssues } from "./issue.ts";
import { foldLabel } from "./list.ts";
import { allComments, allEvents } from "./pages.ts";
import { actorOf, type People } from "./people.ts";
import { type DetailGroup, detailQuery } from "./queries.ts";
import { BranchlessRepo, DetailRepo, RawIssue, Viewer } from "./schemas.ts";

const ISSUES_AT_ONCE = 20;

export interface DetailWorld {
  readonly client: GithubClient;
  readonly served: Served;
  readonly people: People;
  readonly deps: AdapterDeps;
}

interface Raw {
  readonly path: RepoPath;
  readonly viewer: string;
  readonly issue: RawIssue;
}

interface Answered {
  readonly raws: Map<string, Raw | null | Unknown>;
  readonly facts: Map<string, Observation<RepoFacts>>;
}

/** An issue with everything but the blockers that its text names; much smaller than what GitHub answered. */
interface Draft extends Omit<IssueDetail, "blockers"> {
  readonly native: readonly Blocker[];
}

interface Read {
  readonly drafts: Map<string, Draft | null | Unknown>;
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
  const answer = await world.client.query(text, variables);
  const raws: Answered["raws"] = new Map();
  const answered = { raws, facts: read.facts };
  for (const [index, group] of groups.entries()) takeGroup(answer, `r${index}`, group, answered);
  await Promise.all(
    [...raws].map(async ([name, raw]) => read.drafts.set(name, await draftOf(world, name, raw))),
  );
}

function takeGroup(
  answer: GraphqlAnswer,
  alias: string,
  { path, numbers }: DetailGroup,
  { raws, facts }: Answered,
): void {
  const viewer = partOf(Viewer, answer.data["viewer"], "the token's account");
  const value = answer.data[alias];
  const isThere = typeof value === "object" && value !== null;
  const repo = isThere
    ? partOf(BranchlessRepo, value, path.repo)
    : blinded(path.repo, problemAt(answer, alias));
  facts.set(path.repo, factsOf(answer, alias, path, value));
  for (const [index, number] of numbers.entries()) {
    const name = `${path.repo}#${number}`;
    const problem = problemAt(answer, alias, `i${index}`) ?? problemExactlyAt(answer, alias);
    if (isUnknown(viewer)) raws.set(name, viewer);
    else if (isUnknown(repo)) raws.set(name, repo);
    else if (!repo.hasIssuesEnabled)
      raws.set(
        name,
        unknown("config", `${path.repo} has its issues switched off on GitHub: switch them on.`),
      );
    else if (problem?.type === "NOT_FOUND" && problem.path?.length === 2) raws.set(name, null);
    else if (problem !== null) raws.set(name, blinded(name, problem));
    else {
      const issue = partOf(RawIssue, isThere ? Reflect.get(value, `i${index}`) : null, name);
      raws.set(name, isUnknown(issue) ? issue : { path, viewer: viewer.login, issue });
    }
  }
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

async function draftOf(
  world: DetailWorld,
  name: string,
  raw: Raw | null | Unknown,
): Promise<Draft | null | Unknown> {
  if (raw === null || isUnknown(raw)) return raw;
  try {
    return await withPeople(world, name, raw);
  } catch (error) {
    return toUnknown(error);
  }
}

/** Adds to a raw answer what takes further questions, each asked only where it matters. */
async function withPeople(
  { client, people, deps }: DetailWorld,
  name: string,
  { path, issue, viewer }: Raw,
): Promise<Draft | Unknown> {
  const events = await allEvents(client, name, issue);
  if (isUnknown(events)) return events;
  const comments = await allComments(client, name, issue);
  const ask = (actor: Actor | null): Promise<Actor | null> => people.withPermission(path, actor);
  const arming = armingOf(issue, events, deps.policyOf(path.repo).readyLabel, viewer);
  const edits = editsOf(issue, events, arming, viewer);
  const ref = { repo: path.repo, number: issue.number };
  return {
    ...ref,
    title: issue.title,
    open: issue.state === "OPEN",
    labels: issue.labels.nodes.map((label) => foldLabel(label.name)),
    url: issue.url,
    body: issue.body,
    author: actorOf(issue.author, viewer),
    arming: arming === null ? null : { ...arming, actor: await ask(arming.actor) },
    edits: edits.kind === "known" ? { ...edits, editors: await Promise.all(edits.editors.map(ask)) } : edits,
    native: nativeBlockers(client, ref, issue),
    openSubIssues: openSubIssues(issue),
    events: eventsOf(events),
    cards: cardsOf(comments.comments),
    commentsComplete: comments.complete,
  };
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
  for (const [index, { native, ...draft }] of ready.entries())
    details.set(issueName(draft), known({ ...draft, blockers: blockers[index] ?? native }));
  return details;
}
