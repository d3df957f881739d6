// Decides when a tick must end: at a signal or after its time, and 10 seconds later whatever is still under way.
import { AfkError } from "./errors.ts";
import type { Clock } from "./ports.ts";
import type { Signals } from "./runtime.ts";

export interface Deadline {
  /** Aborted when nothing new may be started. */
  readonly ending: AbortSignal;
  /** Aborted when what is under way must stop too. */
  readonly ended: AbortSignal;
  /** Starts the time of the tick. */
  limit(seconds: number): void;
  /** Waits for work, but not for work that ignores `ended`. @throws AfkError `transport` then. */
  enforce<T>(work: Promise<T>): Promise<T>;
  /** The tick is over: nothing is aborted any more. */
  finish(): void;
}

const GRACE_MILLISECONDS = 10_000;
/** What work gets to notice that its requests were cut off, and to report. */
const LAST_MILLISECONDS = 2_000;

export function createDeadline(clock: Clock, signals: Signals, notice: (message: string) => void): Deadline {
  const ending = new AbortController();
  const ended = new AbortController();
  let finished = false;

  function after(milliseconds: number, act: () => void): void {
    void clock.sleep(milliseconds).then(() => {
      if (!finished) act();
    });
  }
  function end(why: string): void {
    if (finished || ending.signal.aborted) return;
    notice(`${why}: nothing new is started, and what is under way gets ${GRACE_MILLISECONDS / 1000} s.`);
    ending.abort();
    after(GRACE_MILLISECONDS, () => ended.abort());
  }
  const removeListener = signals.onTerminate(() => end("Asked to end"));

  return {
    ending: ending.signal,
    ended: ended.signal,
    limit: (seconds) => after(seconds * 1000, () => end(`AFK_TICK_MAX_SECONDS (${seconds}) are over`)),
    enforce: (work) =>
      new Promise((resolve, reject) => {
        work.then(resolve, reject);
        ended.signal.addEventListener("abort", () =>
          after(LAST_MILLISECONDS, () =>
            reject(
              new AfkError(
                "transport",
                "The tick did not end in time and was left; the next one repairs what it left.",
              ),
            ),
          ),
        );
      }),
    finish() {
      finished = true;
      removeListener();
    },
  };
}
