// Joins what the tracker, the executor and CI say about one run into the state that the decision table looks at.
import type { Card } from "./card.ts";
import { isOfThread, landedCommit } from "./commits.ts";
import type { Signer } from "./digest.ts";
import type { IssueDetail, LandedCommit } from "./issue.ts";
import { type Pushed, type RunState, SETTLING_SECONDS } from "./next-action.ts";
import type { Observation } from "./observation.ts";
import type { Policy } from "./policy.ts";
import { turnsIn } from "./prompt.ts";
import { messagesOf, type Thread, type ThreadDetail } from "./thread.ts";
import { foldVerdict, type StageReading, type Verdict } from "./verdict.ts";

/** Everything that was read about one run in this tick. */
export interface RunFacts {
  readonly now: number;
  /** Null: the readable repo does not have the issue any more. */
  readonly detail: IssueDetail | null;
  readonly card: Card;
  /** Null: the executor answered and does not have the thread. A plain `Thread` has no messages. */
  readonly thread: Observation<Thread | ThreadDetail | null>;
  readonly landed: Observation<readonly LandedCommit[]>;
  /** The stages' words on the commit that the run landed; empty when there is none. */
  readonly stages: readonly StageReading[];
}

export interface BuiltRun {
  readonly state: RunState;
  /** The card with what this tick learned; equal to the old one when nothing changed. */
  readonly card: Card;
  readonly verdict: Verdict | null;
}

/** Builds the state of one run. Budgets are floors: nothing that is read makes them smaller (DESIGN section 4). */
export function buildRunState(facts: RunFacts, policy: Policy, signer: Signer): BuiltRun {
  const { card, now } = facts;
  const pushed = pushedOf(facts);
  const sha = pushed.kind === "yes" ? pushed.sha : null;
  const verdict = sha === null ? null : foldVerdict(facts.stages);
  const thread = facts.thread.known ? facts.thread.value : null;
  const turns = turnsIn(thread, signer);
  const attempts = Math.max(card.attempts, turns.fixForward);
  const resumes = Math.max(card.resumes, turns.resumes);
  const pushedAt = pushedTime(card, pushed, now);
  const word = verdict === null ? "pending" : verdictWord(verdict, pushedAt, now, policy);
  const red = word === "red" ? sha : null;
  const costs = [card.spentUsd, thread?.costUsd ?? null].filter((cost) => cost !== null);
  const learned: Card = {
    ...card,
    attempts,
    resumes,
    commit: pushed.kind === "unknown" ? card.commit : sha,
    pushedAt: iso(pushedAt),
    firstRedAt: red === null ? card.firstRedAt : (card.firstRedAt ?? iso(now)),
    redShas: red === null || card.redShas.includes(red) ? card.redShas : [...card.redShas, red],
    waitingSince: thread?.state.kind === "running" ? null : card.waitingSince,
    spentUsd: costs.length === 0 ? null : Math.max(...costs),
  };
  // An ended run learns nothing any more: its card changes only by its own last writes.
  const next = card.outcome === null ? learned : card;
  return {
    state: stateOf(facts, next, { pushed, pushedAt, verdict: word }, policy, signer),
    card: next,
    verdict,
  };
}

