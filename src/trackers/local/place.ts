// Says which of the allowlisted repos the local tracker serves, and where each has its checkout and its issues.
import { basename, isAbsolute, join } from "node:path";
import { AfkError } from "../../errors.ts";
import type { Gap } from "../../core/observation.ts";

/** One served repo. */
export interface Place {
  readonly repo: string;
  /** The checkout; git runs here. */
  readonly workspace: string;
  /** The directory of the issue files. */
  readonly issues: string;
}

export interface Places {
  readonly served: readonly Place[];
  /** The allowlisted repos that cannot be served, each with the reason. */
  readonly gaps: readonly Gap[];
}

/** Finds the places; a directory that is not absolute is meant within each workspace, wherever afk was started. */
export function findPlaces(
  repos: readonly string[],
  workspaceOf: (repo: string) => string,
  localDirectory: string,
): Places {
  const served: Place[] = [];
  const gaps: Gap[] = [];
  const isShared = isAbsolute(localDirectory) && repos.filter(isLocal).length > 1;
  for (const repo of repos) {
    const workspace = workspaceOf(repo);
    const message = isShared
      ? `AFK_LOCAL_DIR is the absolute path ${localDirectory}, so ${repo} would share its issues with other repos: make it relative.`
      : reasonAgainst(repo, workspace);
    if (message !== null) gaps.push({ on: repo, kind: "config", message });
    else served.push({ repo, workspace, issues: join(absolute(localDirectory, workspace), "issues") });
  }
  return { served, gaps };
}

/** @throws AfkError `config` when the repo is not served, with the reason. */
export function placeOf(places: Places, repo: string): Place {
  const place = places.served.find((each) => each.repo === repo);
  if (place !== undefined) return place;
  const gap = places.gaps.find((each) => each.on === repo);
  throw new AfkError("config", gap?.message ?? `${repo} is not in AFK_ALLOWLIST, so afk does not touch it.`);
}

function absolute(directory: string, workspace: string): string {
  return isAbsolute(directory) ? directory : join(workspace, directory);
}

function isLocal(repo: string): boolean {
  return repo.startsWith("local/");
}

function reasonAgainst(repo: string, workspace: string): string | null {
  if (!isLocal(repo))
    return `${repo} is not local: the local tracker serves \`local/<directory>\`; set AFK_TRACKER for this repo, or take it out of AFK_ALLOWLIST.`;
  const directory = basename(workspace).toLowerCase();
  // The second form is a checkout under AFK_WORKSPACE_BASE.
  if (repo === `local/${directory}` || repo.replace("/", "__") === directory) return null;
  return `The workspace of ${repo} is ${workspace}, whose repo is local/${directory}: correct AFK_ALLOWLIST, or run afk in the other directory.`;
}
