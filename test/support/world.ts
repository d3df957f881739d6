// A small world in which a decision can be told in one line: complete, healthy values, and only what differs is given.
import { createSigner, digest } from "../../src/digest.ts";
import type { CardReading } from "../../src/core/card-reading.ts";
import { type Card, renderCardLine } from "../../src/core/card.ts";
import type { Signer } from "../../src/core/digest.ts";
import type { PlacedThread } from "../../src/core/fleet.ts";
import type { Candidate, RepoHealth } from "../../src/core/gates.ts";
import { bodyHash, type Place, threadId } from "../../src/core/identity.ts";
import type { Actor, Arming, Blocker, CardComment, IssueDetail, RepoFacts } from "../../src/core/issue.ts";
import { known } from "../../src/core/observation.ts";
import type { Policy } from "../../src/core/policy.ts";
import { renderRunLine, type RunLine } from "../../src/core/prompt.ts";
import type { Thread, ThreadDetail } from "../../src/core/thread.ts";
import { Secret } from "../../src/secret.ts";

export { digest };

export const REPO = "acme/shop";
/** Noon of an ordinary day, in milliseconds. Runs of this world are dispatched then. */
export const NOON = Date.parse("2026-11-02T12:00:00.000Z");
export const BASE = "b".repeat(40);
export const SHA = "a".repeat(40);

/** The time so many seconds after noon, in milliseconds. */
export function after(seconds: number): number {
  return NOON + seconds * 1000;
}

/** The same as the ISO string that cards hold. */
export function iso(seconds: number): string {
  return new Date(after(seconds)).toISOString();
}

/** A signer with these state keys: the first signs, all verify. */
export function signerWith(...keys: readonly string[]): Signer {
  return createSigner(keys.map((key) => new Secret(() => key)));
}

export const signer = signerWith("state-key-of-the-tests");

export function policy(part: Partial<Policy> = {}): Policy {
  return {
    readyLabel: "ready-for-agent",
    inProgressLabel: "agent-in-progress",
    humanLabel: "ready-for-human",
    halted: false,
    trustedPermission: "write",
    trustedActors: [],
    agentActors: [],
    maxPerRepo: 1,
    maxInFlight: 10,
    maxDispatchPerTick: 3,
    budgetUsd: 100,
    fixForwardMaxAttempts: 5,
    fixForwardMaxSeconds: 3600,
    resumeMaxAttempts: 1,
    runMaxSeconds: 14_400,
    stallSeconds: 1800,
    ciMaxSeconds: 3600,
    humanWaitSeconds: 86_400,
    tickMaxSeconds: 90,
    noCi: "park",
    ...part,
  };
}

/** A person with write permission. */
export function actor(part: Partial<Actor> = {}): Actor {
  return { login: "ann", type: "user", self: false, permission: "write", ...part };
}

export function arming(part: Partial<Arming> = {}): Arming {
  return { id: "arming-1", at: after(-60), actor: actor(), ...part };
}

/** An issue that a trusted person armed and nothing holds back. */
export function issue(part: Partial<IssueDetail> = {}): IssueDetail {
  return {
    repo: REPO,
    number: 7,
    title: "Sell apples",
    body: "The shop should sell apples.",
    open: true,
    labels: ["ready-for-agent"],
    url: "https://tracker.example/acme/shop/issues/7",
    author: actor(),
    arming: arming(),
    edits: { kind: "known", editors: [] },
    blockers: [],
    openSubIssues: 0,
    events: [],
    cards: [],
    commentsComplete: true,
    ...part,
  };
}

/** A blocker by its name, open unless it is said otherwise. */
export function blocker(name: string, state: Blocker["state"] = "open"): Blocker {
  return { name, state };
}

export function placeOf(part: Partial<Place> = {}): Place {
  return { repo: REPO, lane: 0, slot: 1, ...part };
}

/** The id of our thread at a place. */
export function idAt(part: Partial<Place> = {}): string {
  return threadId(digest, placeOf(part));
}

/** The card of a run that was dispatched at noon and has not done anything yet. */
export function card(part: Partial<Card> = {}): Card {
  return {
    thread: idAt(),
    executor: "process",
    executorId: "executor-1",
    repo: REPO,
    issue: 7,
    lane: 0,
    slot: 1,
    armed: "arming-1",
    body: bodyHash(digest, issue()),
    base: BASE,
    dispatchedAt: iso(0),
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
    ...part,
  };
}

/** A comment of our own that holds a card. */
export function cardComment(of: Card, part: Partial<CardComment> = {}): CardComment {
  return {
    id: "comment-1",
    own: true,
    createdAt: after(1),
    text: `${renderCardLine(of, signer)}\nwords for people`,
    ...part,
  };
}

export function reading(of: Card, part: Partial<Extract<CardReading, { kind: "valid" }>> = {}): CardReading {
  return { kind: "valid", card: of, commentId: "comment-1", text: "", surplus: [], ...part };
}

/** A thread of ours that was made at noon and works. */
export function thread(part: Partial<Thread> = {}): Thread {
  return {
    id: idAt(),
    repo: REPO,
    title: "acme/shop#7: Sell apples",
    createdAt: NOON,
    ending: "none",
    state: { kind: "running" },
    since: null,
    lastActivityAt: null,
    hasMessage: true,
    costUsd: null,
    url: "https://executor.example/threads/1",
    ...part,
  };
}

/** The same thread as a read of its own shows it; `texts` are its messages, sent a second apart from noon on. */
export function threadDetail(part: Partial<ThreadDetail> & { texts?: readonly string[] } = {}): ThreadDetail {
  const { texts = [renderRunLine(runLine(), signer)], ...rest } = part;
  const messages = texts.map((text, index) => ({ id: `message-${index}`, text, at: after(index) }));
  return { ...thread(), messages, lastWords: "", ...rest };
}

export function runLine(part: Partial<RunLine> = {}): RunLine {
  return {
    thread: idAt(),
    issue: { repo: REPO, number: 7 },
    armed: "arming-1",
    body: bodyHash(digest, issue()),
    base: BASE,
    ...part,
  };
}

/** A live thread of ours whose first message was read. */
export function placed(part: Partial<PlacedThread> = {}): PlacedThread {
  return { thread: threadDetail(), place: placeOf(), run: runLine(), ...part };
}

export const facts: RepoFacts = {
  repo: REPO,
  defaultBranch: "main",
  head: BASE,
  landing: "git push origin HEAD:refs/heads/main",
};

export function health(part: Partial<RepoHealth> = {}): RepoHealth {
  return { renamedTo: null, head: "healthy", message: "", frozen: [], frozenUnreadable: [], ...part };
}

/** A candidate that passes every gate; `detail` says what is different about its issue. */
export function candidate(detail: Partial<IssueDetail> = {}, part: Partial<Candidate> = {}): Candidate {
  const value = issue(detail);
  return {
    issue: value,
    detail: known(value),
    card: { kind: "absent" },
    hasLiveThread: false,
    abandoned: false,
    cycle: [],
    ...part,
  };
}

/** A commit message of this world's run. */
export function commitMessage(part: { thread?: string; refs?: string; subject?: string } = {}): string {
  const { thread: id = idAt(), refs = "Refs #7", subject = "Sell apples" } = part;
  return `${subject}\n\nAFK-Run: ${id}\n${refs}`;
}

/** Freezes a value and everything in it, so that a mutation throws. */
export function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFrozen(inner);
  }
  return value;
}
