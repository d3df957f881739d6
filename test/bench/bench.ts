// The benchmark: `npm run bench [-- <section> …]` prints a table and writes last.json beside this file.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { coldStart, largeAnswers, quietTick } from "./commands.ts";
import { decisions } from "./decisions.ts";
import { fleets } from "./fleets.ts";

export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  start: coldStart,
  quiet: quietTick,
  fleets,
  decisions,
  answers: largeAnswers,
};

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(SECTIONS);
const results: Record<string, Section> = {};
for (const name of names) {
  const section = SECTIONS[name];
  if (section === undefined) throw new Error(`No section '${name}': ${Object.keys(SECTIONS).join(", ")}.`);
  const result = await section();
  results[name] = result;
  process.stdout.write(`${markdown(result)}\n`);
}
const machine = `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`;
process.stdout.write(`${machine}\n`);
if (asked.length === 0)
  writeFileSync(
    fileURLToPath(new URL("last.json", import.meta.url)),
    `${JSON.stringify({ machine, ...results }, null, 2)}\n`,
  );

function markdown({ title, columns, rows }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const ruler = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  return [`**${title}**`, "", line(columns), line(ruler), ...rows.map(line), ""].join("\n");
}
