// Repairs what a dead tick left behind: runs without a card, threads without a message, threads that must not be there.
import { renderCard } from "../core/card-text.ts";
import type { AbandonDecision, AdoptDecision, DiscardDecision } from "../core/plan.ts";
import type { Tools } from "../tools.ts";
import { type ActResult, done } from "./result.ts";

/** Writes the card and the label that a dead tick did not get to. */
export async function adopt(decision: AdoptDecision, tools: Tools): Promise<ActResult> {
  const ref = { repo: decision.repo, number: decision.issue };
  if (decision.record !== null) {
    const { card, commentId, view } = decision.record;
    const text = renderCard(card, view, tools.signer);
    await tools.tracker.write({ kind: "write_card", ref, commentId, text });
  }
  const label = tools.policyOf(ref.repo).inProgressLabel;
  await tools.tracker.write({ kind: "add_label", ref, label });
  const made = decision.record === null ? "the label" : "the card and the label";
  return done("adopted", `Made ${made} of thread ${decision.thread ?? "unknown"}.`);
}

/** Stops a thread on the executor, and puts it away once it is seen to have stopped. */
export async function abandon(decision: AbandonDecision, tools: Tools): Promise<ActResult> {
  const stopped = await tools.executor.end(decision.thread, "stop");
  if (stopped === "unconfirmed")
    return done(decision.reason, `Asked thread ${decision.thread} to stop; the next tick looks again.`);
  await settleOrArchive(decision.thread, tools);
  return done(decision.reason, `Stopped thread ${decision.thread}.`);
}

/** Settled, a person can still talk to the agent; a thread that cannot be settled is archived, or it would keep its lane. */
export async function settleOrArchive(thread: string, tools: Tools): Promise<void> {
  const settled = await tools.executor.end(thread, "settle");
  if (settled === "unsupported") await tools.executor.end(thread, "archive");
}

/** Deletes a thread that never got a message; the executor refuses if it has one by now. */
export async function discard(decision: DiscardDecision, tools: Tools): Promise<ActResult> {
  await tools.executor.end(decision.thread, "delete");
  return done("empty_thread", `Removed the empty thread ${decision.thread}.`);
}
