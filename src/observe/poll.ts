// Observes everything poll decides about: ready issues, what holds their lanes, and the health of their repos.
import { blockerCycles } from "../core/cycles.ts";
import { type CardOnIssue, type Fleet, type PlacedThread, titledIssue } from "../core/fleet.ts";
import type { Candidate, RepoHealth } from "../core/gates.ts";
import { type IssueDetail, issueName, type ListedIssue, type RepoFacts } from "../core/issue.ts";
import { type Gap, known, type Observation, unknown } from "../core/observation.ts";
import { takeoverOf } from "../core/run-state.ts";
import type { PollState } from "../core/select.ts";
import { foldVerdict } from "../core/verdict.ts";
import type { Tools } from "../tools.ts";
import { ask, gapOf } from "./ask.ts";
import { readDetails, type SeenIssue, warnOfOwnLabels } from "./details.ts";
import type { Lists } from "./lists.ts";
import { readStages } from "./runs.ts";
import { identify, placeThreads, readLive, threadsByIssue } from "./threads.ts";

export interface PollObservation {
  readonly state: Omit<PollState, "isSelected">;
  /** Everything whose details were read, with the live threads that work on it. */
  readonly issues: readonly SeenIssue[];
  readonly orphans: readonly PlacedThread[];
  /** Null: not known, or there was no run that needed it. */
  readonly executorId: string | null;
  readonly gaps: readonly Gap[];
}

/** Reads on from the lists: details, commits and verdicts only for repos with something ready. */
export async function observePoll(tools: Tools, lists: Lists): Promise<PollObservation> {
  const { issues: listed, threads: list } = lists;
  const gaps: Gap[] = [...lists.gaps];
  const issues = listed.known ? listed.value.issues : [];
  const ready = issues.filter((issue) => issue.open && has(issue, tools, "readyLabel"));
  const readyRepos = new Set(ready.map((issue) => issue.repo));
  const relevant = issues.filter(
    (issue) => has(issue, tools, "inProgressLabel") || readyRepos.has(issue.repo),
  );
  const seen = await readDetails(tools, relevant, gaps);
  warnOfOwnLabels(tools, seen);
  const cards = seen.flatMap(({ card }) => (card?.kind === "valid" ? [card.card] : []));
  const live = await readLive(tools, list, cards, gaps);
  const executorId = await identify(list, cards, live);
  const threadsOf = threadsByIssue(live.ours, { named: live.ours, saidIssue });
  const withLive = seen.map((issue) => ({ ...issue, live: threadsOf(issue) }));
  const read = readingsOf(withLive);
  const fleet = list.known ? known({ threads: live.ours, cards: cardsOf(tools, withLive) }) : list;
  const cycles = blockerCycles(detailsOf(seen));
  const withPeople = Map.groupBy(
    issues.filter((issue) => issue.open && has(issue, tools, "humanLabel")),
    ({ repo }) => repo,
  );
  const renamed = new Map((listed.known ? listed.value.renamed : []).map(({ repo, name }) => [repo, name]));
  const health = async (repo: string) => {
    const facts = read.facts.get(repo) ?? null;
    const head = await headOf(tools, repo, facts, gaps);
    const frozen = frozenOf(withPeople.get(repo) ?? [], read);
    return [repo, { health: { renamedTo: renamed.get(repo) ?? null, ...frozen, ...head }, facts }] as const;
  };
  // All at once: a stage puts the questions of one moment into few requests, and bounds these itself.
  const repos = await Promise.all([...readyRepos].map(health));
  return {
    issues: withLive,
    orphans: live.unnamed,
    executorId: executorId.known ? executorId.value : null,
    gaps,
    state: {
      candidates: ready.map((issue) => candidateOf(tools, issue, read.issues.get(issueName(issue)), cycles)),
      fleet,
      limited: listed.known ? listed.value.limited : null,
      repos: new Map(repos),
      policyOf: tools.policyOf,
    },
  };
}

/** Reads every id the executor has ever seen: lane freedom and slots of a dispatch come from this one read. */
export async function observeFleet(tools: Tools, cards: readonly CardOnIssue[]): Promise<Observation<Fleet>> {
  const all = await ask(() => tools.executor.listThreads("all"));
  if (!all.known) return all;
  return known({
    threads: placeThreads(
      tools,
      all.value,
      cards.map(({ card }) => card),
    ),
    cards,
  });
}

