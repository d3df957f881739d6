// Completes what is known about issues with a run: the thread first, then the commits, then the verdict on ours.
import { concurrently } from "../concurrently.ts";
import type { Card } from "../core/card.ts";
import { landedCommit } from "../core/commits.ts";
import type { LandedCommit } from "../core/issue.ts";
import { known, type Observation, type Unknown, unknown } from "../core/observation.ts";
import type { Thread, ThreadDetail, ThreadList } from "../core/thread.ts";
import type { StageReading, StageVerdict } from "../core/verdict.ts";
import { nextRun, type WatchedIssue } from "../core/watch.ts";
import type { Tools } from "../tools.ts";
import { ask } from "./ask.ts";
import type { SeenIssue } from "./details.ts";

/** How the thread that a card names is looked at. */
export type LookAtThread = (card: Card) => Promise<Observation<Thread | ThreadDetail | null>>;

/**
 * Completes issues with the thread of their card, their commits, and the verdict on the commit of the run.
 * Commits are read after the executor, so that a push just before the agent's end is never missed.
 */
export async function completeIssues(
  tools: Tools,
  seen: readonly SeenIssue[],
  look: LookAtThread,
): Promise<readonly WatchedIssue[]> {
  const now = tools.clock.now();
  const withThreads = await concurrently(seen, async (issue) => {
    const thread = issue.card?.kind === "valid" ? await look(issue.card.card) : known(null);
    return { ...issue, now, thread };
  });
  const landed = await readLanded(tools, withThreads);
  const complete = async (issue: (typeof withThreads)[number], index: number): Promise<WatchedIssue> => {
    const commits = landed[index] ?? NOT_ASKED;
    return { ...issue, landed: commits, stages: await stagesOf(tools, issue, commits) };
  };
  // All at once: a stage puts the questions of one moment into few requests, and bounds these itself.
  return Promise.all(withThreads.map(complete));
}

/** One batched question for all runs; one answer per issue, in order. */
async function readLanded(
  tools: Tools,
  issues: readonly SeenIssue[],
): Promise<readonly Observation<readonly LandedCommit[]>[]> {
  const runs = issues.map(runOf);
  const queries = issues.flatMap(({ ref }, index) => {
    const run = runs[index] ?? null;
    return run === null ? [] : [{ ...ref, base: run.base }];
  });
  if (queries.length === 0) return issues.map(() => NOT_ASKED);
  const answers = await ask(() => tools.tracker.readLanded(queries));
  if (!answers.known) return issues.map(() => answers);
  const inOrder = answers.value.values();
  return runs.map((run) => (run === null ? NOT_ASKED : (inOrder.next().value ?? NOT_ASKED)));
}

/** A run that has ended, or that nobody could name, needs no commits. */
export const NOT_ASKED = unknown("transport", "");

/** The run's thread and base: of its card, or of a live thread without one. A run that has ended needs no commits. */
function runOf({ card, live }: SeenIssue): { readonly thread: string; readonly base: string } | null {
  if (card?.kind !== "valid") return live.find(({ run }) => run !== null)?.run ?? null;
  return card.card.outcome === null ? card.card : (nextRun(live, card.card)?.run ?? null);
}

/** A run of another server is not lost: that server was not asked. */
export function otherExecutor(card: Card): Unknown {
  return unknown(
    "config",
    `The run belongs to the executor ${card.executorId}, which is not the configured one.`,
  );
}

/** Looks into a list first: a running thread needs no further read, and one that is not in it is not there. */
export function lookInList(
  tools: Tools,
  list: Observation<ThreadList>,
  executorId: Observation<string>,
): LookAtThread {
  const byId = new Map((list.known ? list.value.threads : []).map((thread) => [thread.id, thread]));
  return async (card) => {
    if (!list.known) return list;
    if (!executorId.known) return executorId;
    if (card.executorId !== executorId.value) return otherExecutor(card);
    const listed = byId.get(card.thread);
    if (listed === undefined || listed.state.kind === "running") return known(listed ?? null);
    return ask(() => tools.executor.readThread(card.thread));
  };
}

async function stagesOf(
  tools: Tools,
  issue: SeenIssue,
  landed: Observation<readonly LandedCommit[]>,
): Promise<readonly StageReading[]> {
  const run = runOf(issue);
  const commit = landed.known && run !== null ? landedCommit(landed.value, run.thread, issue.ref) : null;
  return commit === null ? [] : readStages(tools, issue.ref.repo, commit.sha);
}

/** Asks the stages in fold order and stops at the first that decides: later ones cannot change the verdict. */
export async function readStages(tools: Tools, repo: string, sha: string): Promise<readonly StageReading[]> {
  const readings: StageReading[] = [];
  for (const { name, ci } of tools.stages) {
    const verdict = await ask(() => ci.readVerdict(repo, sha));
    readings.push({ stage: name, verdict });
    const goesOn = verdict.known && (verdict.value.kind === "green" || isUnseen(verdict.value));
    if (!goesOn) break;
  }
  return readings;
}

/** A stage that has nothing for the commit and cannot be asked decides nothing by itself (AFK_NO_CI). */
function isUnseen(verdict: StageVerdict): boolean {
  return verdict.kind === "none" && !verdict.canRequest;
}
