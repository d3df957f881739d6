// Sends turns: looks first, because T3 also accepts a turn where none can run, and repairs one that was never taken up.
import type { NewTurn } from "../../core/thread.ts";
import { AfkError } from "../../errors.ts";
import { WHAT } from "./client.ts";
import { carryOut, invalidCommand, type Order, type T3Context } from "./commands.ts";
import type { T3Thread } from "./schemas.ts";
import { judge, isAtWork } from "./state.ts";

type Answer = "sent" | "already_sent" | "busy" | "gone";

/** Sends one turn; the words of the answer are those of the port. */
export async function sendTurn(context: T3Context, turn: NewTurn): Promise<Answer> {
  const thread = await readReadable(context, turn.threadId);
  if (thread === null) return "gone";
  const before = messageTime(thread, turn.messageId);
  if (before !== null)
    return isLost(thread, turn, context) ? sendAgain(context, turn, thread, before) : "already_sent";
  const now = context.deps.clock.now();
  if (isAtWork(thread, now)) return "busy";
  const state = judge(thread, now).state;
  if (state.kind === "unknown")
    throw new AfkError("contract", `No turn was sent to ${turn.threadId}: ${state.message}`);
  return start(context, turn, turn.text, null);
}

/** Under the same message id, T3 keeps one message and starts its turn, if the command is a new one. */
function sendAgain(context: T3Context, turn: NewTurn, thread: T3Thread, before: number): Promise<Answer> {
  const sent = thread.messages.find(({ id }) => id === turn.messageId);
  return start(context, turn, sent?.text ?? turn.text, before);
}

/** `before`: when the message was last sent, if it was; a command that T3 knows already is accepted and does nothing. */
async function start(
  context: T3Context,
  turn: NewTurn,
  text: string,
  before: number | null,
): Promise<Answer> {
  const { threadId, messageId } = turn;
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
    const time = messageTime(thread, messageId);
    return time !== null && (before === null || time > before) ? "there" : "absent";
  };
  const outcome = await carryOut(context, order, look, before === null ? "accepted" : "seen");
  if (outcome === "stopped") return "gone";
  if (typeof outcome === "string") return "sent";
  throw invalidCommand("thread.turn.start");
}

/** Whether the thread's last message is this one and no agent ever took it up. */
function isLost(thread: T3Thread, turn: NewTurn, context: T3Context): boolean {
  const last = thread.messages.findLast(({ role }) => role === "user");
  const { state } = judge(thread, context.deps.clock.now());
  return last?.id === turn.messageId && state.kind === "error" && state.cause === "lost_turn";
}

/** When a message was last sent; null when the thread does not have it. */
function messageTime(thread: T3Thread, messageId: string): number | null {
  const message = thread.messages.find(({ id }) => id === messageId);
  return message === undefined ? null : Math.max(message.createdAt, message.updatedAt ?? 0);
}

async function readReadable(context: T3Context, threadId: string): Promise<T3Thread | null> {
  const row = await context.client.readThread(threadId);
  if (row === null || row.isReadable) return row?.thread ?? null;
  throw new AfkError(
    "contract",
    `${WHAT} describes the thread ${threadId} in a shape that afk does not know.`,
  );
}
