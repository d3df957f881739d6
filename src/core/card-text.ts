// The run card as people read it: the machine line, the checklist, what happened, and how to take the issue back.
import { type Card, type Outcome, renderCardLine } from "./card.ts";
import type { Signer } from "./digest.ts";
import { checklist, type PhaseFacts } from "./phases.ts";
import { RUN_REASONS } from "./reasons.ts";
import { fenced, inline, neutralised, safeUrl, tail } from "./text.ts";
import type { Failure, Verdict } from "./verdict.ts";

/** What the text below the line shows; nothing in it changes while the world stands still (promise L3). */
export interface CardView extends Omit<PhaseFacts, "card"> {
  readonly threadUrl: string | null;
  readonly lastWords: string;
  readonly labels: { readonly ready: string; readonly inProgress: string; readonly human: string };
  readonly maxAttempts: number;
  /** False: the executor never says what a run costs, so that AFK_BUDGET_USD cannot be enforced. */
  readonly reportsCost: boolean;
}

const MAX_CARD_CHARACTERS = 60_000;
const MAX_LAST_WORDS = 2_000;
const MAX_LOG = 2_000;

/** Renders the whole comment, at most 60,000 characters (DESIGN section 4). */
export function renderCard(card: Card, view: CardView, signer: Signer): string {
  const line = renderCardLine(card, signer);
  const parts = [
    headline(card),
    checklist({ ...view, card }).join("\n"),
    facts(card, view).join("\n"),
    ...failureParts(view.verdict),
    ...lastWordsPart(view.lastWords),
    recipes(card, view).join("\n"),
  ];
  const text = parts.join("\n\n");
  const room = MAX_CARD_CHARACTERS - line.length - 1;
  return `${line}\n${text.length <= room ? text : `${text.slice(0, room - 1).toWellFormed()}…`}`;
}

const HEADLINES: Readonly<Record<Outcome, string>> = {
  close_success: "**afk**: done, verified and closed.",
  escalate_prepush: "**afk**: needs a person. Nothing of this run landed.",
  freeze_escalate: "**afk**: frozen, needs a person. The state is left as it is, as evidence.",
  handed_over: "**afk**: a person took over. afk stopped.",
  issue_gone: "**afk**: the issue is gone. afk stopped.",
};

function headline(card: Card): string {
  return card.outcome === null ? "**afk** is on it." : HEADLINES[card.outcome];
}

function facts(card: Card, view: CardView): readonly string[] {
  const lines = [`Thread: ${view.threadUrl ?? `\`${card.thread}\``} (lane ${card.lane}, slot ${card.slot})`];
  if (card.attempts > 0) lines.push(`Fix-forward turns: ${card.attempts} of ${view.maxAttempts}`);
  if (card.resumes > 0) lines.push(`Resumed after a failure: ${card.resumes}`);
  if (card.spentUsd !== null) lines.push(`Spent: $${card.spentUsd.toFixed(2)}`);
  if (!view.reportsCost) lines.push("Spent: the executor does not say, so `AFK_BUDGET_USD` is not enforced");
  if (card.commit !== null) lines.push(`Commit: ${card.commit} (${verdictWords(view.verdict)})`);
  if (card.reason !== null) lines.push(`Reason: \`${card.reason}\`${reasonSentence(card.reason)}`);
  if (card.stop === "unconfirmed")
    lines.push("**The agent was asked to stop and has not been seen to stop yet:** it may still push.");
  if (card.stop === "unsupported") lines.push("The executor cannot stop an agent: it may still push.");
  return lines.map((line) => `- ${line}`);
}

function reasonSentence(reason: string): string {
  const sentence = new Map<string, string>(Object.entries(RUN_REASONS)).get(reason);
  // A card of a newer version may hold a reason that has no sentence here.
  return sentence === undefined ? "" : `. ${sentence}`;
}

function verdictWords(verdict: Verdict | null): string {
  if (verdict === null) return "no verdict";
  switch (verdict.kind) {
    case "green":
      return `green: ${inline(verdict.message)}`;
    case "red":
      return `red at ${verdict.stage}`;
    case "pending":
      return verdict.why === "held" ? `held: ${inline(verdict.message)}` : `waiting for ${verdict.stage}`;
    case "unknown":
      return `${verdict.stage} could not be read`;
  }
}

function failureParts(verdict: Verdict | null): readonly string[] {
  if (verdict?.kind !== "red") return [];
  return verdict.failures.slice(0, 5).map((failure: Failure) => {
    const name = `Failed: ${inline(failure.name)}${safeUrl(failure.url) === null ? "" : ` (${failure.url})`}`;
    return failure.log === "" ? name : `${name}\n\n${fenced(neutralised(tail(failure.log, MAX_LOG)))}`;
  });
}

function lastWordsPart(lastWords: string): readonly string[] {
  if (lastWords.trim() === "") return [];
  return [`The agent's last words:\n\n${fenced(neutralised(tail(lastWords.trim(), MAX_LAST_WORDS)))}`];
}

function recipes(card: Card, view: CardView): readonly string[] {
  const { ready, inProgress, human } = view.labels;
  const again = `To try again: remove \`${human}\` if it is there, and apply \`${ready}\` (remove it first if it is still there).`;
  if (card.outcome !== null) return [`- ${again}`];
  return [
    `- To stop this run and take the issue back: remove \`${inProgress}\`, or apply \`${human}\`, or close the issue.`,
    `- ${again}`,
  ];
}
