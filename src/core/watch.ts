// Decides every run and every thread that watch sees: table decisions for runs, repairs for what a dead tick left behind.
import type { Card } from "./card.ts";
import type { CardReading } from "./card-reading.ts";
import type { CardView } from "./card-text.ts";
import { claimedPhases } from "./commits.ts";
import type { Signer } from "./digest.ts";
import type { PlacedThread } from "./fleet.ts";
import { type IssueDetail, type IssueRef, issueName, type LandedCommit, type RepoFacts } from "./issue.ts";
import { newCard, newView, type ViewSetup } from "./new-card.ts";
import { type NextAction, nextAction } from "./next-action.ts";
import { type Known, known, type Observation } from "./observation.ts";
import type { AdoptDecision, Decision, HoldDecision, RunDecision } from "./plan.ts";
import type { Policy } from "./policy.ts";
import { RUN_REASONS, type RunReason } from "./reasons.ts";
import { type BuiltRun, buildRunState } from "./run-state.ts";
import { duplicate } from "./strays.ts";
import { failedRings } from "./terminal.ts";
import { lastWordsOf, messagesOf, type Thread, type ThreadDetail } from "./thread.ts";
import type { StageReading, Verdict } from "./verdict.ts";

/** One issue that has a run, or looks as if it had one, with all that was read about it. */
export interface WatchedIssue {
  readonly ref: IssueRef;
  readonly now: number;
  readonly detail: Observation<IssueDetail | null>;
  /** Null when the details could not be read or the issue is gone. */
  readonly card: CardReading | null;
  /** Live threads of ours whose first message names this issue, or whose id its card names. */
  readonly live: readonly PlacedThread[];
  /** The thread that the card names. */
  readonly thread: Observation<Thread | ThreadDetail | null>;
  readonly landed: Observation<readonly LandedCommit[]>;
  readonly stages: readonly StageReading[];
  readonly facts: RepoFacts | null;
}

/** The same once its details were read. */
interface ReadIssue extends WatchedIssue {
  readonly detail: Known<IssueDetail | null>;
}

export interface WatchContext {
  readonly policyOf: (repo: string) => Policy;
  readonly signer: Signer;
  /** `id` null: the executor could not say which server it is, so that no run of it can be recorded. */
  readonly executor: { readonly kind: string; readonly id: string | null };
  readonly setup: ViewSetup;
}

/** Decides one issue; never more than one table decision, but possibly a repair beside it. */
export function decideIssue(issue: WatchedIssue, context: WatchContext): readonly Decision[] {
  const { detail } = issue;
  if (!detail.known) return [heldIssue(issue, "issue_unreadable", detail.message)];
  return decideRead({ ...issue, detail }, context);
}

function decideRead(issue: ReadIssue, context: WatchContext): readonly Decision[] {
  const orphan = issue.live.find(({ run }) => run !== null) ?? null;
  if (issue.card?.kind === "valid") {
    const { card } = issue.card;
    // A settled thread that works again is a person's talk with the agent of an ended run.
    const extra = issue.live.filter(({ thread }) => thread.id !== card.thread && thread.ending === "none");
    if (isWithPerson(issue, card, context))
      return [heldIssue(issue, "with_person", RUN_REASONS.with_person), ...extra.map(duplicate)];
    const next = nextRun(issue.live, card);
    if (next !== null)
      return [
        ...withoutCard(issue, next, issue.card.commentId, context),
        ...extra.filter((placed) => placed !== next).map(duplicate),
      ];
    return [decideRun(issue, card, issue.card, context), ...extra.map(duplicate)];
  }
  if (issue.card?.kind === "unreadable") {
    // A card of a newer version is not ours to overwrite; a damaged one must not keep a run for ever.
    const { commentId } = issue.card;
    if (orphan === null || commentId === null || !isLong(issue, orphan, context))
      return [heldIssue(issue, "card_unreadable", issue.card.message)];
    return withoutCard(issue, orphan, commentId, context);
  }
  if (orphan === null)
    return issue.detail.value === null ? [] : [heldIssue(issue, "no_run", RUN_REASONS.no_run)];
  return withoutCard(issue, orphan, null, context);
}

