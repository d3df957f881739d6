// Sends turns: looks first, because T3 also accepts a turn where none can run.
import type { NewTurn } from "../../core/thread.ts";
import { AfkError } from "../../errors.ts";
import { WHAT } from "./client.ts";
import { carryOut, invalidCommand, type Order, type T3Context } from "./commands.ts";
import type { T3Thread } from "./schemas.ts";
import { endingOf } from "./read.ts";
import { judge, isAtWork } from "./state.ts";

type Answer = "sent" | "already_sent" | "busy" | "gone";

/** Sends one turn; the words of the answer are those of the port. */
export async function sendTurn(context: T3Context, turn: NewTurn): Promise<Answer> {
  const thread = await readReadable(context, turn.threadId);
  if (thread === null) return "gone";
  if (hasMessage(thread, turn.messageId)) return "already_sent";
  const now = context.deps.clock.now();
  if (isAtWork(thread, now)) return "busy";
  const state = judge(thread, now).state;
  if (state.kind === "unknown")
    throw new AfkError("contract", `No turn was sent to ${turn.threadId}: ${state.message}`);
  return start(context, turn);
}

async function start(context: T3Context, { threadId, messageId, text }: NewTurn): Promise<Answer> {
  const order: Order = {
    threadId,
    step: "turn",
    body: {
      type: "thread.turn.start",
      threadId,
      message: { messageId, role: "user", text, attachments: [] },
      runtimeMode: "full-access",
      interactionMode: "default",
    },
  };
  const look = async () => {
    const thread = await readReadable(context, threadId);
    if (thread === null) return "stopped";
    if (hasMessage(thread, messageId)) return "there";
    // While this tick waited, another one ended the run and settled its thread.
    return endingOf(thread) === "none" ? "absent" : "stopped";
  };
  const outcome = await carryOut(context, order, look);
  if (outcome === "stopped") return "gone";
  if (typeof outcome === "string") return "sent";
  throw invalidCommand("thread.turn.start");
}

function hasMessage(thread: T3Thread, messageId: string): boolean {
  return thread.messages.some(({ id }) => id === messageId);
}

async function readReadable(context: T3Context, threadId: string): Promise<T3Thread | null> {
  const row = await context.client.readThread(threadId);
  if (row === null || row.isReadable) return row?.thread ?? null;
  throw new AfkError(
    "contract",
    `${WHAT} describes the thread ${threadId} in a shape that afk does not know.`,
  );
}
