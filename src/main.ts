// Wires the command to the real world: process, clock, network and signals.
import { keepHeapSmall } from "./heap.ts";
import { answerInert } from "./inert.ts";
import { outputOf } from "./output.ts";
import type { Clock } from "./ports.ts";
import type { Runtime, Signals } from "./runtime.ts";

/**
 * Runs a command line and leaves its exit code in `process.exitCode`; a caller may put another clock or transport into
 * the world.
 */
export async function main(
  argv = process.argv.slice(2),
  clock: Clock = realClock,
  transport?: typeof fetch,
): Promise<void> {
  const world: World = {
    stdout: outputOf(1, () => process.stdout),
    stderr: outputOf(2, () => process.stderr),
    environment: process.env,
    cwd: process.cwd(),
    clock,
  };
  // Not process.exit(): on a pipe it would cut the report off.
  process.exitCode = (await answerInert(argv, world)) ?? (await runWhole(argv, world, transport));
}

type World = Omit<Runtime, "registries" | "fetch" | "signals">;

const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds).unref();
    }),
};

/** The command with everything in it: loaded only when there may be something to do. */
async function runWhole(argv: readonly string[], world: World, transport?: typeof fetch): Promise<number> {
  const signals = createSignals();
  // The clock's timers keep no process alive, so something must while the command runs.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  try {
    // Loading V8's flags takes 2 ms: nothing waits for them while the first answers are on their way.
    setImmediate(keepHeapSmall);
    const { run, registries, takeOverFetch } = await import("./cli.ts");
    return await run(argv, { ...world, signals, fetch: transport ?? takeOverFetch(), registries });
  } finally {
    clearInterval(keepAlive);
  }
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** The first signal asks the command to end; the second ends the process at once, with the shell's code for it. */
function createSignals(): Signals {
  const listeners = new Set<() => void>();
  let asked = false;
  for (const [name, number] of Object.entries(SIGNALS))
    process.on(name, () => {
      if (asked) process.exit(128 + number);
      asked = true;
      for (const listener of listeners) listener();
    });
  return {
    onTerminate(listener) {
      if (asked) listener();
      else listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
