// Reads the JSON config file: variable names as keys, and under `repos` the values of single repos.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "./problems.ts";
import type { Found, RepoValues, Source } from "./sources.ts";

export interface ConfigFile {
  readonly source: Source;
  readonly repos: readonly RepoValues[];
  readonly problems: readonly Problem[];
}

/** Reads the file that AFK_CONFIG names; null or empty: there is none. */
export function readConfigFile(named: Found | null, cwd: string): ConfigFile {
  const path = named?.text.trim() ?? "";
  if (named === null || path === "")
    return { source: emptySource("in the config file"), repos: [], problems: [] };
  const where = `in ${path}`;
  const root = readObject(resolve(cwd, path));
  if (typeof root === "string") {
    const problem = {
      variable: "AFK_CONFIG",
      found: `'${path}' (named ${named.where}) ${root}`,
      legal: LEGAL,
    };
    return { source: emptySource(where), repos: [], problems: [problem] };
  }
  const { repos, ...own } = root;
  const top = readValues(own, where);
  const perRepo = readRepos(repos, where);
  return {
    source: { where, isFile: true, isOurs: true, values: top.values },
    repos: perRepo.repos,
    problems: [...top.problems, ...perRepo.problems],
  };
}

const LEGAL =
  'expected a JSON file like {"AFK_MAX_IN_FLIGHT": 4, "repos": {"owner/name": {"AFK_NO_CI": "green"}}}';
const LEGAL_VALUE = "expected text, a number, true or false (a list is text with commas)";

/** The file's object, or what is wrong with the file; never a piece of it, which could be a secret. */
function readObject(path: string): Readonly<Record<string, unknown>> | string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return "cannot be read";
  }
  try {
    const root: unknown = JSON.parse(text);
    return isObject(root) ? root : "is not a JSON object";
  } catch (error) {
    const place = /line \d+ column \d+/.exec(String(error))?.[0];
    return place === undefined ? "is not valid JSON" : `is not valid JSON at ${place}`;
  }
}

function readRepos(repos: unknown, where: string): Pick<ConfigFile, "repos" | "problems"> {
  if (repos === undefined) return { repos: [], problems: [] };
  if (!isObject(repos))
    return {
      repos: [],
      problems: [{ variable: "repos", found: `found ${kindOf(repos)} ${where}`, legal: LEGAL }],
    };
  const problems: Problem[] = [];
  const read: RepoValues[] = [];
  for (const [repo, own] of Object.entries(repos)) {
    if (!isObject(own)) {
      problems.push({ variable: `repos.${repo}`, found: `found ${kindOf(own)} ${where}`, legal: LEGAL });
      continue;
    }
    const values = readValues(own, where, `repos.${repo}: `);
    problems.push(...values.problems);
    read.push({ repo, values: values.values });
  }
  return { repos: read, problems };
}

function readValues(own: Readonly<Record<string, unknown>>, where: string, prefix = "") {
  const values = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(own)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      values.set(name, String(value));
    else
      problems.push({
        variable: `${prefix}${name}`,
        found: `found ${kindOf(value)} ${where}`,
        legal: LEGAL_VALUE,
      });
  }
  return { values, problems };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function emptySource(where: string): Source {
  return { where, isFile: true, values: new Map() };
}
