// The figures of a mutation run, as text.
import { execFileSync } from "node:child_process";
import type { Mutant } from "./mutants.ts";
import type { Result } from "./worker.ts";

/** What became of a mutant. An endless one was noticed: the tests that reach it do not end. */
export type Fate = Result | "not reached";

const LONGEST = 70;

/** Each survivor, then the counts by file and the score. */
export function report(
  mutants: readonly Mutant[],
  fates: ReadonlyMap<number, Fate>,
): { readonly text: string; readonly score: number } {
  const fateOf = ({ id }: Mutant): Fate => fates.get(id) ?? "not reached";
  const alive = mutants.filter((mutant) => ["survived", "not reached"].includes(fateOf(mutant)));
  const files = [...new Set(mutants.map(({ file }) => file))];
  const row = (name: string, of: readonly Mutant[]): string => {
    const count = (fate: Fate): string =>
      String(of.filter((one) => fateOf(one) === fate).length).padStart(12);
    const counts = [count("killed"), count("endless"), count("survived"), count("not reached")].join("");
    return name.padEnd(30) + String(of.length).padStart(8) + counts + percent(of).toFixed(2).padStart(9);
  };
  const percent = (of: readonly Mutant[]): number =>
    of.length === 0 ? 100 : (100 * (of.length - of.filter((one) => alive.includes(one)).length)) / of.length;
  const lines = [
    ...alive.map((one) => `${fateOf(one)}: ${one.file}:${one.line} ${one.kind}: ${changeOf(one)}`),
    "",
    "file                           mutants      killed     endless    survived not reached    score",
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
