// Finds our card among an issue's comments: whose word counts, and what two cards of one issue mean together.
import { type Card, CARD_MARKER, parseCard } from "./card.ts";
import type { Signer } from "./digest.ts";
import type { CardComment, IssueDetail, IssueRef } from "./issue.ts";

export type CardReading =
  | { readonly kind: "absent" }
  | {
      readonly kind: "valid";
      readonly card: Card;
      readonly commentId: string;
      readonly text: string;
      /** Younger cards of the same issue, to be removed once their state is taken over. */
      readonly surplus: readonly string[];
    }
  /** Our own comment, and we cannot believe it: nothing may be decided as if it were absent. */
  | { readonly kind: "unreadable"; readonly message: string; readonly commentId: string | null };

interface Found {
  readonly comment: CardComment;
  readonly card: Card;
}

/**
 * Reads the card of an issue (DESIGN section 4). Another author's marker counts only when it is validly signed; our own
 * that does not verify makes the card unreadable; several valid ones are merged by maximum and the oldest stays.
 */
export function readCard(issue: IssueDetail, signer: Signer): CardReading {
  const found: Found[] = [];
  for (const comment of issue.cards) {
    const parsed = parseCard(comment.text, issue, signer);
    if (parsed.kind === "card") found.push({ comment, card: parsed.card });
    else if (comment.own)
      return {
        kind: "unreadable",
        message:
          `The run card (comment ${comment.id}) cannot be believed: ${parsed.message}. ` +
          (parsed.otherVersion
            ? "Use the afk that wrote it."
            : "Check AFK_STATE_KEY, or delete the comment if somebody damaged it."),
        commentId: parsed.otherVersion ? null : comment.id,
      };
  }
  // A card that verifies is ours wherever it stands; only its absence needs all comments.
  if (found.length === 0 && !issue.commentsComplete)
    return { kind: "unreadable", message: "Not all comments could be read.", commentId: null };
  found.sort((a, b) => a.comment.createdAt - b.comment.createdAt || (a.comment.id < b.comment.id ? -1 : 1));
  const [oldest, ...younger] = found;
  if (oldest === undefined) return { kind: "absent" };
  let card = oldest.card;
  for (const other of younger) card = merged(card, other.card);
  const surplus = younger.filter((other) => other.comment.own).map((other) => other.comment.id);
  return { kind: "valid", card, commentId: oldest.comment.id, text: oldest.comment.text, surplus };
}

/**
 * How a run ended first by what its card ever said, newest text first; null when no text has an end of this thread. Two
 * ticks at once may write one card, and the slower one's word goes over the other's: the first end stands (promises S9 and
 * S12). Only a signed line counts, wherever in a text it stands.
 */
export function firstEnd(
  texts: readonly string[],
  thread: string,
  place: IssueRef,
  signer: Signer,
): Card | null {
  const ends = texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => line.includes(CARD_MARKER))
    .map((line) => parseCard(line.slice(line.indexOf(CARD_MARKER)), place, signer))
    .flatMap((parsed) => (parsed.kind === "card" ? parsed.card : []))
    .filter((card) => card.thread === thread && card.outcome !== null);
  const outcome = ends.at(-1)?.outcome;
  return ends.find((card) => card.outcome === outcome) ?? null;
}

/** Two cards of one issue: of the same thread the maximum of each budget, of two threads the later run. */
export function merged(a: Card, b: Card): Card {
  if (a.thread !== b.thread) return a.dispatchedAt >= b.dispatchedAt ? a : b;
  const over = a.outcome === null ? b : a;
  const [later, before] = (a.turnAt ?? "") >= (b.turnAt ?? "") ? [a, b] : [b, a];
  return {
    ...a,
    dispatchedAt: earlier(a.dispatchedAt, b.dispatchedAt) ?? a.dispatchedAt,
    pushedAt: earlier(a.pushedAt, b.pushedAt),
    commit: later.commit ?? before.commit,
    firstRedAt: earlier(a.firstRedAt, b.firstRedAt),
    redShas: [...new Set([...a.redShas, ...b.redShas])],
    attempts: Math.max(a.attempts, b.attempts),
    turnAt: later.turnAt,
    resumes: Math.max(a.resumes, b.resumes),
    waitingSince: earlier(a.waitingSince, b.waitingSince),
    spentUsd: (a.spentUsd ?? 0) >= (b.spentUsd ?? 0) ? (a.spentUsd ?? b.spentUsd) : b.spentUsd,
    stop: a.stop === "confirmed" ? a.stop : (b.stop ?? a.stop),
    rang: [...new Set([...a.rang, ...b.rang])],
    outcome: over.outcome,
    reason: over.reason,
    unknown: { ...b.unknown, ...a.unknown },
  };
}

function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a <= b ? a : b;
}
