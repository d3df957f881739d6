// The checklist that people see on the card: which phase a run has reached.
import type { Card } from "./card.ts";
import type { Verdict } from "./verdict.ts";

export const PHASES = ["worktree", "tests-red", "green", "pushed", "ci", "deployed", "done"] as const;
export type Phase = (typeof PHASES)[number];

export interface PhaseFacts {
  readonly card: Card;
  readonly verdict: Verdict | null;
  /** What the run's commits claim by `AFK-Phase:` trailers. */
  readonly claimed: ReadonlySet<string>;
  /** How many stages the verdict has; with one there is nothing to deploy. */
  readonly stageCount: number;
}

/** Renders the phases as a task list: done, current, to come. tests-red and green only if a commit says so. */
export function checklist(facts: PhaseFacts): readonly string[] {
  const reached = reachedPhases(facts);
  const shown = PHASES.filter((phase) => isShown(phase, facts));
  const current = facts.card.outcome === null ? shown.find((phase) => !reached.has(phase)) : undefined;
  return shown.map((phase) => `- [${reached.has(phase) ? "x" : phase === current ? "~" : " "}] ${phase}`);
}

function isShown(phase: Phase, facts: PhaseFacts): boolean {
  switch (phase) {
    case "tests-red":
    case "green":
      return facts.claimed.has(phase);
    case "deployed":
      return facts.stageCount > 1;
    case "worktree":
    case "pushed":
    case "ci":
    case "done":
      return true;
  }
}

function reachedPhases(facts: PhaseFacts): ReadonlySet<Phase> {
  const { card, verdict } = facts;
  // The second and third are shown only where a commit claims them.
  const reached = new Set<Phase>(["worktree", "tests-red", "green"]);
  if (card.commit !== null) reached.add("pushed");
  const succeeded = card.outcome === "close_success";
  const isGreen = succeeded || verdict?.kind === "green";
  if (isGreen || (verdict?.kind === "pending" && verdict.stages.length > 0)) reached.add("ci");
  if (isGreen) reached.add("deployed");
  if (succeeded) reached.add("done");
  return reached;
}
