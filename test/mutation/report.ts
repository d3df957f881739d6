// The figures of a mutation run, as text.
import { execFileSync } from "node:child_process";
import type { Mutant } from "./mutants.ts";
import type { Result } from "./worker.ts";

/** What became of a mutant. Endless and timed out ones were noticed: the tests that reach them do not end. */
export type Fate = Result | "timed out" | "not reached";

const FATES: readonly Fate[] = ["killed", "endless", "timed out", "survived", "not reached"];

const LONGEST = 70;

/** Whether no test noticed the change. */
export function isAlive(fate: Fate): boolean {
  return fate === "survived" || fate === "not reached";
}

/** A mutant and its fate, in one line. */
export function lineOf(mutant: Mutant, fate: Fate): string {
  return `${fate}: ${mutant.file}:${mutant.line} ${mutant.kind}: ${changeOf(mutant)}`;
}

/** The counts by file and the score. */
export function report(
  mutants: readonly Mutant[],
  fates: ReadonlyMap<number, Fate>,
): { readonly text: string; readonly score: number } {
  const fateOf = ({ id }: Mutant): Fate => fates.get(id) ?? "not reached";
  const alive = mutants.filter((mutant) => isAlive(fateOf(mutant)));
  const files = [...new Set(mutants.map(({ file }) => file))];
  const row = (name: string, of: readonly Mutant[]): string => {
    const counts = FATES.map((fate) => String(of.filter((one) => fateOf(one) === fate).length).padStart(13));
    return (
      name.padEnd(30) + String(of.length).padStart(8) + counts.join("") + percent(of).toFixed(2).padStart(9)
    );
  };
  const percent = (of: readonly Mutant[]): number =>
    of.length === 0 ? 100 : (100 * (of.length - of.filter((one) => alive.includes(one)).length)) / of.length;
  const lines = [
    `${"file".padEnd(30)} mutants${FATES.map((fate) => fate.padStart(13)).join("")}    score`,
    ...files.map((file) =>
      row(
        file,
        mutants.filter((one) => one.file === file),
      ),
    ),
    row("all", mutants),
  ];
  return { text: lines.join("\n"), score: percent(mutants) };
}

/** The commit that was judged, and whether files were changed since. */
export function commit(): string {
  const git = (...words: string[]): string => execFileSync("git", words, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain") === "" ? "" : " with uncommitted changes";
  return git("rev-parse", "--short=10", "HEAD") + changed;
}

function changeOf({ before, after }: Mutant): string {
  const short = (text: string): string => {
    const line = text.replaceAll(/\s+/g, " ").trim();
    return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
  };
  return `${short(before)} -> ${after === "" ? "nothing" : short(after)}`;
}
