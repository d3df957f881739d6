// The agents of the T3 double: they begin turns, speak, ask, end and die as a test says.
import type { MessageRow, ThreadRow } from "./rows.ts";

export interface Agents {
  /** Takes up the thread's accepted turns, if nothing keeps it from that. */
  begin(threadId: string): void;
  /** Ends the turn well with these last words. */
  finish(threadId: string, words?: string): void;
  /** The provider's process dies in the turn. */
  die(threadId: string): void;
  /** Says something in a turn that goes on. */
  speak(threadId: string, words: string): void;
  /** Waits for a person. */
  ask(threadId: string, what: "approval" | "user-input", requestId?: string): void;
  /** Gives the answer; false when nobody asked. */
  answer(threadId: string, what: "approval" | "user-input", requestId: string): boolean;
  interrupt(threadId: string): void;
  stop(threadId: string): void;
  /** The process behind a thread is killed without a trace. */
  vanish(threadId: string): void;
  /** Threads whose agent edits files, whatever their rows say. */
  readonly atWork: ReadonlySet<string>;
  /** Every turn that an agent took up. */
  readonly turns: readonly { readonly threadId: string; readonly messageId: string; readonly text: string }[];
  accept(threadId: string, messageId: string): void;
  /** The server dies and comes back: agents and accepted turns are gone, the rows stay as they were. */
  restart(): void;
}

export interface AgentWorld {
  thread(threadId: string): ThreadRow;
  time(): string;
  id(): string;
  readonly instances: readonly string[];
  readonly isDirectory: (path: string) => boolean;
}

const STREAM_FAILED = "Claude runtime stream failed.";

