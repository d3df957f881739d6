// The executor's nouns, as the core sees them: threads, their state, and what an executor can do.

/** Whether the session of a thread works, and if not, how its last turn ended (DESIGN section 4). */
export type ThreadState =
  | { readonly kind: "running" }
  /** The last turn ended well; it does not say that the issue is done. */
  | { readonly kind: "idle" }
  /** The last turn ended badly and the executor says so. `mayPass`: one more turn could work. */
  | {
      readonly kind: "error";
      readonly cause: ErrorCause;
      readonly mayPass: boolean;
      readonly message: string;
    }
  /** The agent waits for an approval or an answer of a person. */
  | { readonly kind: "waiting"; readonly message: string }
  /** The executor answered and does not have it, or its process is provably gone without a final record. */
  | { readonly kind: "lost"; readonly message: string }
  /** The executor's answer holds a word that we do not know, or the server is another one. */
  | { readonly kind: "unknown"; readonly message: string };

export type ErrorCause =
  | "auth"
  | "rate_limit"
  | "overloaded"
  | "budget"
  | "refusal"
  | "denied"
  | "killed"
  | "lost_turn"
  | "setup"
  | "other";

/** One thread as a list read shows it. Times are milliseconds since the epoch, by the injected clock. */
export interface Thread {
  readonly id: string;
  /** The repo that the executor believes the thread is for: a hint where to look, never a proof. */
  readonly repo: string | null;
  readonly title: string;
  readonly createdAt: number;
  /** Archived, deleted and settled threads are not live (DESIGN section 3); `settled` counts only when not running. */
  readonly ending: "none" | "settled" | "archived" | "deleted";
  readonly state: ThreadState;
  /** Since when the state holds, by the executor's own time; null when it does not say. */
  readonly since: number | null;
  readonly lastActivityAt: number | null;
  /** False: created, and no turn was ever accepted. */
  readonly hasMessage: boolean;
  /** Null: not reported. */
  readonly costUsd: number | null;
  readonly url: string | null;
}

export interface ThreadList {
  /**
   * Identifies the server that answered: another one does not know our threads. It may cost a request, so it is asked
   * only when there is a run to compare or to record.
   */
  readonly identify: () => Promise<string>;
  readonly threads: readonly Thread[];
}

export interface Message {
  readonly id: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One thread with what was said in it. */
export interface ThreadDetail extends Thread {
  /** The messages sent to the agent, oldest first. */
  readonly messages: readonly Message[];
  /** The end of what the agent said last; empty when it said nothing. */
  readonly lastWords: string;
}

/** What an executor can do, as data: policy reads this, never the executor's name. */
export interface Capabilities {
  /** Each run works in a place of its own, so a repo may have more than one lane. */
  readonly isolated: boolean;
  readonly canInterrupt: boolean;
  readonly reportsCost: boolean;
}

export interface NewThread {
  readonly threadId: string;
  readonly projectId: string;
  readonly repo: string;
  readonly title: string;
}

export interface NewTurn {
  readonly threadId: string;
  readonly repo: string;
  readonly messageId: string;
  readonly text: string;
  /** What the run may still spend; null: no limit. */
  readonly budgetUsd: number | null;
}

/** A live thread holds its lane: not archived, not deleted, and not settled unless it still works (DESIGN section 3). */
export function isLive(thread: Thread): boolean {
  switch (thread.ending) {
    case "none":
      return true;
    case "settled":
      return thread.state.kind === "running";
    case "archived":
    case "deleted":
      return false;
  }
}

/** What was sent to the agent, oldest first; empty for a thread that was not read itself. */
export function messagesOf(thread: Thread | ThreadDetail | null): readonly Message[] {
  return thread !== null && isDetail(thread) ? thread.messages : [];
}

/** The end of what the agent said last; empty for a thread that was not read itself. */
export function lastWordsOf(thread: Thread | ThreadDetail | null): string {
  return thread !== null && isDetail(thread) ? thread.lastWords : "";
}

function isDetail(thread: Thread | ThreadDetail): thread is ThreadDetail {
  return "messages" in thread;
}
