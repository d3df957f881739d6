// Chooses what poll dispatches: all gates, then one winner per free lane in a fixed order (DESIGN section 3).
import type { Digest } from "./digest.ts";
import {
  busyLanes,
  type Fleet,
  fleetsByRepo,
  inFlight,
  nextSlot,
  type PlacedThread,
  titledIssue,
  unrecordedRun,
} from "./fleet.ts";
import { type Candidate, failedGates, type Gate, type RepoHealth } from "./gates.ts";
import { bodyHash, threadId } from "./identity.ts";
import { type IssueRef, issueName, type RepoFacts } from "./issue.ts";
import type { Observation } from "./observation.ts";
import type { DispatchDecision, HoldDecision } from "./plan.ts";
import type { Policy } from "./policy.ts";

export interface PollState {
  readonly candidates: readonly Candidate[];
  readonly fleet: Observation<Fleet>;
  /** Why the tracker wants nothing new to be started. */
  readonly limited: string | null;
  readonly repos: ReadonlyMap<string, { readonly health: RepoHealth; readonly facts: RepoFacts | null }>;
  readonly policyOf: (repo: string) => Policy;
  /** Which issues this tick may act on; the others do not compete for lanes. */
  readonly isSelected: (ref: IssueRef) => boolean;
}

/** Decides each candidate: dispatched into a lane, or held with every reason. */
export function selectDispatchable(
  state: PollState,
  digest: Digest,
): readonly (DispatchDecision | HoldDecision)[] {
  const decisions: (DispatchDecision | HoldDecision)[] = [];
  const taken = new Map<string, Set<number>>();
  const fleets = state.fleet.known ? fleetsByRepo(state.fleet.value) : NO_FLEETS;
  const titled = Map.groupBy(state.fleet.known ? state.fleet.value.threads : [], titledIssue);
  const running = state.fleet.known ? inFlight(state.fleet.value) : 0;
  let started = 0;
  for (const candidate of inOrder(state.candidates)) {
    const { repo } = candidate.issue;
    const policy = state.policyOf(repo);
    const known = state.repos.get(repo);
    const own = [
      ...failedGates(candidate, known?.health ?? UNREAD_REPO, policy, digest),
      ...unrecordedGates(candidate, titled.get(issueName(candidate.issue)) ?? []),
    ];
    const fleet = fleets.get(repo) ?? NO_RUNS;
    let lanes = taken.get(repo);
    if (lanes === undefined) taken.set(repo, (lanes = new Set(busyLanes(fleet, repo))));
    const lane = firstFree(lanes, policy.maxPerRepo);
    // A run's own lane and place in the fleet are no reason of their own against it.
    const gates = own.some(({ reason }) => reason === "in_progress")
      ? own
      : [...own, ...capacityGates(candidate, state, { lane, started, running, policy })];
    const detail = candidate.detail.known ? candidate.detail.value : null;
    const facts = known?.facts ?? null;
    if (
      gates.length > 0 ||
      lane === null ||
      detail === null ||
      detail.arming === null ||
      facts === null ||
      !state.fleet.known
    ) {
      decisions.push(hold(candidate, gates));
      continue;
    }
    lanes.add(lane);
    started += 1;
    const slot = nextSlot(digest, fleet, repo, lane);
    decisions.push({
      action: "dispatch",
      reason: "ready",
      repo,
      issue: detail.number,
      thread: threadId(digest, { repo, lane, slot }),
      url: detail.url,
      message: `Starting a run in lane ${lane}, slot ${slot}.`,
      lane,
      slot,
      detail,
      armed: detail.arming.id,
      bodyHash: bodyHash(digest, detail),
      facts,
    });
  }
  return decisions;
}

const UNREAD_REPO: RepoHealth = {
  renamedTo: null,
  head: "unknown",
  message: "The repo's default branch could not be read.",
  frozen: [],
  frozenUnreadable: [],
};

const NO_RUNS: Fleet = { threads: [], cards: [] };
const NO_FLEETS: ReadonlyMap<string, Fleet> = new Map();

