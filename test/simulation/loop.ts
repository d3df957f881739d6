// The simulated event loop: ticks of the real command, their requests parked until the world answers, and virtual time.
import { run } from "../../src/cli.ts";
import { loadedRegistries } from "./loaded.ts";
import type { Runtime } from "../../src/runtime.ts";
import { type Exchange, exchangeOf, type Reply, toResponse } from "./exchange.ts";
import { layTrap, nextTurn, type Platform, type Trap } from "./trap.ts";

// The command loads these when it first needs them. In here they must be there: reading a file takes real time.
await Promise.all([
  import("../../src/work.ts"),
  import("../../src/trackers/github/issues.ts"),
  import("../../src/executors/t3/threads.ts"),
  import("../../src/ci/github/verdicts.ts"),
]);

/** One run of the command. */
export interface SimTick {
  readonly id: number;
  readonly command: "poll" | "watch";
  phase: "starting" | "running" | "over" | "dead";
  exitCode: number | null;
  stdout: string;
  stderr: string;
  requests: number;
  /** By how much its machine's clock is wrong, in milliseconds. */
  readonly skew: number;
  terminate: (() => void) | null;
}

export interface Parked {
  readonly tick: SimTick;
  readonly exchange: Exchange;
  readonly settle: (outcome: Outcome) => void;
}

/** What comes back on a connection; `lost`: nothing, ever. */
export type Outcome = { readonly reply: Reply } | { readonly broken: string } | "lost";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly owner: SimTick | null;
  readonly fire: () => void;
}

export interface Loop {
  readonly parked: Parked[];
  readonly trap: Trap;
  start(
    command: "poll" | "watch",
    environment: Readonly<Record<string, string>>,
    skew?: number,
    options?: readonly string[],
  ): Promise<SimTick>;
  /** Waits until every tick waits for an answer or for time. */
  quiet(): Promise<void>;
  answer(parked: Parked, outcome: Outcome): Promise<void>;
  /** Lets time pass to the next timer of a tick that is still alive; false when there is none. */
  passTime(): Promise<boolean>;
  kill(tick: SimTick): void;
  isAlive(tick: SimTick): boolean;
  close(): void;
}

export interface LoopTime {
  now: number;
}

/** Makes a loop whose time is the world's; the trap lies until it is closed. */
export function createLoop(time: LoopTime, platform: Platform = "light"): Loop {
  const parked: Parked[] = [];
  const timers = new Map<number, Timer>();
  const ticks: SimTick[] = [];
  let lastTimer = 0;
  let lastId = 0;
  let current: SimTick | null = null;

  const after = (milliseconds: number, fire: () => void, owner: SimTick | null): number => {
    lastTimer += 1;
    timers.set(lastTimer, { at: time.now + Math.max(0, milliseconds), order: lastTimer, owner, fire });
    return lastTimer;
  };
  const trap = layTrap(
    {
      now: () => time.now,
      after: (milliseconds, fire) => after(milliseconds, fire, current),
      cancel: (timer) => void timers.delete(timer),
    },
    platform,
  );

  function isAlive({ phase }: SimTick): boolean {
    return phase === "starting" || phase === "running";
  }

  async function quiet(): Promise<void> {
    let turns = 0;
    do {
      await nextTurn();
      turns += 1;
      if (turns > 100_000) throw new Error("A tick neither asks, nor waits, nor ends.");
    } while (trap.immediates > 0 || ticks.some(({ phase }) => phase === "starting"));
  }

  function runtimeFor(tick: SimTick, environment: Readonly<Record<string, string>>): Runtime {
    const output = { isTTY: false, columns: undefined };
    return {
      stdout: { ...output, write: (text) => void (tick.stdout += text) },
      stderr: { ...output, write: (text) => void (tick.stderr += text) },
      environment,
      cwd: "/nowhere",
      clock: {
        now: () => time.now + tick.skew,
        sleep: (milliseconds) =>
          new Promise((resolve) => {
            after(milliseconds, resolve, tick);
          }),
      },
      async fetch(input, init) {
        const exchange = await exchangeOf(input, init);
        return new Promise((resolve, reject) => {
          const signal = (input instanceof Request ? input.signal : init?.signal) ?? null;
          signal?.addEventListener("abort", () => reject(signal.reason));
          const settle = (outcome: Outcome): void => {
            if (outcome === "lost") return;
            if ("broken" in outcome)
              reject(new TypeError("fetch failed", { cause: brokenBy(outcome.broken) }));
            else resolve(toResponse(outcome.reply, signal));
          };
          tick.requests += 1;
          if (tick.phase === "starting") tick.phase = "running";
          if (isAlive(tick)) parked.push({ tick, exchange, settle });
        });
      },
      uniqueId: () => `claim-${(lastId += 1)}`,
      signals: {
        onTerminate(listener) {
          tick.terminate = listener;
          return () => void (tick.terminate = null);
        },
      },
      registries: loadedRegistries,
    };
  }

  function forget(tick: SimTick): void {
    for (const [id, timer] of timers) if (timer.owner === tick) timers.delete(id);
    for (let index = parked.length - 1; index >= 0; index -= 1)
      if (parked[index]?.tick === tick) parked.splice(index, 1);
    ticks.splice(ticks.indexOf(tick), 1);
  }

  return {
    parked,
    trap,
    quiet,
    isAlive,
    async start(command, environment, skew = 0, options = []) {
      lastId += 1;
      const tick: SimTick = {
        id: lastId,
        command,
        phase: "starting",
        exitCode: null,
        stdout: "",
        stderr: "",
        requests: 0,
        skew,
        terminate: null,
      };
      ticks.push(tick);
      current = tick;
      const over = (code: number): void => {
        if (tick.phase === "dead") return;
        tick.phase = "over";
        tick.exitCode = code;
        forget(tick);
      };
      run([command, "--json", ...options], runtimeFor(tick, environment)).then(over, (error: unknown) => {
        tick.stderr += String(error instanceof Error ? error.stack : error);
        over(1);
      });
      await quiet();
      return tick;
    },
    async answer(one, outcome) {
      const index = parked.indexOf(one);
      if (index >= 0) parked.splice(index, 1);
      current = one.tick;
      one.settle(outcome);
      await quiet();
    },
    async passTime() {
      let next: readonly [number, Timer] | null = null;
      for (const entry of timers)
        if (next === null || entry[1].at < next[1].at || (entry[1].at === next[1].at && entry[0] < next[0]))
          next = entry;
      if (next === null) return false;
      timers.delete(next[0]);
      time.now = Math.max(time.now, next[1].at);
      current = next[1].owner;
      next[1].fire();
      await quiet();
      return true;
    },
    kill(tick) {
      if (!isAlive(tick)) return;
      tick.phase = "dead";
      forget(tick);
    },
    close: () => trap.release(),
  };
}

function brokenBy(code: string): Error {
  return Object.assign(new Error("The connection broke."), { code });
}
