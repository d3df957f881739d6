// The card of a run that has just begun, from what the dispatch or the signed first line of its thread says.
import type { Card } from "./card.ts";
import type { CardView } from "./card-text.ts";
import type { Place } from "./identity.ts";
import type { Policy } from "./policy.ts";
import type { RunLine } from "./prompt.ts";

export interface ExecutorName {
  readonly kind: string;
  readonly id: string;
}

/** `createdAt`: when the executor made the thread, milliseconds since the epoch. */
export function newCard(run: RunLine, place: Place, createdAt: number, executor: ExecutorName): Card {
  return {
    thread: run.thread,
    executor: executor.kind,
    executorId: executor.id,
    repo: place.repo,
    issue: run.issue.number,
    lane: place.lane,
    slot: place.slot,
    armed: run.armed,
    body: run.body,
    base: run.base,
    dispatchedAt: new Date(createdAt).toISOString(),
    pushedAt: null,
    commit: null,
    firstRedAt: null,
    redShas: [],
    attempts: 0,
    turnAt: null,
    resumes: 0,
    waitingSince: null,
    spentUsd: null,
    stop: null,
    rang: [],
    outcome: null,
    reason: null,
    unknown: {},
  };
}

/** What the configuration says about every card. */
export interface ViewSetup {
  readonly stageCount: number;
  readonly reportsCost: boolean;
}

/** What people see of a run of which nothing is known yet but its thread. */
export function newView(policy: Policy, setup: ViewSetup, threadUrl: string | null): CardView {
  return {
    verdict: null,
    claimed: new Set(),
    ...setup,
    threadUrl,
    lastWords: "",
    labels: { ready: policy.readyLabel, inProgress: policy.inProgressLabel, human: policy.humanLabel },
    maxAttempts: policy.fixForwardMaxAttempts,
  };
}
