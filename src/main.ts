// Wires the command to the real world: process, clock, network and signals.
import { run } from "./cli.ts";
import type { Clock } from "./ports.ts";
import { registries } from "./registries.ts";
import type { Output, Signals } from "./runtime.ts";

/** Runs the process's own command line and leaves its exit code in `process.exitCode`. */
export async function main(): Promise<void> {
  // The clock's timers keep no process alive, so something must while the command runs.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  try {
    // Not process.exit(): on a pipe it would cut the report off.
    process.exitCode = await run(process.argv.slice(2), {
      stdout: outputOf(process.stdout),
      stderr: outputOf(process.stderr),
      environment: process.env,
      cwd: process.cwd(),
      clock: realClock,
      // Asked for at the first request only: merely touching fetch costs 25 ms.
      fetch: (input, init) => globalThis.fetch(input, init),
      signals: createSignals(),
      registries,
    });
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

function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // `afk poll | head` closes the pipe early, and that is fine.
    if (error.code !== "EPIPE") throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    columns: stream.columns,
  };
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
