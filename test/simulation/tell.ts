// What a run of the simulation prints: figures, coverage, what was not exercised, and each failure small and repeatable.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Coverage } from "./coverage.ts";
import { show } from "./show.ts";
import { shrink } from "./swarm.ts";
import { ACTIONS, ANTECEDENTS, wantedFaults, wantedReasons } from "./wanted.ts";
import type { Finding } from "./workers.ts";

const MOST_FINDINGS = 5;
const MOST_NAMED = 50;
const MOST_LINES = 30;

/** The commit that is checked out, and whether files differ from it. */
export function commitName(): string {
  const git = (...words: readonly string[]): string =>
    execFileSync("git", words, { encoding: "utf8" }).trim();
  const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
}

export function coverageLines(coverage: Coverage): readonly string[] {
  const pairs = wantedFaults();
  const missing = coverage.missing("fault", pairs);
  return [
    ...["action", "outcome", "reason", "exit", "antecedent", "endpoint"].map(
      (kind) => `${kind}: ${coverage.table(kind)}`,
    ),
    `faults: ${pairs.length - missing.length} of ${pairs.length} (endpoint x fault) pairs`,
  ];
}

/** What a complete run must have seen and has not. The engines share the work: the rare things need the swarm. */
export function unexercised(engine: string, coverage: Coverage): readonly string[] {
  return [
    ...coverage.missing("action", ACTIONS),
    ...coverage.missing("antecedent", ANTECEDENTS),
    ...(engine === "swarm"
      ? [...coverage.missing("reason", wantedReasons()), ...coverage.missing("fault", wantedFaults())]
      : []),
  ];
}

/** Every finding in a line; the first of each invariant also made small, with the lines that play it again. */
export async function failureLines(findings: readonly Finding[]): Promise<readonly string[]> {
  const lines = findings
    .slice(0, MOST_NAMED)
    .map(({ name, invariant, message }) => `${invariant}, ${name}: ${message}`);
  const told = new Set<string>();
  for (const { name, invariant, message, history } of findings) {
    if (told.has(invariant) || told.size >= MOST_FINDINGS) continue;
    told.add(invariant);
    const small = await shrink(history, invariant);
    const shown = await show(small, true);
    const directory = join(tmpdir(), "afk-simulation");
    mkdirSync(directory, { recursive: true });
    const file = join(directory, `${invariant}-${name.replace(/[^\w-]+/g, "-").slice(0, 60)}.json`);
    const about = shown.violations[0] ?? message;
    writeFileSync(file, `${JSON.stringify({ about, invariant, found: name, history: small }, null, 2)}\n`);
    lines.push("", `${invariant} at ${commitName()}, ${name}: ${message}`, ...shortened(shown.lines));
    if (shown.violations[0] !== undefined) lines.push(`=> ${shown.violations[0]}`);
    lines.push(`again: npm run test:swarm -- --history ${file}`);
    if (name.startsWith("seed "))
      lines.push(`whole: npm run test:swarm -- --ticks 1 --seed ${name.slice(5)}`);
  }
  return lines;
}

/** The end of a trace matters most, but its beginning says what it is about. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines;
  const head = 8;
  const left = lines.length - MOST_LINES + 1;
  return [...lines.slice(0, head), `  (${left} lines left out)`, ...lines.slice(head + left)];
}
