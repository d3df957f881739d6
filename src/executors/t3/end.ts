// Ends threads: stops the agent and looks whether it stopped, settles, archives what has stopped, deletes what is empty.
import { AfkError } from "../../errors.ts";
import type { EndResult } from "../../ports.ts";
import { type T3Client, WHAT } from "./client.ts";
import { carryOut, type CommandBody, type Order, post, type T3Context } from "./commands.ts";
import { endingOf } from "./read.ts";
import { readRow, type T3Row, type T3Thread } from "./schemas.ts";
import { isAtWork, pendingRequest } from "./state.ts";

/** A stop is watched for about five seconds, and ordered anew three times in them. */
const STOP_ROUNDS = 15;
const STOP_ROUND_MILLISECONDS = 330;
const ROUNDS_PER_ORDER = 5;

/** Ends a thread as the port says. A thread that is not here, or is already over in this way, is `confirmed`. */
export async function endThread(
  context: T3Context,
  threadId: string,
  how: "stop" | "settle" | "archive" | "delete",
): Promise<EndResult> {
  const thread = await look(context, threadId);
  if (thread === null || thread.deletedAt !== null) return "confirmed";
  switch (how) {
    case "stop":
      return stop(context, thread);
    case "settle":
      return settle(context, thread);
    case "archive":
      return archive(context, thread);
    case "delete":
      return deleteEmpty(context, thread);
  }
}

/** Reads a thread wherever it is: the thread's own answer leaves out what is archived or deleted. */
async function look({ client }: T3Context, threadId: string): Promise<T3Thread | null> {
  const row = (await client.readThread(threadId)) ?? (await lookAmongAll(client, threadId));
  if (row === null || row.isReadable) return row?.thread ?? null;
  throw new AfkError(
    "contract",
    `${WHAT} describes the thread ${threadId} in a shape that afk does not know.`,
  );
}

async function lookAmongAll(client: T3Client, threadId: string): Promise<T3Row | null> {
  const { threads } = await client.readSnapshot();
  const found = threads.find(({ id }) => id === threadId);
  return found === undefined ? null : readRow(found);
}

async function stop(context: T3Context, first: T3Thread): Promise<EndResult> {
  const { deps } = context;
  const asked = deps.clock.now();
  let thread: T3Thread | null = first;
  for (let round = 0; round < STOP_ROUNDS; round += 1) {
    if (thread === null || hasStopped(thread, deps.clock.now())) return "confirmed";
    if (round % ROUNDS_PER_ORDER === 0) await orderStop(context, thread, asked, round / ROUNDS_PER_ORDER + 1);
    // The order stands; the next tick looks again.
    if (deps.signal.aborted) return "unconfirmed";
    await deps.clock.sleep(STOP_ROUND_MILLISECONDS);
    thread = await look(context, first.id);
  }
  // A session that ended by itself may never come to the word `stopped`.
  return thread === null || isQuiet(thread, deps.clock.now()) ? "confirmed" : "unconfirmed";
}

/** The interrupt ends the turn, the stop ends the process; what either answers shows in the thread. */
async function orderStop(
  context: T3Context,
  thread: T3Thread,
  asked: number,
  attempt: number,
): Promise<void> {
  const turnId = thread.session?.activeTurnId ?? null;
  if (isAtWork(thread, context.deps.clock.now()))
    await post(
      context,
      order(thread.id, "interrupt", asked, {
        type: "thread.turn.interrupt",
        threadId: thread.id,
        ...(turnId === null ? {} : { turnId }),
      }),
      attempt,
    );
  const body: CommandBody = { type: "thread.session.stop", threadId: thread.id };
  await post(context, order(thread.id, "stop", asked, body), attempt);
}

function hasStopped(thread: T3Thread, now: number): boolean {
  if (thread.deletedAt !== null) return true;
  return !isAtWork(thread, now) && (thread.session === null || thread.session.status === "stopped");
}

function isQuiet(thread: T3Thread, now: number): boolean {
  return !isAtWork(thread, now) && thread.backgroundLiveness === null;
}

async function settle(context: T3Context, thread: T3Thread): Promise<EndResult> {
  if (endingOf(thread) !== "none") return "confirmed";
  const { capabilities } = await context.client.readEnvironment();
  if (!capabilities.threadSettlement) return "unsupported";
  // T3 would refuse.
  if (isAtWork(thread, context.deps.clock.now())) return "unconfirmed";
  // By the source, T3 refuses to settle a thread with an open question, also when its agent has stopped.
  if (pendingRequest(thread) !== null) return "unsupported";
  return putAway(context, thread.id, "settle");
}

/** An archived agent goes on editing files and its events are dropped, so it is stopped before, or not archived. */
async function archive(context: T3Context, thread: T3Thread): Promise<EndResult> {
  if (thread.archivedAt !== null) return "confirmed";
  if (isAtWork(thread, context.deps.clock.now())) return "unconfirmed";
  if ((await stop(context, thread)) !== "confirmed") return "unconfirmed";
  return putAway(context, thread.id, "archive");
}

async function deleteEmpty(context: T3Context, thread: T3Thread): Promise<EndResult> {
  // The messages of an archived thread cannot be read.
  if (thread.archivedAt !== null || thread.messages.length > 0 || thread.latestTurn !== null)
    return "unsupported";
  return putAway(context, thread.id, "delete");
}

/** Gives the order and believes only what it then sees. */
async function putAway(
  context: T3Context,
  threadId: string,
  how: "settle" | "archive" | "delete",
): Promise<EndResult> {
  const body: CommandBody = { type: `thread.${how}`, threadId };
  const wanted = { settle: "settled", archive: "archived", delete: "deleted" }[how];
  const outcome = await carryOut(
    context,
    order(threadId, how, context.deps.clock.now(), body),
    async () => {
      const thread = await look(context, threadId);
      if (thread === null || endingOf(thread) === wanted) return "there";
      return isAtWork(thread, context.deps.clock.now()) ? "stopped" : "absent";
    },
    "seen",
  );
  if (outcome === "stopped") return "unconfirmed";
  return typeof outcome === "string" ? "confirmed" : "unsupported";
}

/** Ending a thread may be needed more than once in its life, and a known id would do nothing. */
function order(threadId: string, step: string, asked: number, body: CommandBody): Order {
  return { threadId, step: `${step}@${asked}`, body };
}