/** The run has ended and made all its writes, and a person goes on with its agent. */
function isWithPerson(issue: ReadIssue, card: Card, context: WatchContext): boolean {
  const thread = issue.live.find((placed) => placed.thread.id === card.thread)?.thread;
  const { inProgressLabel } = context.policyOf(issue.ref.repo);
  return (
    card.outcome !== null &&
    thread?.ending === "settled" &&
    issue.detail.value?.labels.includes(inProgressLabel) === false
  );
}

/** A run whose budgets cannot be known any more: it had further turns, or is older than any run may be. */
function isLong(issue: WatchedIssue, { thread }: PlacedThread, context: WatchContext): boolean {
  const seconds = (issue.now - thread.createdAt) / 1000;
  return messagesOf(thread).length > 1 || seconds > context.policyOf(issue.ref.repo).runMaxSeconds;
}

/** The live run of a later arming than that of an ended card, which never comes back (promise S9); null when there is none. */
export function nextRun(live: readonly PlacedThread[], ended: Card): PlacedThread | null {
  if (ended.outcome === null) return null;
  const isNext = ({ run, thread }: PlacedThread): boolean =>
    thread.id !== ended.thread &&
    thread.ending === "none" &&
    run !== null &&
    run.armed !== ended.armed &&
    thread.createdAt > Date.parse(ended.dispatchedAt);
  return live.find(isNext) ?? null;
}

/** A live run without a card of its own: adopted while it is young, escalated once its budgets are unknowable. */
function withoutCard(
  issue: ReadIssue,
  placed: PlacedThread,
  commentId: string | null,
  context: WatchContext,
): readonly Decision[] {
  const card = cardOf(placed, context);
  if (card === null) return [];
  const withThread = { ...issue, thread: known(placed.thread) };
  const place: CardPlace = { commentId, text: null, surplus: [] };
  if (issue.detail.value === null) return [decideRun(withThread, card, place, context)];
  if (isLong(issue, placed, context)) {
    const policy = context.policyOf(issue.ref.repo);
    const built = buildRunState(runFacts(withThread, card), policy, context.signer);
    const { kind } = built.state.pushed;
    // Which end it is depends on its commits: while they cannot be read it waits, until every budget is used up (promise S16).
    if (kind === "unknown" && nextAction(built.state, policy).outcome === null)
      return [heldIssue(issue, "commits_unknown", sentence("commits_unknown", issue, built))];
    const end = kind === "no" ? "escalate_prepush" : "freeze_escalate";
    const missing: NextAction = { action: end, reason: "card_missing", outcome: end };
    return [runDecision(withThread, built, missing, place, context)];
  }
  const adopt: AdoptDecision = {
    action: "adopt",
    reason: "adopted",
    repo: issue.ref.repo,
    issue: issue.ref.number,
    thread: placed.thread.id,
    url: placed.thread.url,
    message: RUN_REASONS.adopted,
    record: { card, commentId, view: viewOf(withThread, card, null, context) },
  };
  return [adopt];
}

/** The card of a run as its thread and its signed first line tell it. */
function cardOf({ run, place, thread }: PlacedThread, context: WatchContext): Card | null {
  const { kind, id } = context.executor;
  return run === null || id === null ? null : newCard(run, place, thread.createdAt, { kind, id });
}

/** Where a run's card stands; a card that was never written has no comment. */
interface CardPlace {
  readonly commentId: string | null;
  readonly text: string | null;
  readonly surplus: readonly string[];
}

function decideRun(issue: ReadIssue, card: Card, place: CardPlace, context: WatchContext): RunDecision {
  const policy = context.policyOf(issue.ref.repo);
  const built = buildRunState(runFacts(issue, card), policy, context.signer);
  return runDecision(issue, built, nextAction(built.state, policy), place, context);
}

