// What the T3 executor does about single threads; most ticks find none and never load it.
import type { Thread } from "../../core/thread.ts";
import type { Executor } from "../../ports.ts";
import type { T3Context } from "./commands.ts";
import { createThread } from "./create.ts";
import { endThread } from "./end.ts";
import { readThread, showThreads } from "./read.ts";
import type { T3Snapshot } from "./schemas.ts";
import { sendTurn } from "./send.ts";

export interface SingleThreads extends Omit<Executor, "capabilities" | "listThreads"> {
  show(snapshot: T3Snapshot, environmentId: string): readonly Thread[];
}

export function createThreads(context: T3Context): SingleThreads {
  return {
    show: (snapshot, environmentId) => showThreads(context, snapshot, environmentId),
    readThread: (threadId) => readThread(context, threadId),
    create: (thread) => createThread(context, thread),
    send: (turn) => sendTurn(context, turn),
    end: (threadId, how) => endThread(context, threadId, how),
  };
}