export function createAgents(world: AgentWorld): Agents {
  const atWork = new Map<string, string>();
  const accepted: { threadId: string; messageId: string }[] = [];
  const turns: { threadId: string; messageId: string; text: string }[] = [];

  /** Events of archived and deleted threads are dropped. */
  function live(threadId: string): ThreadRow | null {
    const thread = world.thread(threadId);
    return thread.archivedAt === null && thread.deletedAt === null ? thread : null;
  }

  function note(
    thread: ThreadRow,
    kind: string,
    payload: Readonly<Record<string, unknown>>,
    tone = "info",
  ): void {
    const turnId = thread.session?.activeTurnId ?? null;
    const time = world.time();
    thread.activities.push({ id: world.id(), tone, kind, summary: kind, payload, turnId, createdAt: time });
    thread.updatedAt = time;
  }

  function session(thread: ThreadRow, status: string, lastError: string | null = null): void {
    const time = world.time();
    thread.session = {
      threadId: thread.id,
      status,
      providerName: lastError === null || status === "stopped" ? "claudeAgent" : null,
      providerInstanceId: thread.modelSelection.instanceId,
      runtimeMode: thread.runtimeMode,
      activeTurnId: status === "running" ? (thread.latestTurn?.turnId ?? null) : null,
      lastError,
      updatedAt: time,
    };
    thread.updatedAt = time;
  }

  function say(thread: ThreadRow, words: string): string {
    const time = world.time();
    const message: MessageRow = {
      id: `assistant:${world.id()}`,
      role: "assistant",
      text: words,
      turnId: thread.latestTurn?.turnId ?? null,
      streaming: false,
      createdAt: time,
      updatedAt: time,
    };
    thread.messages.push(message);
    if (thread.latestTurn !== null) thread.latestTurn.assistantMessageId = message.id;
    thread.updatedAt = time;
    return message.id;
  }

  function end(thread: ThreadRow, state: string, words: string | null): void {
    const assistantMessageId = words === null ? null : say(thread, words);
    if (thread.latestTurn === null) return;
    thread.latestTurn = { ...thread.latestTurn, state, completedAt: world.time(), assistantMessageId };
  }

  function begin(threadId: string): void {
    if (atWork.has(threadId)) return;
    const index = accepted.findIndex((one) => one.threadId === threadId);
    const next = accepted[index];
    if (next === undefined) return;
    accepted.splice(index, 1);
    const thread = live(threadId);
    const message = thread?.messages.find(({ id }) => id === next.messageId);
    if (thread === null || message === undefined) return;
    const { instanceId } = thread.modelSelection;
    if (!world.instances.includes(instanceId)) {
      const detail = `Thread '${threadId}' references unknown provider instance '${instanceId}'.`;
      note(thread, "provider.turn.start.failed", { detail }, "error");
      return session(thread, "error", detail);
    }
    if (thread.worktreePath !== null && !world.isDirectory(thread.worktreePath)) {
      note(thread, "provider.turn.start.failed", { detail: "No such directory." }, "error");
      note(thread, "runtime.error", { message: STREAM_FAILED }, "error");
      return session(thread, "stopped", STREAM_FAILED);
    }
    const requestedAt = message.updatedAt;
    thread.latestTurn = {
      turnId: world.id(),
      state: "running",
      requestedAt,
      startedAt: requestedAt,
      completedAt: null,
      assistantMessageId: null,
    };
    session(thread, "running");
    atWork.set(threadId, thread.latestTurn.turnId);
    turns.push({ threadId, messageId: message.id, text: message.text });
  }

  function running(threadId: string): ThreadRow | null {
    if (!atWork.has(threadId)) throw new Error(`No agent works on ${threadId}.`);
    return live(threadId);
  }

  return {
    get atWork() {
      return new Set(atWork.keys());
    },
    turns,
    begin,
    accept: (threadId, messageId) => void accepted.push({ threadId, messageId }),
    finish(threadId, words = "Fake model reply: done.") {
      const thread = running(threadId);
      atWork.delete(threadId);
      if (thread === null) return;
      end(thread, "completed", words);
      session(thread, "ready");
      begin(threadId);
    },
    die(threadId) {
      const thread = running(threadId);
      atWork.delete(threadId);
      if (thread === null) return;
      note(thread, "runtime.error", { message: STREAM_FAILED }, "error");
      end(thread, "error", "tick 0. ");
      session(thread, "stopped", STREAM_FAILED);
    },
    speak(threadId, words) {
      const thread = running(threadId);
      if (thread !== null) say(thread, words);
    },
    ask(threadId, what, requestId = world.id()) {
      const thread = running(threadId);
      if (thread !== null) note(thread, `${what}.requested`, { requestId });
    },
    answer(threadId, what, requestId) {
      const thread = world.thread(threadId);
      const isAsked = thread.activities.some(
        ({ kind, payload }) => kind === `${what}.requested` && payload["requestId"] === requestId,
      );
      const kind = isAsked ? `${what}.resolved` : `provider.${what}.respond.failed`;
      note(thread, kind, { requestId }, isAsked ? "info" : "error");
      return isAsked;
    },
    interrupt(threadId) {
      const thread = world.thread(threadId);
      const isAlive = atWork.delete(threadId);
      if (live(threadId) === null) return;
      if (!isAlive && thread.session?.status !== "running")
        return note(
          thread,
          "provider.turn.interrupt.failed",
          { detail: "No active provider session." },
          "error",
        );
      end(thread, "completed", isAlive ? "tick 0. " : null);
      session(thread, "ready");
      begin(threadId);
    },
    stop(threadId) {
      const thread = world.thread(threadId);
      const isAlive = atWork.delete(threadId);
      if (live(threadId) === null) return;
      if (thread.session?.status === "running")
        end(thread, isAlive ? "completed" : "interrupted", isAlive ? "tick 0. " : null);
      if (thread.session !== null) return session(thread, "stopped");
      const { runtimeMode } = thread;
      const updatedAt = world.time();
      thread.session = {
        threadId,
        status: "stopped",
        providerName: null,
        runtimeMode,
        activeTurnId: null,
        lastError: null,
        updatedAt,
      };
      thread.updatedAt = updatedAt;
    },
    vanish: (threadId) => void atWork.delete(threadId),
    restart() {
      atWork.clear();
      accepted.length = 0;
    },
  };
}
