// The tables of README that come from the code; `npm run readme` writes them, and a test sees that they are up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HOLD_REASONS, RUN_REASONS } from "../../src/core/reasons.ts";
import { markdown, variableRows } from "./variable-table.ts";

const README = fileURLToPath(new URL("../../README.md", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(README, await withTables(readReadme()));

export function readReadme(): string {
  return readFileSync(README, "utf8");
}

/** The text of README with every generated table as the code says it now. */
export async function withTables(text: string): Promise<string> {
  const tables: Readonly<Record<string, string>> = {
    variables: markdown(await variableRows()),
    "hold-reasons": reasonTable(HOLD_REASONS),
    "run-reasons": reasonTable(RUN_REASONS),
  };
  let result = text;
  for (const [name, table] of Object.entries(tables)) {
    const place = new RegExp(`(<!-- ${name}: [^\n]*-->\n)[^]*?(<!-- /${name} -->)`);
    if (!place.test(result)) throw new Error(`README has no place for ${name}.`);
    result = result.replace(place, (_, start: string, end: string) => `${start}\n${table.trim()}\n\n${end}`);
  }
  return result;
}

function reasonTable(reasons: Readonly<Record<string, string>>): string {
  const rows = Object.entries(reasons).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`);
  return ["| reason | what it means, and what to do |", "|---|---|", ...rows].join("\n");
}
