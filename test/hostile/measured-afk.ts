// A child process that runs the built command over the real network and tells how much memory it took: `node measured-afk.ts poll …`.
import { fileURLToPath } from "node:url";

export const MEASURED_AFK = fileURLToPath(import.meta.url);
/** The last line on stderr: the most memory in kilobytes. */
export const MOST_MEMORY = /memory: (\d+)\n$/;

if (process.argv[1] === MEASURED_AFK) {
  const built = new URL("../../dist/main.js", import.meta.url);
  const command = (await import(built.href)) as typeof import("../../src/main.ts");
  await command.main();
  process.stderr.write(`memory: ${process.resourceUsage().maxRSS}\n`);
}
