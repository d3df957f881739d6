// Observes everything watch decides about: labelled issues, live threads, and what belongs to each.
import type { PlacedThread } from "../core/fleet.ts";
import { type IssueRef, issueName } from "../core/issue.ts";
import type { Gap } from "../core/observation.ts";
import type { WatchedIssue } from "../core/watch.ts";
import type { Tools } from "../tools.ts";
import { gapOf } from "./ask.ts";
import { readDetails, type SeenIssue, warnOfOwnLabels } from "./details.ts";
import type { Lists } from "./lists.ts";
import { completeIssues, lookInList, NOT_ASKED } from "./runs.ts";
import { identify, readLive, threadsByIssue } from "./threads.ts";

export interface WatchObservation {
  readonly now: number;
  /** Null: not known, or there was no run that needed it. */
  readonly executorId: string | null;
  readonly issues: readonly WatchedIssue[];
  /** Live threads of ours whose issue nobody could name. */
  readonly orphans: readonly PlacedThread[];
  /** Live threads of ours whose repo is not in the allowlist. */
  readonly strangers: readonly PlacedThread[];
  readonly gaps: readonly Gap[];
}

/** Reads on from the lists: the details of what has, or seems to have, a run. */
export async function observeWatch(tools: Tools, lists: Lists): Promise<WatchObservation> {
  const { issues: listed, threads: list } = lists;
  const gaps: Gap[] = [...lists.gaps];
  const labelled = (listed.known ? listed.value.issues : []).filter((issue) =>
    issue.labels.includes(tools.policyOf(issue.repo).inProgressLabel),
  );
  const first = await readDetails(tools, labelled, gaps);
  const cards = first.flatMap(({ card }) => (card?.kind === "valid" ? [card.card] : []));
  const live = await readLive(tools, list, cards, gaps);
  const executorId = await identify(list, cards, live);
  const others = live.ours.flatMap(({ run }) => (run === null ? [] : [run.issue]));
  const second = await readDetails(tools, missing(others, first), gaps);
  warnOfOwnLabels(tools, [...first, ...second]);
  const threadsOf = threadsByIssue(live.ours, {
    // What a thread says itself counts more than what a card says of it.
    named: live.ours.filter(({ run }) => run === null),
    saidIssue: ({ run }) => (run === null ? null : issueName(run.issue)),
  });
  const seen = [...first, ...second].map((issue) => ({ ...issue, live: threadsOf(issue) }));
  const issues = await completeIssues(tools, seen, lookInList(tools, list, executorId));
  gaps.push(...issues.flatMap((issue) => gapsOfRun(issue, list.known)));
  const named = new Set(seen.flatMap((issue) => issue.live.map(({ thread }) => thread.id)));
  return {
    now: tools.clock.now(),
    executorId: executorId.known ? executorId.value : null,
    issues,
    orphans: live.ours.filter(({ thread }) => !named.has(thread.id)),
    strangers: live.strangers,
    gaps,
  };
}

/** What could not be read of one run; an executor that answered nothing at all is one gap, not one a run. */
function gapsOfRun(issue: WatchedIssue, hasExecutor: boolean): readonly Gap[] {
  const name = issueName(issue.ref);
  return [
    ...(hasExecutor ? gapOf(`${name} thread`, issue.thread) : []),
    ...unknownWord(`${name} thread`, issue),
    ...(issue.landed === NOT_ASKED ? [] : gapOf(`${name} commits`, issue.landed)),
    ...issue.stages.flatMap(({ stage, verdict }) => gapOf(`${name} ${stage}`, verdict)),
  ];
}

/** A word of the executor that afk does not know: the run waits, and the operator must hear of it. */
function unknownWord(on: string, { thread }: WatchedIssue): readonly Gap[] {
  if (!thread.known || thread.value?.state.kind !== "unknown") return [];
  return [{ on, kind: "contract", message: thread.value.state.message }];
}

function missing(refs: readonly IssueRef[], seen: readonly SeenIssue[]): readonly IssueRef[] {
  const names = new Set(seen.map(({ ref }) => issueName(ref)));
  const added = new Map<string, IssueRef>();
  for (const ref of refs) if (!names.has(issueName(ref))) added.set(issueName(ref), ref);
  return [...added.values()];
}
