// Runs the command in this process with captured streams, a clock that only a test moves, and adapters of a test.
import { run } from "../../src/cli.ts";
import type { Clock } from "../../src/ports.ts";
import type { Registries } from "../../src/registries.ts";
import { quietRegistries } from "./quiet-adapters.ts";

export interface CommandLine {
  readonly environment?: Readonly<Record<string, string>>;
  /** The working directory; by default one that does not exist, so that no file is found in it. */
  readonly cwd?: string;
  readonly registries?: Registries;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly clock?: Clock;
  /** Is given the function that asks the command to end. */
  readonly terminated?: (terminate: () => void) => void;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** How often anything asked for the network. */
  readonly fetches: number;
}

/** A configuration under which `poll` works on the quiet adapters. */
export const ENABLED = {
  AFK_KILL_SWITCH: "false",
  AFK_ALLOWLIST: "local/nowhere",
} as const;

export const NOW = Date.parse("2026-11-21T08:00:00.000Z");

export async function afk(words: string, line: CommandLine = {}): Promise<Ran> {
  let stdout = "";
  let stderr = "";
  let fetches = 0;
  const { isTTY = false, columns } = line;
  const code = await run(words === "" ? [] : words.split(" "), {
    stdout: { write: (text) => void (stdout += text), isTTY, columns },
    stderr: { write: (text) => void (stderr += text), isTTY, columns },
    environment: line.environment ?? {},
    cwd: line.cwd ?? "/nowhere",
    clock: line.clock ?? stoppedClock(),
    fetch: () => {
      fetches += 1;
      return Promise.reject(new Error("A test has no network."));
    },
    signals: {
      onTerminate(listener) {
        line.terminated?.(listener);
        return () => undefined;
      },
    },
    registries: line.registries ?? quietRegistries(),
  });
  return { code, stdout, stderr, fetches };
}

/** A clock that stands still: whoever sleeps on it never wakes. */
export function stoppedClock(): Clock {
  return { now: () => NOW, sleep: () => new Promise(() => undefined) };
}

export interface ManualClock extends Clock {
  /** Moves time on and wakes whoever has slept long enough. */
  advance(milliseconds: number): Promise<void>;
}

export function manualClock(): ManualClock {
  let now = NOW;
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (milliseconds) => new Promise((wake) => void sleepers.push({ until: now + milliseconds, wake })),
    async advance(milliseconds) {
      now += milliseconds;
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake();
      // Lets everything that was waiting for the wake run.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
