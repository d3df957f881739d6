// Mistakes in the configuration: collected, so that all are told at once, each with what was found and what is legal.
import { AfkError } from "../errors.ts";

export interface Problem {
  /** The variable, or the file or flag. */
  readonly variable: string;
  /** What was found and where, as a phrase; secrets are already left out. */
  readonly found: string;
  readonly legal: string;
}

/** Every mistake of one configuration; its message has one line per mistake. */
export class ConfigError extends AfkError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("config", problems.map(problemSentence).join("\n"));
    this.problems = problems;
  }
}

/** For example `AFK_HALT: found 'maybe' in the environment; expected true or false`. */
export function problemSentence(problem: Problem): string {
  return `${problem.variable}: ${problem.found}; ${problem.legal}.`;
}

const SHOWN_CHARACTERS = 80;

/** Quotes what was found, shortened, and without a password that stands in an address. */
export function quoted(text: string): string {
  const shown = text.replaceAll(/\/\/[^/@\s]*@/g, "//[redacted]@");
  return shown.length <= SHOWN_CHARACTERS
    ? `'${shown}'`
    : `'${shown.slice(0, SHOWN_CHARACTERS).toWellFormed()}…'`;
}

/** The known name that was probably meant; null when none is close. */
export function nearest(name: string, known: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(name.length / 5));
  let best: { readonly name: string; readonly edits: number } | null = null;
  for (const candidate of known) {
    const edits = distance(name, candidate);
    if (edits <= limit && (best === null || edits < best.edits)) best = { name: candidate, edits };
  }
  return best?.name ?? null;
}

/** How many letters must be added, removed or replaced to turn one text into the other. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const added = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, removed, added));
    }
    previous = current;
  }
  return previous[to.length] ?? from.length;
}
