// A child process that runs the built command with a clock set by the test: `node clocked-afk.ts <milliseconds> poll …`.
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const CLOCKED_AFK = fileURLToPath(import.meta.url);

if (process.argv[1] === CLOCKED_AFK) await main();

async function main(): Promise<void> {
  const [, , start = "0", ...argv] = process.argv;
  const ahead = Number(start) - Date.now();
  // The built file, as users run it; its types are those of the source.
  const built = new URL("../../dist/main.js", import.meta.url);
  const afk = (await import(built.href)) as typeof import("../../src/main.ts");
  await afk.main(argv, {
    now: () => Date.now() + ahead,
    sleep: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
  });
}