function has(
  issue: ListedIssue,
  tools: Tools,
  label: "readyLabel" | "inProgressLabel" | "humanLabel",
): boolean {
  return issue.labels.includes(tools.policyOf(issue.repo)[label]);
}

/** What a thread says it works on; an empty one only by its title, made moments before and changed by nobody yet. */
function saidIssue(placed: PlacedThread): string | null {
  if (placed.run !== null) return issueName(placed.run.issue);
  return placed.thread.hasMessage ? null : titledIssue(placed);
}

interface Readings {
  /** By name. */
  readonly issues: ReadonlyMap<string, SeenIssue>;
  /** By repo. */
  readonly facts: ReadonlyMap<string, RepoFacts>;
}

function readingsOf(seen: readonly SeenIssue[]): Readings {
  const facts = new Map<string, RepoFacts>();
  for (const issue of seen) if (issue.facts !== null) facts.set(issue.ref.repo, issue.facts);
  return { issues: new Map(seen.map((issue) => [issueName(issue.ref), issue])), facts };
}

function cardsOf(tools: Tools, seen: readonly SeenIssue[]): readonly CardOnIssue[] {
  return seen.flatMap((issue) => {
    if (issue.card?.kind !== "valid" || !issue.detail.known || issue.detail.value === null) return [];
    const { card } = issue.card;
    const inProgress = issue.detail.value.labels.includes(tools.policyOf(issue.ref.repo).inProgressLabel);
    return [{ card, inProgress, abandoned: isAbandoned(tools, issue, inProgress) }];
  });
}

/** A person took the issue back and put the thread away: watch no longer sees such a run, so nothing of it may hold. */
function isAbandoned(tools: Tools, issue: SeenIssue, inProgress: boolean): boolean {
  if (issue.card?.kind !== "valid" || !issue.detail.known || inProgress || issue.live.length > 0)
    return false;
  const facts = {
    detail: issue.detail.value,
    card: issue.card.card,
    landed: unknown("transport", "not asked"),
  };
  return takeoverOf(facts, tools.policyOf(issue.ref.repo)) !== null;
}

function candidateOf(
  tools: Tools,
  issue: ListedIssue,
  found: SeenIssue | undefined,
  cycles: ReadonlyMap<string, readonly string[]>,
): Candidate {
  const inProgress = has(issue, tools, "inProgressLabel");
  return {
    issue,
    detail: found?.detail ?? unknown("contract", "The tracker gave no details of the issue."),
    card: found?.card ?? null,
    hasLiveThread: (found?.live.length ?? 0) > 0,
    abandoned: found !== undefined && isAbandoned(tools, found, inProgress),
    cycle: cycles.get(issueName(issue)) ?? [],
  };
}

function detailsOf(seen: readonly SeenIssue[]): readonly IssueDetail[] {
  return seen.flatMap(({ detail }) => (detail.known && detail.value !== null ? [detail.value] : []));
}

function frozenOf(
  withPeople: readonly ListedIssue[],
  read: Readings,
): Pick<RepoHealth, "frozen" | "frozenUnreadable"> {
  const cardOf = (issue: ListedIssue): SeenIssue["card"] => read.issues.get(issueName(issue))?.card ?? null;
  const frozen = withPeople.filter((issue) => {
    const card = cardOf(issue);
    return card?.kind === "valid" && card.card.outcome === "freeze_escalate";
  });
  const unreadable = withPeople.filter((issue) => (cardOf(issue)?.kind ?? "unreadable") === "unreadable");
  return { frozen: frozen.map(issueName), frozenUnreadable: unreadable.map(issueName) };
}

async function headOf(
  tools: Tools,
  repo: string,
  facts: RepoFacts | null,
  gaps: Gap[],
): Promise<Pick<RepoHealth, "head" | "message">> {
  if (facts === null) return { head: "unknown", message: "The repo's default branch could not be read." };
  const readings = await readStages(tools, repo, facts.head);
  gaps.push(...readings.flatMap((reading) => gapOf(repo, reading.verdict)));
  const verdict = foldVerdict(readings);
  const where = `The newest commit of ${facts.defaultBranch} (${facts.head.slice(0, 12)})`;
  if (verdict.kind === "red") return { head: "red", message: `${where} is red at ${verdict.stage}.` };
  if (verdict.kind !== "unknown") return { head: "healthy", message: `${where} is not red.` };
  return { head: "unknown", message: `${where} has no readable verdict: ${verdict.message}` };
}
