// The benchmark: `npm run bench [-- --quick] [--only <section>]… [--rounds <n>] [--json <file>] [--readme]` prints its tables.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { largeAnswers } from "./answers.ts";
import { decisions } from "./decisions.ts";
import { fleets, plainClient } from "./fleets.ts";
import { type Effort, markdown, type Section } from "./section.ts";
import { coldStart, quietTick } from "./starts.ts";

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const SECTIONS: Readonly<Record<string, (effort: Effort) => Promise<Section>>> = {
  start: coldStart,
  quiet: quietTick,
  fleets,
  decisions,
  answers: largeAnswers,
  plain: plainClient,
};

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    json: { type: "string", default: fileURLToPath(new URL("../../.afk/bench.json", import.meta.url)) },
    readme: { type: "boolean", default: false },
  },
});
const effort: Effort = {
  quick: options.quick,
  rounds: Number(options.rounds ?? (options.quick ? 5 : 61)),
};
const names = options.only.length > 0 ? options.only : Object.keys(SECTIONS);
if (options.readme && (options.quick || options.only.length > 0))
  throw new Error("README shows a whole run: --readme goes neither with --quick nor with --only.");

const where = {
  commit: commit(),
  node: process.version,
  machine: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown"}`,
};
const sections: Record<string, Section> = {};
for (const name of names) {
  const measure = SECTIONS[name];
  if (measure === undefined)
    throw new Error(`No section '${name}': there are ${Object.keys(SECTIONS).join(", ")}.`);
  const section = await measure(effort);
  sections[name] = section;
  process.stdout.write(`${markdown(section)}\n\n`);
}
const source = `Measured on ${where.commit}, Node ${where.node}, ${where.machine}.`;
process.stdout.write(`${source}\n`);
mkdirSync(dirname(options.json), { recursive: true });
writeFileSync(options.json, `${JSON.stringify({ ...where, ...sections }, null, 2)}\n`);
if (options.readme) writeFileSync(README, withSpeed(readFileSync(README, "utf8")));

/** The text of README with the tables of this run. */
function withSpeed(text: string): string {
  const place = /(<!-- speed: [^\n]*-->\n)[^]*?(<!-- \/speed -->)/;
  if (!place.test(text)) throw new Error("README has no place for speed.");
  const tables = [...Object.values(sections).map(markdown), source].join("\n\n");
  return text.replace(place, (_, start: string, end: string) => `${start}\n${tables}\n\n${end}`);
}

/** The commit that was measured, and whether there were changes that it does not have. */
function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: dirname(README), encoding: "utf8" }).trim();
  const isClean = git("status", "--porcelain", "--", "src", "bin", "package-lock.json") === "";
  return `commit ${git("rev-parse", "--short=12", "HEAD")}${isClean ? "" : " with further changes"}`;
}
