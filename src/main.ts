// Wires the command to the real world: process, clock, network and signals.
import { answerInert } from "./inert.ts";
import { outputOf } from "./output.ts";
import type { Clock } from "./ports.ts";
import type { Runtime, Signals } from "./runtime.ts";

/** Runs a command line and leaves its exit code in `process.exitCode`; a caller may put another clock into the world. */
export async function main(argv = process.argv.slice(2), clock: Clock = realClock): Promise<void> {
  // The clock's timers keep no process alive, so something must while the command runs.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  const runtime: Omit<Runtime, "registries"> = {
    stdout: outputOf(1, () => process.stdout),
    stderr: outputOf(2, () => process.stderr),
    environment: process.env,
    cwd: process.cwd(),
    clock,
    // Asked for at the first request only: merely touching fetch costs 25 ms.
    fetch: (input, init) => globalThis.fetch(input, init),
    signals: createSignals(),
  };
  try {
    // Not process.exit(): on a pipe it would cut the report off.
    process.exitCode = (await answerInert(argv, runtime)) ?? (await runWhole(argv, runtime));
  } finally {
    clearInterval(keepAlive);
  }
}

const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds).unref();
    }),
};

/** The command with everything in it: loaded only when there may be something to do. */
async function runWhole(argv: readonly string[], runtime: Omit<Runtime, "registries">): Promise<number> {
  const { run, registries } = await import("./cli.ts");
  return run(argv, { ...runtime, registries });
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
