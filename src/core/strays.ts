// Decides live threads of ours that are nobody's run: empty ones, doubles, and those of repos that afk may not touch.
import type { PlacedThread } from "./fleet.ts";
import type { AbandonDecision, DiscardDecision, HoldDecision } from "./plan.ts";
import type { Policy } from "./policy.ts";
import { RUN_REASONS } from "./reasons.ts";

/** What happens to a live thread whose issue nobody could name. */
export function decideOrphan(
  placed: PlacedThread,
  now: number,
  policy: Policy,
): DiscardDecision | HoldDecision {
  const { thread, place } = placed;
  const common = { repo: place.repo, issue: null, thread: thread.id, url: thread.url };
  const age = (now - thread.createdAt) / 1000;
  if (!thread.hasMessage && age > 2 * policy.tickMaxSeconds)
    return { ...common, action: "discard", reason: "empty_thread", message: RUN_REASONS.empty_thread };
  const reason = thread.hasMessage ? "card_unreadable" : "starting";
  const message = thread.hasMessage
    ? "The thread's first message could not be read or is not one that afk signed: check AFK_STATE_KEY, or stop the thread."
    : RUN_REASONS.starting;
  return { ...common, action: "hold", reason, message, gates: [] };
}

/** A thread of ours whose repo is not in the allowlist any more. */
export function abandonedThread(placed: PlacedThread): AbandonDecision {
  const { thread, place } = placed;
  return {
    action: "abandon",
    reason: "not_allowlisted",
    repo: place.repo,
    issue: placed.run?.issue.number ?? null,
    thread: thread.id,
    url: thread.url,
    message: RUN_REASONS.not_allowlisted,
  };
}

/** A second thread of an issue. */
export function duplicate(placed: PlacedThread): AbandonDecision {
  return { ...abandonedThread(placed), reason: "duplicate", message: RUN_REASONS.duplicate };
}
