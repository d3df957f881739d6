// Reads everything a decision about chosen issues needs: one query for up to 20 of them, and what only some of them need after it.
import * as z from "zod/mini";
import type { AdapterDeps } from "../../adapter.ts";
import { concurrently } from "../../concurrently.ts";
import {
  type Actor,
  type Arming,
  type Blocker,
  type Edits,
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
import { allComments, type AllComments, allEvents } from "./pages.ts";
import { actorOf, type People } from "./people.ts";
import { type DetailGroup, detailQuery } from "./queries.ts";
import { DetailRepo, RawIssue, type TimelineItem, Viewer } from "./schemas.ts";

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

interface Read {
  readonly raws: Map<string, Raw | null | Unknown>;
  readonly facts: Map<string, Observation<RepoFacts>>;
}

/** Reads the details of issues and the facts of their repos; what fails blinds only the issue or the repo it is about. */
export async function readIssues(world: DetailWorld, refs: readonly IssueRef[]): Promise<IssueReadings> {
  const read: Read = { raws: new Map(), facts: new Map() };
  const paths = new Map(world.served.paths.map((path) => [path.repo, path]));
  const asked = refs.flatMap((ref) => {
    const path = paths.get(ref.repo);
    return path === undefined ? [] : [{ path, number: ref.number }];
  });
  await inBatches(
    asked,
    ISSUES_AT_ONCE,
    (batch) => askBatch(world.client, batch, read),
    ({ path, number }, error) => {
      read.raws.set(`${path.repo}#${number}`, toUnknown(error));
      if (!read.facts.has(path.repo)) read.facts.set(path.repo, toUnknown(error));
    },
  );
  const details = await completed(world, read.raws);
  const stranger = (repo: string): Unknown => unknown("config", elsewhere(world.client.server, repo));
  const repos = [...new Set(refs.map(({ repo }) => repo))];
  return {
    issues: refs.map((ref) => ({ ref, detail: details.get(issueName(ref)) ?? stranger(ref.repo) })),
    repos: repos.map((repo) => ({ repo, facts: read.facts.get(repo) ?? stranger(repo) })),
  };
}

async function askBatch(
  client: GithubClient,
  batch: readonly { readonly path: RepoPath; readonly number: number }[],
  read: Read,
): Promise<void> {
  const paths = [...new Set(batch.map(({ path }) => path))];
  const groups = paths.map((path) => ({
    path,
    numbers: [...new Set(batch.filter((one) => one.path === path).map(({ number }) => number))],
  }));
  const { text, variables } = detailQuery(groups);
  const answer = await client.query(text, variables);
  for (const [index, group] of groups.entries()) takeGroup(answer, `r${index}`, group, read);
}

function takeGroup(
  answer: GraphqlAnswer,
  alias: string,
  { path, numbers }: DetailGroup,
  { raws, facts }: Read,
): void {
  const viewer = partOf(Viewer, answer.data["viewer"], "the token's account");
  const value = answer.data[alias];
  const isThere = typeof value === "object" && value !== null;
  const repo = isThere
    ? partOf(z.partial(DetailRepo, { defaultBranchRef: true }), value, path.repo)
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

interface Complete extends Raw {
  readonly ref: IssueRef;
  readonly events: readonly TimelineItem[];
  readonly comments: AllComments;
  readonly arming: Arming | null;
  readonly edits: Edits;
}

/** Adds to the raw answers what takes further questions, each asked only where it matters. */
async function completed(
  world: DetailWorld,
  raws: Read["raws"],
): Promise<ReadonlyMap<string, Observation<IssueDetail | null>>> {
  const details = new Map<string, Observation<IssueDetail | null>>();
  const ready: Complete[] = [];
  await concurrently([...raws], async ([name, raw]) => {
    try {
      const complete = raw === null || isUnknown(raw) ? raw : await withPeople(world, name, raw);
      if (complete === null) details.set(name, known(null));
      else if (isUnknown(complete)) details.set(name, complete);
      else ready.push(complete);
    } catch (error) {
      details.set(name, toUnknown(error));
    }
  });
  const states = new Map<string, Blocker["state"]>();
  for (const { ref, issue } of ready)
    states.set(issueName(ref), issue.state === "CLOSED" ? "closed" : "open");
  const questions = ready.map(({ ref, issue }) => ({
    ref,
    body: issue.body,
    native: nativeBlockers(world.client, ref, issue),
  }));
  const blockers = await withTextBlockers(world.client, world.served, questions, states);
  for (const [index, complete] of ready.entries())
    details.set(issueName(complete.ref), known(detailOf(complete, blockers[index] ?? [])));
  return details;
}

async function withPeople(world: DetailWorld, name: string, raw: Raw): Promise<Complete | Unknown> {
  const { client, people, deps } = world;
  const { path, issue, viewer } = raw;
  const events = await allEvents(client, name, issue);
  if (isUnknown(events)) return events;
  const comments = await allComments(client, name, issue);
  const ask = (actor: Actor | null): Promise<Actor | null> => people.withPermission(path, actor);
  const arming = armingOf(issue, events, deps.policyOf(path.repo).readyLabel, viewer);
  const edits = editsOf(issue, events, arming, viewer);
  return {
    ...raw,
    ref: { repo: path.repo, number: issue.number },
    events,
    comments,
    arming: arming === null ? null : { ...arming, actor: await ask(arming.actor) },
    edits: edits.kind === "known" ? { ...edits, editors: await Promise.all(edits.editors.map(ask)) } : edits,
  };
}

function detailOf(complete: Complete, blockers: readonly Blocker[]): IssueDetail {
  const { ref, issue, viewer, comments, arming, edits, events } = complete;
  return {
    ...ref,
    title: issue.title,
    open: issue.state === "OPEN",
    labels: issue.labels.nodes.map(({ name }) => foldLabel(name)),
    url: issue.url,
    body: issue.body,
    author: actorOf(issue.author, viewer),
    arming,
    edits,
    blockers,
    openSubIssues: openSubIssues(issue),
    events: eventsOf(events),
    cards: cardsOf(comments.comments),
    commentsComplete: comments.complete,
  };
}