function stateOf(
  facts: RunFacts,
  card: Card,
  seen: Pick<RunState, "pushed" | "pushedAt" | "verdict">,
  policy: Policy,
  signer: Signer,
): RunState {
  const thread = facts.thread.known ? facts.thread.value : null;
  const dispatchedAt = Date.parse(card.dispatchedAt);
  const messages = messagesOf(thread);
  const turns = turnsIn(thread, signer);
  const resumes = unsent(card.resumes, turns.resumes, messages.length);
  const turnAt = millis(card.turnAt);
  // A clock that ran ahead recorded it, perhaps by years: the thread's own times tell whether the turn was sent.
  const recordedAt = turnAt !== null && turnAt > facts.now ? null : turnAt;
  const sent = [recordedAt, thread?.createdAt, messages.at(-1)?.at];
  return {
    ...seen,
    now: facts.now,
    startedAt: Math.min(dispatchedAt, thread?.createdAt ?? dispatchedAt),
    lastSentAt: Math.max(...sent.map((time) => time ?? dispatchedAt)),
    outcome: card.outcome,
    takeover: takeoverOf(facts, policy),
    firstRedAt: millis(card.firstRedAt),
    thread: !facts.thread.known ? "unknown" : thread === null ? "lost" : thread.state.kind,
    mayPass: thread?.state.kind === "error" && mayPass(thread.state, resumes),
    since: thread?.since ?? null,
    lastActivityAt: thread?.lastActivityAt ?? null,
    attempts: unsent(card.attempts, turns.fixForward, messages.length),
    resumes,
    spentUsd: card.spentUsd,
    waitingSince: millis(card.waitingSince),
  };
}

/**
 * The turns that count against a budget. One that the card records and the thread does not have was never sent, because
 * its tick died in between: it is sent under the same attempt (DESIGN section 4), so it does not count yet.
 */
function unsent(recorded: number, inThread: number, messages: number): number {
  return messages > 0 && inThread === recorded - 1 ? inThread : recorded;
}

/** A turn that was accepted and never started is sent again once, never twice. */
function mayPass(state: Extract<Thread["state"], { kind: "error" }>, resumes: number): boolean {
  return state.mayPass && (state.cause !== "lost_turn" || resumes === 0);
}

function pushedOf(facts: RunFacts): Pushed {
  if (!facts.landed.known) return { kind: "unknown" };
  const issue = { repo: facts.card.repo, number: facts.card.issue };
  const commit = landedCommit(facts.landed.value, facts.card.thread, issue);
  return commit === null ? { kind: "no" } : { kind: "yes", sha: commit.sha };
}

/** Each commit has its own clock for AFK_CI_MAX_SECONDS, started when it was first seen. */
function pushedTime(card: Card, pushed: Pushed, now: number): number | null {
  switch (pushed.kind) {
    case "no":
      return null;
    case "unknown":
      return millis(card.pushedAt);
    case "yes":
      return pushed.sha === card.commit ? (millis(card.pushedAt) ?? now) : now;
  }
}

function verdictWord(
  verdict: Verdict,
  pushedAt: number | null,
  now: number,
  policy: Policy,
): RunState["verdict"] {
  if (verdict.kind !== "pending" || verdict.why !== "none") return verdict.kind;
  // No CI at all: the servers get some time to register the commit before AFK_NO_CI counts.
  const waited = now - (pushedAt ?? now) >= SETTLING_SECONDS * 1000;
  return waited && policy.noCi === "green" ? "green" : "pending";
}

/**
 * Whether a person took the issue over: afk makes none of these changes while its card has no outcome, so any of them
 * after the dispatch is a person's, whoever's account it was (DESIGN section 4).
 */
export function takeoverOf(
  facts: Pick<RunFacts, "detail" | "card" | "landed">,
  policy: Policy,
): RunState["takeover"] {
  if (facts.detail === null) return "issue_gone";
  const dispatchedAt = Date.parse(facts.card.dispatchedAt);
  for (const event of facts.detail.events) {
    if (event.at <= dispatchedAt) continue;
    if (event.kind === "unlabeled" && event.label === policy.inProgressLabel) return "handed_over";
    if (event.kind === "labeled" && event.label === policy.humanLabel) return "handed_over";
    if (event.kind === "closed" && !closedByOurCommit(event.commit, facts)) return "handed_over";
  }
  return null;
}

function closedByOurCommit(
  sha: string | undefined,
  { card, landed }: Pick<RunFacts, "card" | "landed">,
): boolean {
  if (sha === undefined) return false;
  // An unreadable branch is no proof that the commit is a stranger's.
  return (
    !landed.known || landed.value.some((commit) => commit.sha === sha && isOfThread(commit, card.thread))
  );
}

function millis(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
