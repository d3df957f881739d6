// The words an operator may write, read without zod: a disabled tick needs them and must load as little as possible.
import type { IssueRef } from "../core/issue.ts";

export const legalBoolean = "expected true or false (also 1, 0, yes, no, on, off)";
export const legalRepo =
  "expected owner/name, host/owner/name or local/directory, made of letters, digits, '.', '_' and '-', " +
  "without '__', and with no part that is '.' or '..'";
export const legalRepos = `${legalRepo}; several are separated by commas`;
export const legalIssue = "expected owner/name#number, for example owner/name#7";

const TRUE_WORDS = ["true", "1", "yes", "on"];
const FALSE_WORDS = ["false", "0", "no", "off"];

/** Reads a strict boolean in any case; null when it is not one. */
export function readBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  if (FALSE_WORDS.includes(word)) return false;
  return null;
}

/** Splits a list at commas and white space; the empty text is the empty list. */
export function readList(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

// An owner that could end in '_' would let two repos share the checkout `<owner>__<name>`.
const OWNER = /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/;
const NAME = /^[a-z0-9._][a-z0-9._-]{0,99}$/;
const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Reads a list of repo names, repeats left out; null when one of them is not legal. */
export function readRepos(text: string): readonly string[] | null {
  const repos = readList(text).map(readRepo);
  const legalOnes = repos.filter((repo) => repo !== null);
  return legalOnes.length === repos.length ? [...new Set(legalOnes)] : null;
}

/** Reads a repo name into its one spelling, lower case; null when it is not legal (DESIGN section 1). */
export function readRepo(text: string): string | null {
  const repo = text.trim().toLowerCase();
  const parts = repo.split("/");
  const [name, owner, host] = parts.toReversed();
  if (name === undefined || owner === undefined || parts.length > 3) return null;
  if (repo.includes("__") || name === "." || name === "..") return null;
  if (!NAME.test(name) || !OWNER.test(owner)) return null;
  if (host !== undefined && (!HOST.test(host) || host === "local")) return null;
  return repo;
}

/** Reads `owner/name#7`; null when it is not legal. */
export function readIssue(text: string): IssueRef | null {
  const match = /^([^#]+)#([1-9][0-9]{0,8})$/.exec(text.trim());
  const repo = readRepo(match?.[1] ?? "");
  return match === null || repo === null ? null : { repo, number: Number(match[2]) };
}
