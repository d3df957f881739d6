// The ports: what afk asks of a tracker, a CI, an executor and a notifier. Reads return plain values or throw AfkError.
import type { Bell } from "./core/bell.ts";
import type {
  IssueList,
  IssueReadings,
  IssueRef,
  LandedCommit,
  LandedQuery,
  TrackerChange,
} from "./core/issue.ts";
import type { Observation } from "./core/observation.ts";
import type { Capabilities, NewThread, NewTurn, ThreadDetail, ThreadList } from "./core/thread.ts";
import type { StageVerdict } from "./core/verdict.ts";

export interface Tracker {
  /** Lists what is ready, in progress (open or closed) or with a person, over all allowlisted repos. */
  listIssues(): Promise<IssueList>;
  /** Reads the details of the asked issues and the facts of their repos. An empty question makes no request. */
  readIssues(refs: readonly IssueRef[]): Promise<IssueReadings>;
  /**
   * Reads every text that a card of an issue read in this tick is known to have had, newest first; empty where the tracker
   * keeps none. A text may have more around it, so only what it proves by its signature counts.
   */
  readCardTexts(ref: IssueRef, commentId: string): Promise<readonly string[]>;
  /** Reads the commits of `base..default` that carry an `AFK-Run:` trailer, newest first, one answer per query in order. */
  readLanded(queries: readonly LandedQuery[]): Promise<readonly Observation<readonly LandedCommit[]>[]>;
  /**
   * Makes one write. Doing it twice is the same as doing it once, but for `write_card` without a comment id. Gives back
   * the id of the comment that was written, and null for every other change.
   */
  write(change: TrackerChange): Promise<string | null>;
}

export interface Ci {
  /** Reads what this stage says about one commit; starts nothing. */
  readVerdict(repo: string, sha: string): Promise<StageVerdict>;
  /** Starts the stage for one commit where it must be asked (`none` with `canRequest`); once per commit. */
  request(repo: string, sha: string): Promise<void>;
}

export interface Executor {
  readonly capabilities: Capabilities;
  /** Lists threads: `live` leaves out archived and deleted ones where that is cheaper, `all` has every id ever seen. */
  listThreads(scope: "live" | "all"): Promise<ThreadList>;
  /** Reads one thread with its messages; null when the executor does not have it, or has it archived or deleted. */
  readThread(threadId: string): Promise<ThreadDetail | null>;
  /** Makes a thread. `exists` is the lock at work: somebody made this id before, and nothing was changed. */
  create(thread: NewThread): Promise<"created" | "exists">;
  /**
   * Sends one turn. `already_sent`: the thread has this message. `busy`: another turn is at work, nothing was sent.
   * `gone`: the thread is archived, deleted or was never made.
   */
  send(turn: NewTurn): Promise<"sent" | "already_sent" | "busy" | "gone">;
  /**
   * Ends a thread. `stop` interrupts the agent and looks whether it stopped; `settle` marks it as over while a person can
   * still talk to it; `archive` puts it away; `delete` removes a thread that never got a message, and no other.
   */
  end(threadId: string, how: "stop" | "settle" | "archive" | "delete"): Promise<EndResult>;
}

/** `confirmed`: it is so now. `unconfirmed`: it was asked for and not seen yet. `unsupported`: the executor cannot. */
export type EndResult = "confirmed" | "unconfirmed" | "unsupported";

export interface Notifier {
  readonly name: string;
  /** Rings once; throws AfkError when the receiver did not take it. */
  ring(bell: Bell): Promise<void>;
}

/** The only source of time. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Resolves after the given milliseconds of this clock. */
  sleep(milliseconds: number): Promise<void>;
}
