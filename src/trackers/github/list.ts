// Lists what concerns afk over all served repos: one query for up to 50 of them, and further pages only where there are any.
import type { AdapterDeps } from "../../adapter.ts";
import type { IssueList, ListedIssue } from "../../core/issue.ts";
import type { Gap, Unknown } from "../../core/observation.ts";
import type { AfkError } from "../../errors.ts";
import { inBatches } from "../../github/batches.ts";
import type { GithubClient } from "../../github/client.ts";
import { blinded, isUnknown, partOf, problemAt } from "../../github/graphql.ts";
import { repoName, type RepoPath, type Served } from "../../github/server.ts";
import { listQuery, type NextPage, pageQuery, type RunLabels } from "./queries.ts";
import { ListedPage, ListedRepo, NextListedPage, type RawListed } from "./schemas.ts";

const REPOS_AT_ONCE = 50;
/** Each is a hundred issues. */
const PAGES_AT_ONCE = 10;
/** More issues of one label than people can have meant. */
const MAX_ROUNDS = 100;

/** The labels of a repo's policy. */
export function runLabels(deps: Pick<AdapterDeps, "policyOf">, repo: string): RunLabels {
  const policy = deps.policyOf(repo);
  return { ready: policy.readyLabel, inProgress: policy.inProgressLabel, human: policy.humanLabel };
}

/** How labels are compared everywhere. */
export function foldLabel(label: string): string {
  return label.trim().toLowerCase();
}

interface Listing {
  readonly issues: Map<string, ListedIssue>;
  readonly gaps: Gap[];
  readonly renamed: { readonly repo: string; readonly name: string }[];
  readonly failures: AfkError[];
  pages: NextPage[];
}

/**
 * Lists what is ready (open), in progress (open or closed) or with a person (open), with the labels by which it was found:
 * all labels of all issues would cost many times as much, and the details have them.
 * @throws AfkError when not one of the served repos could be asked about.
 */
export async function listIssues(
  client: GithubClient,
  served: Served,
  deps: AdapterDeps,
): Promise<IssueList> {
  const listing: Listing = {
    issues: new Map(),
    gaps: [...served.gaps],
    renamed: [],
    failures: [],
    pages: [],
  };
  const asked = served.paths.map((path) => ({ path, labels: runLabels(deps, path.repo) }));
  await inBatches(
    asked,
    REPOS_AT_ONCE,
    async (batch) => {
      const { text, variables } = listQuery(batch);
      await client.query(text, variables, (answer) => {
        for (const [index, { path, labels }] of batch.entries()) {
          const problem = problemAt(answer, `r${index}`);
          const value = answer.data[`r${index}`];
          const repo = problem === null ? partOf(ListedRepo, value, path.repo) : blinded(path.repo, problem);
          if (isUnknown(repo)) listing.gaps.push(gapOf(path.repo, repo));
          else takeRepo(listing, client, { path, labels }, repo);
        }
      });
    },
    ({ path }, error) => {
      listing.failures.push(error);
      listing.gaps.push(gapOf(path.repo, error));
    },
  );
  if (listing.failures[0] !== undefined && listing.failures.length === asked.length)
    throw listing.failures[0];
  await readPages(client, listing);
  const order = new Map(served.paths.map(({ repo }, index) => [repo, index]));
  const issues = [...listing.issues.values()].toSorted(
    (a, b) => (order.get(a.repo) ?? 0) - (order.get(b.repo) ?? 0) || a.number - b.number,
  );
  return { issues, gaps: listing.gaps, renamed: listing.renamed, limited: client.nearLimit() };
}

function takeRepo(
  listing: Listing,
  client: GithubClient,
  { path, labels }: { readonly path: RepoPath; readonly labels: RunLabels },
  repo: ReturnType<typeof ListedRepo.parse>,
): void {
  const now = repoName(client.server, repo.nameWithOwner);
  if (now !== path.repo) listing.renamed.push({ repo: path.repo, name: now });
  if (repo.isArchived || !repo.hasIssuesEnabled) {
    const state = repo.isArchived ? "is archived" : "has its issues switched off";
    const message = `${path.repo} ${state} on GitHub: change that, or take it out of AFK_ALLOWLIST.`;
    listing.gaps.push({ on: path.repo, kind: "config", message });
  }
  takePage(listing, { path, label: labels.ready, onlyOpen: true }, repo.ready);
  takePage(listing, { path, label: labels.inProgress, onlyOpen: false }, repo.inProgress);
  takePage(listing, { path, label: labels.human, onlyOpen: true }, repo.human);
}

function takePage(
  listing: Listing,
  list: Omit<NextPage, "cursor">,
  { nodes, pageInfo }: ReturnType<typeof ListedPage.parse>,
): void {
  for (const node of nodes) takeIssue(listing, list, node);
  if (pageInfo.hasNextPage && pageInfo.endCursor !== null)
    listing.pages.push({ ...list, cursor: pageInfo.endCursor });
}

function takeIssue(listing: Listing, { path, label }: Omit<NextPage, "cursor">, node: RawListed): void {
  const key = `${path.repo}#${node.number}`;
  const before = listing.issues.get(key)?.labels ?? [];
  listing.issues.set(key, {
    repo: path.repo,
    number: node.number,
    title: node.title,
    open: node.state === "OPEN",
    labels: [...new Set([...before, label])],
    url: node.url,
  });
}

async function readPages(client: GithubClient, listing: Listing): Promise<void> {
  for (let round = 0; listing.pages.length > 0; round += 1) {
    const pages = listing.pages;
    listing.pages = [];
    if (round === MAX_ROUNDS) {
      for (const { path, label } of pages)
        listing.gaps.push({
          on: path.repo,
          kind: "config",
          message: `${path.repo} has more issues labelled ${label} than afk reads: take the label off those that are done with.`,
        });
      return;
    }
    await inBatches(
      pages,
      PAGES_AT_ONCE,
      async (batch) => {
        const { text, variables } = pageQuery(batch);
        await client.query(text, variables, (answer) => {
          for (const [index, page] of batch.entries()) {
            const problem = problemAt(answer, `r${index}`);
            const { repo } = page.path;
            const value = answer.data[`r${index}`];
            const part = problem === null ? partOf(NextListedPage, value, repo) : blinded(repo, problem);
            if (isUnknown(part)) listing.gaps.push(gapOf(repo, part));
            else takePage(listing, page, part.page);
          }
        });
      },
      ({ path }, error) => listing.gaps.push(gapOf(path.repo, error)),
    );
  }
}

function gapOf(on: string, { kind, message }: Unknown | AfkError): Gap {
  return { on, kind, message };
}
