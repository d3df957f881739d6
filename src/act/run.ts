// Carries out what the decision table says about one run, after looking once more whether it still says so.
import type { Card } from "../core/card.ts";
import { merged } from "../core/card-reading.ts";
import type { RunDecision } from "../core/plan.ts";
import { takeoverOf } from "../core/run-state.ts";
import { rangAfter } from "../core/terminal.ts";
import { decideIssue, type WatchedIssue } from "../core/watch.ts";
import { ask } from "../observe/ask.ts";
import { readDetails } from "../observe/details.ts";
import { completeIssues, otherExecutor } from "../observe/runs.ts";
import { contextOf } from "../plan/context.ts";
import type { Tools } from "../tools.ts";
import { cardWriter, endPutBack, writeIfUntouched } from "./card.ts";
import { finish } from "./finish.ts";
import { type ActResult, done, skipped } from "./result.ts";
import { ring } from "./ring.ts";
import { fixForward, resume } from "./turn.ts";

/** Acts on one run. Waits act on what was just read; everything else on a fresh read of this run alone. */
export async function actOnRun(
  decision: RunDecision,
  executorId: string | null,
  tools: Tools,
): Promise<ActResult | null> {
  if (decision.outcome === null && decision.action === "wait") return wait(decision, tools);
  const fresh = await confirmed(decision, executorId, tools);
  if (fresh === null) return skipped(decision.reason, "The run changed while this tick looked at it.");
  if (fresh.decision.outcome !== null) {
    const latest = (): Promise<RunDecision | null> => lookAgain(fresh, tools);
    return finish(fresh.decision, latest, tools);
  }
  // Thread, commits and verdict were read since the issue was: only now is it known whether the run still is ours to go on.
  const latest = await lookAgain(fresh, tools);
  if (latest === null) return skipped(decision.reason, "The run changed while this tick looked at it.");
  switch (decision.action) {
    case "fix_forward":
      return fixForward(latest, fresh.issue, tools);
    case "resume":
      return resume(latest, fresh.issue, tools);
    case "ask_human":
      return askHuman(latest, tools);
    case "wait":
    case "close_success":
    case "escalate_prepush":
    case "freeze_escalate":
      return null;
  }
}

interface Confirmed {
  readonly decision: RunDecision;
  /** Null when the run has no card to read it by. */
  readonly issue: WatchedIssue | null;
}

/** Reads issue, thread, commits and verdict of the one run again; null when they now say something else. */
async function confirmed(
  decision: RunDecision,
  executorId: string | null,
  tools: Tools,
): Promise<Confirmed | null> {
  const { card } = decision;
  if (decision.commentId === null || decision.reason === "finishing" || decision.reason === "card_missing")
    return { decision, issue: null };
  const seen = await readDetails(tools, [decision.ref], []);
  const [issue] = await completeIssues(tools, seen, async () =>
    card.executorId === executorId ? ask(() => tools.executor.readThread(card.thread)) : otherExecutor(card),
  );
  if (issue === undefined) return null;
  const again = decideIssue(issue, contextOf(tools, executorId)).find(
    (other): other is RunDecision => other.action === decision.action && other.thread === decision.thread,
  );
  return again === undefined || again.outcome !== decision.outcome ? null : { decision: again, issue };
}

/**
 * Reads the issue once more right before the card is written: a stop and the other reads take seconds, in which a person may
 * take over and another tick may end the run. Null when that happened: what it says now is for the next tick (promises S6,
 * S9 and S12).
 */
async function lookAgain({ decision, issue }: Confirmed, tools: Tools): Promise<RunDecision | null> {
  if (issue === null) return decision.reason === "finishing" ? decision : stillWithoutCard(decision, tools);
  // First, so that no request comes between the look at the issue and the write. An end of this decision is none yet.
  if (await endPutBack({ ...decision, card: { ...decision.card, outcome: null } }, tools)) return null;
  const [seen] = await readDetails(tools, [decision.ref], []);
  if (seen?.detail.known !== true) return null;
  const detail = seen.detail.value;
  if (detail === null) return decision.outcome === "issue_gone" ? decision : null;
  if (seen.card?.kind !== "valid") return null;
  const { card, commentId, text, surplus } = seen.card;
  if (card.thread !== decision.card.thread || card.outcome !== null) return null;
  const takeover = takeoverOf({ detail, card, landed: issue.landed }, tools.policyOf(decision.repo));
  if (takeover !== (decision.outcome === "handed_over" ? decision.outcome : null)) return null;
  return { ...decision, detail, card: merged(decision.card, card), commentId, text, surplus };
}

/** The decision on a run without a card of its own, unless it got one meanwhile: then that one's word counts. */
async function stillWithoutCard(decision: RunDecision, tools: Tools): Promise<RunDecision | null> {
  const [seen] = await readDetails(tools, [decision.ref], []);
  if (seen?.detail.known !== true) return null;
  const detail = seen.detail.value;
  if ((detail === null) !== (decision.detail === null)) return null;
  const found = seen.card ?? { kind: "absent" };
  if (found.kind === "valid" && found.card.thread === decision.card.thread) return null;
  const commentId = found.kind === "absent" ? null : found.commentId;
  return commentId === decision.commentId ? { ...decision, detail } : null;
}

/** Leaves the run alone, but for what keeps it going: the label a dead tick forgot, CI to be asked, a bell, the card. */
async function wait(decision: RunDecision, tools: Tools): Promise<ActResult | null> {
  if (decision.addInProgress) {
    const label = tools.policyOf(decision.repo).inProgressLabel;
    await tools.tracker.write({ kind: "add_label", ref: decision.ref, label });
  }
  const stage = tools.stages.find(({ name }) => name === decision.request);
  if (stage !== undefined && decision.card.commit !== null)
    await stage.ci.request(decision.repo, decision.card.commit);
  const rung = decision.ringFor === null ? null : await rangFor(decision, decision.ringFor, tools);
  await writeIfUntouched(decision, rung?.card ?? decision.card, tools);
  if (stage !== undefined)
    return done("ci_requested", `Asked ${stage.name} for a verdict on ${decision.card.commit}.`);
  return rung === null ? null : done(decision.reason, "Rang for a person.", rung.problem);
}

/** Rings once and keeps the run; the card remembers since when the agent waits. */
async function askHuman(decision: RunDecision, tools: Tools): Promise<ActResult> {
  const rung = await rangFor(decision, "waiting", tools);
  const waitingSince = new Date(tools.clock.now()).toISOString();
  await cardWriter(decision, tools).write({ ...rung.card, waitingSince });
  return done(decision.reason, "Rang for a person.", rung.problem);
}

async function rangFor(
  decision: RunDecision,
  cause: "waiting" | "held",
  tools: Tools,
): Promise<{ readonly card: Card; readonly problem: Awaited<ReturnType<typeof ring>> }> {
  const problem = await ring(decision, "waiting", tools);
  return {
    card: { ...decision.card, rang: rangAfter(decision.card, cause, problem === undefined) },
    problem,
  };
}
