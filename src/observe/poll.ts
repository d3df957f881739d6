// Observes everything poll decides about: ready issues, what holds their lanes, and the health of their repos.
import { concurrently } from "../concurrently.ts";
import { blockerCycles } from "../core/cycles.ts";
import type { CardOnIssue, Fleet, PlacedThread } from "../core/fleet.ts";
import type { Candidate, RepoHealth } from "../core/gates.ts";
import { type IssueDetail, type IssueList, issueName, type ListedIssue } from "../core/issue.ts";
import { type Gap, known, type Observation, unknown } from "../core/observation.ts";
import { takeoverOf } from "../core/run-state.ts";
import type { PollState } from "../core/select.ts";
import { foldVerdict } from "../core/verdict.ts";
import type { Tools } from "../tools.ts";
import { ask, gapOf } from "./ask.ts";
import { readDetails, type SeenIssue, warnOfOwnLabels } from "./details.ts";
import { readStages } from "./runs.ts";
import { identify, placeThreads, readLive } from "./threads.ts";

export interface PollObservation {
  readonly state: Omit<PollState, "isSelected">;
  /** Everything whose details were read, with the live threads that work on it. */
  readonly issues: readonly SeenIssue[];
  readonly orphans: readonly PlacedThread[];
  /** Null: not known, or there was no run that needed it. */
  readonly executorId: string | null;
  readonly gaps: readonly Gap[];
}

/** Reads tracker and executor at once; details, commits and verdicts only for repos with something ready. */
export async function observePoll(tools: Tools): Promise<PollObservation> {
  const [listed, list] = await Promise.all([
    ask(() => tools.tracker.listIssues()),
    ask(() => tools.executor.listThreads("live")),
  ]);
  const gaps: Gap[] = [
    ...gapOf("tracker", listed),
    ...gapOf("executor", list),
    ...(listed.known ? listed.value.gaps : []),
  ];
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
  const withLive = seen.map((issue) => ({
    ...issue,
    live: live.ours.filter((thread) => worksOn(thread, issue)),
  }));
  const fleet = list.known ? known({ threads: live.ours, cards: cardsOf(tools, withLive) }) : list;
  const cycles = blockerCycles(detailsOf(seen));
  const repos = await concurrently([...readyRepos], async (repo) => {
    const health = await healthOf(tools, repo, { listed, seen: withLive, gaps });
    return [repo, { health, facts: factsOf(withLive, repo) }] as const;
  });
  return {
    issues: withLive,
    orphans: live.unnamed,
    executorId: executorId.known ? executorId.value : null,
    gaps,
    state: {
      candidates: ready.map((issue) => candidateOf(tools, issue, withLive, cycles)),
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

/** An empty thread can only be told by its title, which is made moments before and changed by nobody yet. */
function worksOn(placed: PlacedThread, issue: SeenIssue): boolean {
  if (issue.card?.kind === "valid" && issue.card.card.thread === placed.thread.id) return true;
  if (placed.run !== null) return issueName(placed.run.issue) === issueName(issue.ref);
  return !placed.thread.hasMessage && placed.thread.title.startsWith(`${issueName(issue.ref)}:`);
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
  seen: readonly SeenIssue[],
  cycles: ReadonlyMap<string, readonly string[]>,
): Candidate {
  const name = issueName(issue);
  const found = seen.find(({ ref }) => issueName(ref) === name);
  const inProgress = has(issue, tools, "inProgressLabel");
  return {
    issue,
    detail: found?.detail ?? unknown("contract", "The tracker gave no details of the issue."),
    card: found?.card ?? null,
    hasLiveThread: (found?.live.length ?? 0) > 0,
    abandoned: found !== undefined && isAbandoned(tools, found, inProgress),
    cycle: cycles.get(name) ?? [],
  };
}

function detailsOf(seen: readonly SeenIssue[]): readonly IssueDetail[] {
  return seen.flatMap(({ detail }) => (detail.known && detail.value !== null ? [detail.value] : []));
}

function factsOf(seen: readonly SeenIssue[], repo: string): SeenIssue["facts"] {
  return seen.find((issue) => issue.ref.repo === repo && issue.facts !== null)?.facts ?? null;
}

interface HealthQuestion {
  readonly listed: Observation<IssueList>;
  readonly seen: readonly SeenIssue[];
  readonly gaps: Gap[];
}

async function healthOf(
  tools: Tools,
  repo: string,
  { listed, seen, gaps }: HealthQuestion,
): Promise<RepoHealth> {
  const renamedTo = listed.known
    ? (listed.value.renamed.find((entry) => entry.repo === repo)?.name ?? null)
    : null;
  const withPeople = (listed.known ? listed.value.issues : []).filter(
    (issue) => issue.repo === repo && issue.open && has(issue, tools, "humanLabel"),
  );
  const cardFor = (issue: ListedIssue): SeenIssue["card"] =>
    seen.find(({ ref }) => issueName(ref) === issueName(issue))?.card ?? null;
  const frozen = withPeople.filter((issue) => {
    const card = cardFor(issue);
    return card?.kind === "valid" && card.card.outcome === "freeze_escalate";
  });
  const unreadable = withPeople.filter((issue) => (cardFor(issue)?.kind ?? "unreadable") === "unreadable");
  const rest = {
    renamedTo,
    frozen: frozen.map(issueName),
    frozenUnreadable: unreadable.map(issueName),
  };
  const facts = factsOf(seen, repo);
  if (facts === null)
    return { ...rest, head: "unknown", message: "The repo's default branch could not be read." };
  const readings = await readStages(tools, repo, facts.head);
  gaps.push(...readings.flatMap((reading) => gapOf(repo, reading.verdict)));
  const verdict = foldVerdict(readings);
  const where = `The newest commit of ${facts.defaultBranch} (${facts.head.slice(0, 12)})`;
  if (verdict.kind === "red")
    return { ...rest, head: "red", message: `${where} is red at ${verdict.stage}.` };
  if (verdict.kind !== "unknown") return { ...rest, head: "healthy", message: `${where} is not red.` };
  return { ...rest, head: "unknown", message: `${where} has no readable verdict: ${verdict.message}` };
}
