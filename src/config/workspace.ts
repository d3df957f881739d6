// Where a repo's checkout is on this machine, and whether the local tracker's repo has its right name.
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { Problem } from "./problems.ts";
import { readRepo } from "./words.ts";

export interface Workspaces {
  readonly cwd: string;
  /** AFK_WORKSPACE_BASE. */
  readonly base: string;
  /** AFK_LOCAL_DIR; null when the tracker is not the local one. */
  readonly localDir: string | null;
}

/** The directory that holds a repo's checkout; `local/<directory>` is the one that AFK_LOCAL_DIR lies in. */
export function workspaceOf(repo: string, workspaces: Workspaces): string {
  if (repo.startsWith("local/") && workspaces.localDir !== null) return localRoot(workspaces);
  const [owner = "", name = ""] = repo.split("/").slice(-2);
  return join(resolve(workspaces.cwd, workspaces.base), `${owner}__${name}`);
}

function localRoot({ cwd, localDir }: Workspaces): string {
  return localDir !== null && isAbsolute(localDir) ? dirname(localDir) : cwd;
}

/** Checks that each repo belongs to the tracker: the local one has exactly one repo, named after its directory. */
export function repoProblems(allowlist: readonly string[], workspaces: Workspaces): readonly Problem[] {
  const variable = "AFK_ALLOWLIST";
  if (workspaces.localDir === null) {
    const legal = "local/… is a repo of AFK_TRACKER=local; expected owner/name";
    const strangers = allowlist.filter((repo) => repo.startsWith("local/"));
    return strangers.map((repo) => ({ variable, found: `found '${repo}'`, legal }));
  }
  const root = localRoot(workspaces);
  const right = `local/${basename(root).toLowerCase()}`;
  const legal =
    readRepo(right) === null
      ? `AFK_TRACKER=local names the repo after its directory, and '${basename(root)}' cannot be a name: rename it to ` +
        "letters, digits, '.', '_' and '-'"
      : `AFK_TRACKER=local knows one repo here: expected '${right}'`;
  const strangers = allowlist.filter((repo) => repo !== right);
  return strangers.map((repo) => ({ variable, found: `found '${repo}'`, legal }));
}
