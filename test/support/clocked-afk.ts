// A child process that runs the built command with a clock set by the test: `node clocked-afk.ts <milliseconds> poll …`.
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const CLOCKED_AFK = fileURLToPath(import.meta.url);

if (process.argv[1] === CLOCKED_AFK) await main();

async function main(): Promise<void> {
  const [, , start = "0", ...argv] = process.argv;
  const ahead = Number(start) - Date.now();
  // The built files, as users run them; their types are those of the sources.
  const built = new URL("../../dist/", import.meta.url);
  const { run } = (await import(new URL("cli.js", built).href)) as typeof import("../../src/cli.ts");
  const { registries } = (await import(
    new URL("registries.js", built).href
  )) as typeof import("../../src/registries.ts");
  const keepAlive = setInterval(() => undefined, 1000);
  process.exitCode = await run(argv, {
    stdout: { write: (text) => void process.stdout.write(text), isTTY: false, columns: undefined },
    stderr: { write: (text) => void process.stderr.write(text), isTTY: false, columns: undefined },
    environment: process.env,
    cwd: process.cwd(),
    clock: {
      now: () => Date.now() + ahead,
      sleep: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
    },
    fetch: (input, init) => globalThis.fetch(input, init),
    signals: { onTerminate: () => () => undefined },
    registries,
  });
  clearInterval(keepAlive);
}
