// Chooses what poll dispatches: all gates, then one winner per free lane in a fixed order (DESIGN section 3).
import { NOT_SELECTED, type Room, type Tick } from "./capacity.ts";
import type { Digest } from "./digest.ts";
import { inFlight, nextSlot, unrecordedRun } from "./fleet.ts";
import { type Candidate, failedGates, type Gate, type Grounds, groundsOf } from "./gates.ts";
import { bodyHash, threadId } from "./identity.ts";
import { type IssueDetail, type IssueRef, issueName, type ListedIssue } from "./issue.ts";
import type { DispatchDecision, HoldDecision } from "./plan.ts";
import { type ReadRepos, type RepoView, roomAt, UNREAD_REPO, viewsOf } from "./repo-view.ts";

export interface PollState extends ReadRepos {
  readonly candidates: readonly Candidate[];
  /** Why the tracker wants nothing new to be started. */
  readonly limited: string | null;
  /** Which issues this tick may act on; the others do not compete for lanes. */
  readonly isSelected: (ref: IssueRef) => boolean;
}

/** Decides each candidate: dispatched into a lane, or held with every reason. */
export function selectDispatchable(
  state: PollState,
  digest: Digest,
): readonly (DispatchDecision | HoldDecision)[] {
  const decisions: (DispatchDecision | HoldDecision)[] = [];
  const viewOf = viewsOf(state);
  const { fleet, limited } = state;
  let tick: Tick = { fleet, limited, running: fleet.known ? inFlight(fleet.value) : 0, started: 0 };
  const priorityOf = priorities();
  const judged = state.candidates.map((candidate) =>
    judge(candidate, viewOf(candidate.issue.repo), digest, priorityOf),
  );
  for (const { issue, detail, view, gates } of judged.toSorted(inOrder)) {
    const room = state.isSelected(issue) ? roomAt(view, tick) : NOT_SELECTED;
    const grounds = groundsFor(gates, room);
    if (grounds !== null) {
      decisions.push(hold(issue, grounds));
      continue;
    }
    const { repo, facts } = view;
    const arming = detail?.arming ?? null;
    if (room.lane === null || detail === null || arming === null || facts === null) {
      decisions.push(hold(issue, UNREAD));
      continue;
    }
    const { lane } = room;
    const slot = nextSlot(digest, view.fleet, repo, lane);
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
      armed: arming.id,
      bodyHash: bodyHash(digest, detail),
      facts,
    });
    view.busy.add(lane);
    tick = { ...tick, started: tick.started + 1 };
  }
  return decisions;
}

const UNREAD: Grounds = {
  reason: "base_unknown",
  message: UNREAD_REPO.message,
  gates: [{ reason: "base_unknown", message: UNREAD_REPO.message }],
};

function ownGates(candidate: Candidate, view: RepoView, digest: Digest): readonly Gate[] {
  const gates = failedGates(candidate, view.health, view.policy, digest);
  const unrecorded = unrecordedGate(candidate, view);
  return unrecorded === null ? gates : [...gates, unrecorded];
}

function unrecordedGate({ issue, detail, card }: Candidate, { over }: RepoView): Gate | null {
  if (over.size === 0 || !detail.known || detail.value === null) return null;
  const thread = unrecordedRun(over.get(issueName(issue)) ?? [], detail.value, card);
  return thread === null ? null : { reason: "already_ran", message: ranUnrecorded(thread) };
}

/** The sentence about a run whose thread is all that tells of it. */
export function ranUnrecorded(thread: string): string {
  return `This application of the ready label had its run (thread ${thread}, put away before its card was written): remove the label and apply it again.`;
}

/** Why an issue is held: by gates of its own, by a want of room, or by both. */
function groundsFor(own: readonly Gate[], { closed }: Room): Grounds | null {
  if (own.length === 0) return closed;
  // A run's own lane and place in the fleet are no reason of their own against it.
  const isRunning = own.some(({ reason }) => reason === "in_progress");
  return groundsOf(closed === null || isRunning ? own : [...own, ...closed.gates]);
}

function hold({ repo, number, url }: ListedIssue, { reason, message, gates }: Grounds): HoldDecision {
  return { action: "hold", repo, issue: number, thread: null, url, reason, message, gates };
}

/** An issue with what can be said of it alone: this comes before the order, while it is read from one end to the other. */
interface Judged {
  readonly issue: ListedIssue;
  readonly detail: IssueDetail | null;
  readonly view: RepoView;
  readonly priority: number;
  readonly number: number;
  /** The gates that fail whatever else this tick starts. */
  readonly gates: readonly Gate[];
}

function judge(
  candidate: Candidate,
  view: RepoView,
  digest: Digest,
  priorityOf: ReturnType<typeof priorities>,
): Judged {
  const { issue } = candidate;
  const detail = candidate.detail.known ? candidate.detail.value : null;
  // A list may leave out labels that are none of afk's own; the details have them all.
  const priority = priorityOf((detail ?? issue).labels);
  const gates = ownGates(candidate, view, digest);
  return { issue, detail, view, priority, number: issue.number, gates };
}

function inOrder(a: Judged, b: Judged): number {
  return a.priority - b.priority || a.number - b.number || (a.view.repo < b.view.repo ? -1 : 1);
}

const PRIORITY = /^priority[:/]\s*p?(\d{1,6})$/;
/** Infinity minus Infinity is no order; this is above every label's number. */
const NO_PRIORITY = 1e9;

/**
 * Gives an issue's place by its labels: the lowest `priority:<n>`; `priority:p0` and `priority/0` read the same, no label
 * sorts last. It remembers what it has read, for thousands of issues share a few labels.
 */
export function priorities(): (labels: readonly string[]) => number {
  const read = new Map<string, number>();
  return (labels) => {
    let lowest = NO_PRIORITY;
    for (const label of labels) {
      if (!label.startsWith("priority")) continue;
      const priority = read.get(label) ?? Number(PRIORITY.exec(label)?.[1] ?? NO_PRIORITY);
      read.set(label, priority);
      lowest = Math.min(lowest, priority);
    }
    return lowest;
  };
}