function runFacts(issue: ReadIssue, card: Card): Parameters<typeof buildRunState>[0] {
  return {
    now: issue.now,
    detail: issue.detail.value,
    card,
    thread: issue.thread,
    landed: issue.landed,
    stages: issue.stages,
  };
}

function runDecision(
  issue: ReadIssue,
  built: BuiltRun,
  next: NextAction,
  place: CardPlace,
  context: WatchContext,
): RunDecision {
  const policy = context.policyOf(issue.ref.repo);
  const detail = issue.detail.value;
  const thread = issue.thread.known ? issue.thread.value : null;
  const waits = next.outcome === null && next.action === "wait";
  const pending = built.verdict?.kind === "pending" ? built.verdict : null;
  const request = waits && pending?.why === "request" ? pending.stage : null;
  const isHeld = waits && pending?.why === "held";
  const reason: RunReason = request !== null ? "ci_requested" : isHeld ? "ci_held" : next.reason;
  const { card } = built;
  return {
    action: next.action,
    reason,
    repo: issue.ref.repo,
    issue: issue.ref.number,
    thread: card.thread,
    url: thread?.url ?? null,
    message: sentence(reason, issue, built),
    ref: issue.ref,
    title: detail?.title ?? issueName(issue.ref),
    outcome: next.outcome,
    card:
      next.outcome === null || card.outcome !== null
        ? card
        : { ...card, outcome: next.outcome, reason: next.reason },
    commentId: place.commentId,
    text: place.text,
    surplus: place.surplus,
    view: viewOf(issue, card, built.verdict, context),
    detail,
    threadIsOver: issue.thread.known && (thread === null || thread.ending !== "none"),
    landing: issue.facts?.landing ?? null,
    request,
    ringFor: waits ? ringFor(card, next.reason, isHeld) : null,
    addInProgress:
      next.outcome === null &&
      detail !== null &&
      detail.open &&
      !detail.labels.includes(policy.inProgressLabel),
  };
}

/** A wait for a person rings until it rang once; each cause has its own mark on the card. */
function ringFor(card: Card, reason: RunReason, isHeld: boolean): "waiting" | "held" | null {
  const cause = isHeld ? "held" : reason === "waiting_for_human" ? "waiting" : null;
  if (cause === null || card.rang.includes(cause) || failedRings(card, cause) >= 3) return null;
  return cause;
}

/** The reason's sentence with what this run adds to it. */
function sentence(reason: RunReason, issue: WatchedIssue, built: BuiltRun): string {
  const general = RUN_REASONS[reason];
  const details: string[] = [];
  if (!issue.thread.known) details.push(issue.thread.message);
  else if (issue.thread.value !== null && "message" in issue.thread.value.state)
    details.push(issue.thread.value.state.message);
  if (!issue.landed.known) details.push(issue.landed.message);
  if (built.verdict?.kind === "red")
    details.push(`Red: ${built.verdict.failures.map(({ name }) => name).join(", ")}`);
  if (built.verdict?.kind === "pending" || built.verdict?.kind === "unknown")
    details.push(built.verdict.message);
  return [general, ...details.map(asSentence)].filter((part) => part !== "").join(" ");
}

function asSentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function viewOf(issue: WatchedIssue, card: Card, verdict: Verdict | null, context: WatchContext): CardView {
  const policy = context.policyOf(issue.ref.repo);
  const thread = issue.thread.known ? issue.thread.value : null;
  return {
    ...newView(policy, context.setup, thread?.url ?? null),
    verdict,
    claimed: claimedPhases(issue.landed.known ? issue.landed.value : [], card.thread),
    lastWords: lastWordsOf(thread),
  };
}

function heldIssue(issue: WatchedIssue, reason: RunReason, message: string): HoldDecision {
  const first = issue.live[0];
  return {
    action: "hold",
    reason,
    repo: issue.ref.repo,
    issue: issue.ref.number,
    thread: first?.thread.id ?? null,
    url: first?.thread.url ?? null,
    message,
    gates: [],
  };
}
