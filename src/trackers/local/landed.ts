// Reads which commits landed on a repo's default branch, changing nothing in the person's repository.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LandedCommit, LandedQuery } from "../../core/issue.ts";
import { known, type Observation, unknown } from "../../core/observation.ts";
import { AfkError, toUnknown } from "../../errors.ts";
import { fileFailure } from "../../machine/atomic-file.ts";
import { type DefaultBranch, git, type GitOptions, gitOutput, readDefaultBranch } from "../../machine/git.ts";
import type { Place } from "./place.ts";

/** What a surrounding git (a hook, for example) sets and what would point us at its repository. */
const OF_ANOTHER_REPOSITORY = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_DIR",
  "GIT_INDEX_FILE",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_WORK_TREE",
]);

/** The options of every git command of this tracker. */
export function gitOptions(environment: Readonly<Record<string, string | undefined>>): GitOptions {
  const kept = Object.entries(environment).filter(([name]) => !OF_ANOTHER_REPOSITORY.has(name));
  // A replace ref could show another commit under an id.
  return { environment: { ...Object.fromEntries(kept), GIT_NO_REPLACE_OBJECTS: "1" } };
}

/**
 * Answers queries about one repo, each on its own, after one look at its default branch.
 * @throws AfkError when the default branch cannot be read.
 */
export async function readLandedCommits(
  place: Place,
  queries: readonly LandedQuery[],
  options: GitOptions,
): Promise<readonly Observation<readonly LandedCommit[]>[]> {
  const branch = await readDefaultBranch(place.workspace, options);
  if (await hasCommit(place.workspace, branch.head, options))
    return answers(place.workspace, queries, branch, options);
  const borrowed = await fetchAside(place.workspace, branch, options);
  try {
    return await answers(place.workspace, queries, branch, borrowed.options);
  } finally {
    await rm(borrowed.directory, { recursive: true, force: true });
  }
}

function answers(
  workspace: string,
  queries: readonly LandedQuery[],
  branch: DefaultBranch,
  options: GitOptions,
): Promise<readonly Observation<readonly LandedCommit[]>[]> {
  return Promise.all(queries.map((query) => answer(workspace, query, branch, options)));
}

async function answer(
  workspace: string,
  query: LandedQuery,
  branch: DefaultBranch,
  options: GitOptions,
): Promise<Observation<readonly LandedCommit[]>> {
  try {
    const isCommit =
      /^[0-9a-f]{40,64}$/.test(query.base) && (await hasCommit(workspace, query.base, options));
    if (!isCommit)
      return unknown(
        "config",
        `The repository of ${query.repo} does not have the commit ${query.base} that the run started from: ` +
          `bring it back with \`git fetch\`, or take the issue over by hand.`,
      );
    return known(await log(workspace, `${query.base}..${branch.head}`, options));
  } catch (error) {
    return toUnknown(error);
  }
}

async function log(workspace: string, range: string, options: GitOptions): Promise<readonly LandedCommit[]> {
  const settings = ["-c", "log.showSignature=false", "-c", "i18n.logOutputEncoding=UTF-8"];
  const filter = ["--topo-order", "--extended-regexp", "--regexp-ignore-case", "--grep=^AFK-Run:"];
  const format = ["-z", "--no-color", "--no-notes", "--format=%H%n%B"];
  const output = await gitOutput(workspace, [...settings, "log", ...filter, ...format, range, "--"], options);
  return output
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const end = entry.indexOf("\n");
      return { sha: entry.slice(0, end), message: entry.slice(end + 1).replace(/\n+$/, "") };
    });
}

async function hasCommit(workspace: string, sha: string, options: GitOptions): Promise<boolean> {
  return (await git(workspace, ["cat-file", "-e", `${sha}^{commit}`], options)).code === 0;
}

/** Fetches what the repository lacks into an object directory of its own, which the caller removes. */
async function fetchAside(
  workspace: string,
  branch: DefaultBranch,
  options: GitOptions,
): Promise<{ readonly directory: string; readonly options: GitOptions }> {
  const objects = await gitOutput(
    workspace,
    ["rev-parse", "--path-format=absolute", "--git-path", "objects"],
    options,
  );
  const directory = await temporaryDirectory();
  const aside: GitOptions = {
    ...options,
    environment: {
      ...options.environment,
      GIT_OBJECT_DIRECTORY: directory,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${objects.replaceAll(/["\\]/g, String.raw`\$&`)}"`,
    },
  };
  try {
    const settings = ["-c", "fetch.writeCommitGraph=false", "-c", "fetch.unpackLimit=0"];
    // Neither FETCH_HEAD nor a remote-tracking branch nor a tag may move.
    const quiet = ["--quiet", "--no-write-fetch-head", "--refmap=", "--no-tags", "--no-prune"];
    const alone = ["--no-recurse-submodules", "--no-auto-maintenance"];
    const source = [branch.remote ?? ".", `refs/heads/${branch.name}`];
    await gitOutput(workspace, [...settings, "fetch", ...quiet, ...alone, ...source], aside);
    if (!(await hasCommit(workspace, branch.head, aside)))
      throw new AfkError(
        "transport",
        `The branch ${branch.name} of ${workspace} moved while it was read; the next tick tries again.`,
      );
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return { directory, options: aside };
}

async function temporaryDirectory(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "afk-objects-"));
  } catch (error) {
    throw fileFailure(error, "make a directory in", tmpdir());
  }
}
