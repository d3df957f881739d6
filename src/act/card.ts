// Writes the run card when afk has a change of its own: a new machine line, or another step on the checklist.
import type { Card } from "../core/card.ts";
import { firstEnd, merged } from "../core/card-reading.ts";
import { renderCard } from "../core/card-text.ts";
import type { RunDecision } from "../core/plan.ts";
import { readDetails } from "../observe/details.ts";
import type { Tools } from "../tools.ts";

/** The card comment of one run while it is being acted on. */
export interface CardWriter {
  /** Whether the comment does not say so yet. */
  isNews(card: Card): boolean;
  /**
   * Writes the card with this state; nothing when the comment already says so, or the issue is gone. `ended`: another tick
   * ended the run between the last look and this write; its word was put back, and nothing more may be done about the run.
   */
  write(card: Card): Promise<"stands" | "ended">;
}

/** A writer for a decision that was just confirmed by a fresh read. */
export function cardWriter(decision: RunDecision, tools: Tools): CardWriter {
  let commentId = decision.commentId;
  let text = decision.text;
  let surplus = decision.surplus;
  // The end of a run was read, or this tick has written it: there is no other any more that could be written over.
  let isEnded = decision.reason === "finishing";
  // Rendered once for the look and the write: a tick may have thousands of cards to look at.
  let rendered: { readonly card: Card; readonly text: string } | null = null;
  const wantedFor = (card: Card): string => {
    if (rendered?.card !== card) rendered = { card, text: renderCard(card, decision.view, tools.signer) };
    return decision.reason === "finishing" && text !== null ? withLine(text, rendered.text) : rendered.text;
  };
  return {
    isNews: (card) => text === null || isNews(text, wantedFor(card)),
    async write(card) {
      if (decision.detail === null) return "stands";
      const wanted = wantedFor(card);
      if (text === null || isNews(text, wanted)) {
        const isNew = commentId === null;
        commentId = await tools.tracker.write({
          kind: "write_card",
          ref: decision.ref,
          commentId,
          text: wanted,
        });
        text = wanted;
        const written = { ...decision, card, commentId };
        if (isNew && card.outcome !== null && !(await isFirst(written, tools))) return "ended";
        if (!isNew && !isEnded && (await endPutBack(written, tools))) return "ended";
        isEnded ||= card.outcome !== null;
      }
      for (const id of surplus)
        await tools.tracker.write({ kind: "remove_card", ref: decision.ref, commentId: id });
      surplus = [];
      return "stands";
    },
  };
}

/**
 * Puts back the end of a run that a slower tick has written over, which no tracker can refuse: its earlier texts tell.
 * False when there is none, or the card says so still.
 */
export async function endPutBack(
  { card, commentId, ref, view }: Pick<RunDecision, "card" | "commentId" | "ref" | "view">,
  tools: Tools,
): Promise<boolean> {
  if (commentId === null) return false;
  const texts = await tools.tracker.readCardTexts(ref, commentId);
  const end = firstEnd(texts, card.thread, ref, tools.signer);
  if (end === null || end.outcome === card.outcome) return false;
  const text = renderCard(merged(end, card), view, tools.signer);
  await tools.tracker.write({ kind: "write_card", ref, commentId, text });
  return true;
}

/**
 * Whether a new card is the run's only one or its oldest, which counts. Two ticks may end a run without a card at the same
 * moment, each with its own word: then the younger card is removed, and nothing is done on its word (promise S12).
 */
async function isFirst({ commentId, ref }: RunDecision, tools: Tools): Promise<boolean> {
  const [seen] = await readDetails(tools, [ref], []);
  if (seen?.card?.kind !== "valid") return false;
  if (seen.card.commentId === commentId) return true;
  if (commentId !== null && seen.card.surplus.includes(commentId))
    await tools.tracker.write({ kind: "remove_card", ref, commentId });
  return false;
}

/**
 * Writes the card for a decision on what the tick read at its start: another tick may have written it since, and then its
 * word stands and the next tick decides (promises S8 and S9).
 */
export async function writeIfUntouched(decision: RunDecision, card: Card, tools: Tools): Promise<void> {
  const writer = cardWriter(decision, tools);
  if (writer.isNews(card) && (await isOvertaken(decision, tools))) return;
  await writer.write(card);
}

async function isOvertaken(decision: RunDecision, tools: Tools): Promise<boolean> {
  if (decision.text === null) return false;
  const readings = await tools.tracker.readIssues([decision.ref]);
  const detail = readings.issues[0]?.detail;
  if (detail?.known !== true || detail.value === null) return true;
  return !detail.value.cards.some(({ id, text }) => id === decision.commentId && text === decision.text);
}

/** What people wrote below the line is overwritten only together with a change of our own (DESIGN section 4). */
function isNews(old: string, next: string): boolean {
  return firstLine(old) !== firstLine(next) || steps(old) !== steps(next);
}

/** A run that has ended keeps the words it ended with: its thread may not be readable any more. */
function withLine(old: string, next: string): string {
  return firstLine(next) + old.slice(firstLine(old).length);
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : text.slice(0, end);
}

function steps(text: string): string {
  return text
    .split("\n")
    .filter((line) => /^- \[[x~ ]\] [a-z-]+$/.test(line))
    .join("\n");
}
