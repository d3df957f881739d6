// Chooses what poll dispatches: all gates, then one winner per free lane in a fixed order (DESIGN section 3).
import type { Digest } from "./digest.ts";
import { busyLanes, type Fleet, inFlight, nextSlot } from "./fleet.ts";
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
  let started = 0;
  for (const candidate of state.candidates.toSorted(byPriority)) {
    const { repo } = candidate.issue;
    const policy = state.policyOf(repo);
    const known = state.repos.get(repo);
    const gates = [...failedGates(candidate, known?.health ?? UNREAD_REPO, policy, digest)];
    const lanes = taken.get(repo) ?? new Set(state.fleet.known ? busyLanes(state.fleet.value, repo) : []);
    taken.set(repo, lanes);
    const lane = firstFree(lanes, policy.maxPerRepo);
    // A run's own lane and place in the fleet are no reason of their own against it.
    if (!gates.some(({ reason }) => reason === "in_progress"))
      gates.push(...capacityGates(candidate, state, { lane, started, policy }));
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
    const slot = nextSlot(digest, state.fleet.value, repo, lane);
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

interface Capacity {
  readonly lane: number | null;
  readonly started: number;
  readonly policy: Policy;
}

function capacityGates(
  candidate: Candidate,
  state: PollState,
  { lane, started, policy }: Capacity,
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
  if (inFlight(state.fleet.value) + started >= policy.maxInFlight)
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

function byPriority(a: Candidate, b: Candidate): number {
  return (
    priorityOf(a.issue.labels) - priorityOf(b.issue.labels) ||
    a.issue.number - b.issue.number ||
    (issueName(a.issue) < issueName(b.issue) ? -1 : 1)
  );
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
