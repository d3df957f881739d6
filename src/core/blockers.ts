// Finds the blockers that an issue's text names: "Blocked by #3" at the start of a line or list item (DESIGN section 3).
import type { IssueRef } from "./issue.ts";
import { linesOutsideFences } from "./markdown-lines.ts";

// Leading blanks, list markers with an optional task box, then the words, perhaps in bold and with a colon.
const WORDS =
  /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:\[[ xX]\][ \t]+)?[*_]{0,3}blocked[ \t]+by(?![a-z0-9])[*_]{0,3}:?[*_]{0,3}[ \t]*/i;
const REFERENCE = /((?:[A-Za-z0-9_.-]{1,255}\/){1,2}[A-Za-z0-9_.-]{1,255})?#(\d{1,255})(?![\w-])/y;
const SEPARATOR = /[ \t]*(?:,[ \t]*(?:and[ \t]+)?|and[ \t]+|&[ \t]*)/iy;

/**
 * The issues that a body says it is blocked by, each once, in the order of the text. A bare `#3` is of the given repo, and
 * `owner/name#3` of the same host. Takes time in proportion to the length of the text.
 */
export function parseTextBlockers(body: string, repo: string): readonly IssueRef[] {
  const found = new Map<string, IssueRef>();
  for (const line of linesOutsideFences(body)) {
    const words = WORDS.exec(line);
    if (words === null) continue;
    for (const reference of referencesAt(line, words[0].length, repo))
      found.set(`${reference.repo}#${reference.number}`, reference);
  }
  return [...found.values()];
}

function referencesAt(line: string, start: number, repo: string): readonly IssueRef[] {
  const references: IssueRef[] = [];
  let position = start;
  for (;;) {
    REFERENCE.lastIndex = position;
    const match = REFERENCE.exec(line);
    if (match === null) return references;
    references.push({ repo: fullName(match[1], repo), number: issueNumber(match[2]) });
    SEPARATOR.lastIndex = REFERENCE.lastIndex;
    if (SEPARATOR.exec(line) === null) return references;
    position = SEPARATOR.lastIndex;
  }
}

/** Completes `owner/name` with the host of the repo that names it. */
function fullName(named: string | undefined, repo: string): string {
  if (named === undefined) return repo.toLowerCase();
  const name = named.toLowerCase();
  const segments = repo.toLowerCase().split("/");
  const host = segments.length === 3 && name.split("/").length === 2 ? `${segments[0]}/` : "";
  return `${host}${name}`;
}

// A number that no issue can have still blocks, as one that cannot be read.
function issueNumber(digits: string | undefined): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}