function unrecordedGates({ detail, card }: Candidate, titled: readonly PlacedThread[]): readonly Gate[] {
  if (titled.length === 0 || !detail.known || detail.value === null) return NO_GATES;
  const thread = unrecordedRun(titled, detail.value, card);
  return thread === null ? NO_GATES : [{ reason: "already_ran", message: ranUnrecorded(thread) }];
}

const NO_GATES: readonly Gate[] = [];

/** The sentence about a run whose thread is all that tells of it. */
export function ranUnrecorded(thread: string): string {
  return `This application of the ready label had its run (thread ${thread}, put away before its card was written): remove the label and apply it again.`;
}

interface Capacity {
  readonly lane: number | null;
  /** By this tick. */
  readonly started: number;
  /** Before this tick. */
  readonly running: number;
  readonly policy: Policy;
}

function capacityGates(
  candidate: Candidate,
  state: PollState,
  { lane, started, running, policy }: Capacity,
): readonly Gate[] {
  if (!state.isSelected(candidate.issue))
    return [{ reason: "not_selected", message: "--repo or --issue left it out of this tick." }];
  if (!state.fleet.known) return [{ reason: "executor_unknown", message: state.fleet.message }];
  const gates: Gate[] = [];
  if (state.limited !== null) gates.push({ reason: "rate_limited", message: state.limited });
  if (lane === null)
    gates.push({
      reason: "repo_busy",
      message:
        policy.maxPerRepo === 1
          ? `The lane of ${candidate.issue.repo} is taken.`
          : `All ${policy.maxPerRepo} lanes of ${candidate.issue.repo} are taken.`,
    });
  if (running + started >= policy.maxInFlight)
    gates.push({ reason: "fleet_full", message: `${policy.maxInFlight} runs are in flight.` });
  if (started >= policy.maxDispatchPerTick)
    gates.push({
      reason: "tick_full",
      message: `This tick already starts ${policy.maxDispatchPerTick} runs.`,
    });
  return gates;
}

function hold(candidate: Candidate, gates: readonly Gate[]): HoldDecision {
  const first = gates[0] ?? { reason: "base_unknown" as const, message: UNREAD_REPO.message };
  return {
    action: "hold",
    repo: candidate.issue.repo,
    issue: candidate.issue.number,
    thread: null,
    url: candidate.issue.url,
    reason: first.reason,
    message: gates.length === 0 ? first.message : gates.map((gate) => gate.message).join(" "),
    gates: gates.length === 0 ? [first] : gates,
  };
}

function firstFree(busy: ReadonlySet<number>, lanes: number): number | null {
  for (let lane = 0; lane < lanes; lane += 1) if (!busy.has(lane)) return lane;
  return null;
}

/** By priority, then by number; of each issue the priority is read once. */
function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, priority: priorityOf(labelsOf(candidate)) }))
    .toSorted(
      (a, b) =>
        a.priority - b.priority ||
        a.candidate.issue.number - b.candidate.issue.number ||
        (issueName(a.candidate.issue) < issueName(b.candidate.issue) ? -1 : 1),
    )
    .map(({ candidate }) => candidate);
}

/** A list may leave out labels that are none of afk's own; the details have them all. */
function labelsOf({ issue, detail }: Candidate): readonly string[] {
  return detail.known && detail.value !== null ? detail.value.labels : issue.labels;
}

const PRIORITY = /^priority[:/]\s*p?(\d{1,6})$/;

/** The lowest `priority:<n>` label; `priority:p0` and `priority/0` read the same, no label sorts last. */
export function priorityOf(labels: readonly string[]): number {
  let priority = Number.POSITIVE_INFINITY;
  for (const label of labels) {
    const match = PRIORITY.exec(label);
    if (match !== null) priority = Math.min(priority, Number(match[1]));
  }
  // Infinity minus Infinity is no order; a number above every label's is.
  return Math.min(priority, 1e9);
}
