// Ends a run in the fixed order, every step repeatable: stop, record, tracker, ring, put away, and the label last.
import type { Card } from "../core/card.ts";
import { type Unknown, unknown } from "../core/observation.ts";
import type { RunDecision } from "../core/plan.ts";
import {
  mayRemoveInProgress,
  missingRing,
  missingTrackerSteps,
  rangAfter,
  type TrackerStep,
  waitsForRing,
} from "../core/terminal.ts";
import type { Policy } from "../core/policy.ts";
import { toUnknown } from "../errors.ts";
import type { EndResult } from "../ports.ts";
import type { TrackerChange } from "../core/issue.ts";
import type { Tools } from "../tools.ts";
import { cardWriter } from "./card.ts";
import { type ActResult, done, ENDED_MEANWHILE, skipped } from "./result.ts";
import { ring } from "./ring.ts";
import { settleOrArchive } from "./threads.ts";

/**
 * Makes the missing last writes of a run (DESIGN section 4, terminal order). A dead tick's rest is made by the next.
 * `lookAgain` gives the decision as it stands after the stop, or null when it does not stand any more.
 */
export async function finish(
  planned: RunDecision,
  lookAgain: () => Promise<RunDecision | null>,
  tools: Tools,
): Promise<ActResult> {
  const stopped = await stop(planned, tools);
  const decision = await lookAgain();
  if (decision === null)
    return skipped(planned.reason, "The run changed while its agent was stopped; the next tick decides.");
  const { detail, ref } = decision;
  const policy = tools.policyOf(decision.repo);
  const writer = cardWriter(decision, tools);
  let card: Card = { ...decision.card, stop: stopped.result };
  if ((await writer.write(card)) === "ended") return skipped(decision.reason, ENDED_MEANWHILE);
  const steps = detail === null ? [] : missingTrackerSteps(card, detail, policy);
  const late = steps.filter((step) => detail !== null && waitsForRing(step, detail, policy));
  for (const step of steps)
    if (!late.includes(step)) await tools.tracker.write(changeFor(step, decision, policy));
  const rung = await ringOnce(decision, card, tools);
  card = rung.card;
  await writer.write(card);
  const ended = done(card.reason ?? decision.reason, summary(card), stopped.problem ?? rung.problem);
  // Until the bell rang, the live thread leads the next tick back to it, also where a person takes the label away.
  if (rung.isMissing) return ended;
  for (const step of late) await tools.tracker.write(changeFor(step, decision, policy));
  if (!decision.threadIsOver && stopped.result !== "unconfirmed") await putAway(card, tools);
  if (detail !== null && mayRemoveInProgress(card, detail, policy))
    await tools.tracker.write({ kind: "remove_label", ref, label: policy.inProgressLabel });
  return ended;
}

async function putAway(card: Card, tools: Tools): Promise<void> {
  if (card.outcome === "close_success") await tools.executor.end(card.thread, "archive");
  else await settleOrArchive(card.thread, tools);
}

interface Stopped {
  readonly result: EndResult;
  readonly problem?: Unknown;
}

/** An agent that cannot be asked to stop is not known to have stopped; the run ends all the same. */
async function stop(decision: RunDecision, tools: Tools): Promise<Stopped> {
  if (decision.card.stop === "confirmed" || decision.threadIsOver) return { result: "confirmed" };
  if (!tools.executor.capabilities.canInterrupt) return { result: "unsupported" };
  try {
    return { result: await tools.executor.end(decision.card.thread, "stop") };
  } catch (error) {
    const problem = toUnknown(error);
    return {
      result: "unconfirmed",
      problem: unknown(problem.kind, `The agent could not be stopped: ${problem.message}`),
    };
  }
}

interface Rung {
  readonly card: Card;
  /** The bell did not ring and may still be tried again. */
  readonly isMissing: boolean;
  readonly problem?: Unknown;
}

async function ringOnce(decision: RunDecision, card: Card, tools: Tools): Promise<Rung> {
  const kind = tools.notifiers.length === 0 ? null : missingRing(card);
  if (kind === null) return { card, isMissing: false };
  const problem = await ring({ ...decision, card }, kind, tools);
  const next = { ...card, rang: rangAfter(card, kind, problem === undefined) };
  if (problem === undefined) return { card: next, isMissing: false };
  return { card: next, isMissing: missingRing(next) !== null, problem };
}

function changeFor(step: TrackerStep, decision: RunDecision, policy: Policy): TrackerChange {
  const { ref } = decision;
  switch (step) {
    case "close":
    case "reopen":
      return { kind: step, ref };
    case "add_human":
      return { kind: "add_label", ref, label: policy.humanLabel };
    case "remove_ready":
      return { kind: "remove_label", ref, label: policy.readyLabel };
  }
}

function summary(card: Card): string {
  const ending = `The run ended: ${card.outcome ?? "unknown"}.`;
  return card.stop === "unconfirmed" ? `${ending} The agent has not been seen to stop yet.` : ending;
}
