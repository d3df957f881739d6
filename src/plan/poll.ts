// The plan of `afk poll`: whom to dispatch, what a dead tick left to repair, and why everybody else waits.
import type { Candidate } from "../core/gates.ts";
import { decideForgotten } from "../core/forgotten.ts";
import { issueName } from "../core/issue.ts";
import type { Gap } from "../core/observation.ts";
import type { Decision } from "../core/plan.ts";
import { type PollState, selectDispatchable } from "../core/select.ts";
import { decideOrphan } from "../core/strays.ts";
import { isLive } from "../core/thread.ts";
import { decideIssue, type WatchedIssue } from "../core/watch.ts";
import { gapOf } from "../observe/ask.ts";
import type { SeenIssue } from "../observe/details.ts";
import { otherExecutor } from "../observe/runs.ts";
import type { Lists } from "../observe/lists.ts";
import { observeFleet, observePoll, type PollObservation } from "../observe/poll.ts";
import type { Tools } from "../tools.ts";
import { contextOf } from "./context.ts";
import type { Planned } from "./planned.ts";

type Selects = (repo: string, issue: number | null) => boolean;

/** Plans a poll. Only when something would start are all ids of the executor read, and the choice is made again on them. */
export async function planPoll(tools: Tools, lists: Lists, isSelected: Selects): Promise<Planned> {
  const observed = await observePoll(tools, lists);
  const state: PollState = {
    ...observed.state,
    isSelected: (ref) => isSelected(ref.repo, ref.number),
  };
  const gaps: Gap[] = [...observed.gaps];
  const chosen = await choose(tools, state, gaps);
  const repairs = repairsOf(tools, observed).filter(({ repo, issue }) => isSelected(repo, issue));
  return { decisions: [...repairs, ...chosen], gaps, executorId: observed.executorId };
}

async function choose(tools: Tools, state: PollState, gaps: Gap[]): Promise<readonly Decision[]> {
  const first = selectDispatchable(state, tools.digest);
  if (!state.fleet.known || !first.some(({ action }) => action === "dispatch")) return first;
  const fleet = await observeFleet(tools, state.fleet.value.cards);
  gaps.push(...gapOf("executor", fleet));
  const candidates = takenMeanwhile(state.candidates, state.fleet, fleet);
  return selectDispatchable({ ...state, fleet, candidates }, tools.digest);
}

/** A thread that appeared between the two reads is another tick's: its title still says for which issue it was made. */
function takenMeanwhile(
  candidates: readonly Candidate[],
  before: PollState["fleet"],
  now: PollState["fleet"],
): readonly Candidate[] {
  if (!before.known || !now.known) return candidates;
  const seen = new Set(before.value.threads.map(({ thread }) => thread.id));
  const news = now.value.threads.filter(({ thread }) => isLive(thread) && !seen.has(thread.id));
  if (news.length === 0) return candidates;
  return candidates.map((candidate) => {
    const title = `${issueName(candidate.issue)}:`;
    const isTaken = news.some(({ thread }) => thread.title.startsWith(title));
    return isTaken ? { ...candidate, hasLiveThread: true } : candidate;
  });
}

/** Adopts runs whose tick died before card or label, and removes threads whose tick died before the first message. */
function repairsOf(tools: Tools, observed: PollObservation): readonly Decision[] {
  const context = contextOf(tools, observed.executorId);
  const now = tools.clock.now();
  const named = new Set(observed.issues.flatMap((issue) => issue.live.map(({ thread }) => thread.id)));
  const adoptions = observed.issues
    .filter((issue) => issue.live.some(({ run }) => run !== null))
    .flatMap((issue) => decideIssue(watched(issue, now), context))
    .filter(({ action }) => action === "adopt");
  const byName = new Map(observed.issues.map((issue) => [issueName(issue.ref), issue]));
  const forgotten = observed.state.candidates.flatMap(({ issue, abandoned }) => {
    const seen = byName.get(issueName(issue));
    if (seen === undefined || !observed.state.fleet.known) return [];
    const decision = decideForgotten({ issue: overIssue(seen, observed, now), abandoned }, context);
    return decision === null ? [] : [decision];
  });
  const orphans = observed.orphans.filter(({ thread }) => !thread.hasMessage || !named.has(thread.id));
  return [
    ...adoptions,
    ...forgotten,
    ...orphans.map((placed) => decideOrphan(placed, now, tools.policyOf(placed.place.repo))),
  ];
}

/** The same for a run whose thread is not among the live ones; a run of another server was not looked for. */
function overIssue(issue: SeenIssue, { executorId }: PollObservation, now: number): WatchedIssue {
  const seen = watched(issue, now);
  if (issue.card?.kind !== "valid" || issue.card.card.executorId === executorId) return seen;
  return { ...seen, thread: otherExecutor(issue.card.card) };
}

/** An issue as watch would see it, without the reads that an adoption does not need. */
function watched(issue: SeenIssue, now: number): WatchedIssue {
  const unread = { known: false, kind: "transport", message: "" } as const;
  return { ...issue, now, thread: { known: true, value: null }, landed: unread, stages: [] };
}
