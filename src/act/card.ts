// Writes the run card when afk has a change of its own: a new machine line, or another step on the checklist.
import type { Card } from "../core/card.ts";
import { renderCard } from "../core/card-text.ts";
import type { RunDecision } from "../core/plan.ts";
import type { Tools } from "../tools.ts";

/** The card comment of one run while it is being acted on. */
export interface CardWriter {
  /** Writes the card with this state; nothing when the comment already says so, or the issue is gone. */
  write(card: Card): Promise<void>;
}

export function cardWriter(decision: RunDecision, tools: Tools): CardWriter {
  let commentId = decision.commentId;
  let text = decision.text;
  let surplus = decision.surplus;
  return {
    async write(card) {
      if (decision.detail === null) return;
      const next = renderCard(card, decision.view, tools.signer);
      const wanted = decision.reason === "finishing" && text !== null ? withLine(text, next) : next;
      if (text === null || isNews(text, wanted)) {
        commentId = await tools.tracker.write({
          kind: "write_card",
          ref: decision.ref,
          commentId,
          text: wanted,
        });
        text = wanted;
      }
      for (const id of surplus)
        await tools.tracker.write({ kind: "remove_card", ref: decision.ref, commentId: id });
      surplus = [];
    },
  };
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
