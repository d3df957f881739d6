// The threads of a kill world, as the server has them, and which of them hold a lane.
import { parseRunLine, type RunLine } from "../../src/core/prompt.ts";
import type { T3Double } from "../support/t3/server.ts";

export interface SeenThread {
  readonly id: string;
  readonly archivedAt: string | null;
  readonly deletedAt: string | null;
  readonly settledOverride: string | null;
  readonly session: { readonly status: string } | null;
}

export function allThreads(t3: T3Double): readonly SeenThread[] {
  const { threads } = t3.store.snapshot() as { readonly threads: readonly SeenThread[] };
  return threads;
}

/** What holds its lane (DESIGN section 3). */
export function liveThreads(t3: T3Double): readonly SeenThread[] {
  return allThreads(t3).filter(
    ({ archivedAt, deletedAt, settledOverride, session }) =>
      archivedAt === null &&
      deletedAt === null &&
      (settledOverride !== "settled" || ["starting", "running"].includes(session?.status ?? "")),
  );
}

/** The messages that were sent to a thread's agent, oldest first. */
export function sentTo(t3: T3Double, threadId: string): readonly string[] {
  return t3.store
    .row(threadId)
    .messages.filter(({ role }) => role === "user")
    .map(({ text }) => text);
}

/** What the first message of a thread says of its run; null for a thread without one. */
export function runOf(t3: T3Double, threadId: string): RunLine | null {
  const [first] = sentTo(t3, threadId);
  // Who signed it is not the question here.
  return first === undefined ? null : parseRunLine(first, { sign: () => "", verifies: () => true });
}
