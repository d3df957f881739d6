// Gives each run a git worktree of its own without touching the person's working tree, index or HEAD.
import type { AdapterDeps } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { childEnvironment } from "../../machine/job-directory.ts";
import type { JobStep } from "../../machine/job.ts";
import {
  git,
  type GitOptions,
  type GitResult,
  readDefaultBranch,
  SHARED_REPOSITORY_TRIES,
} from "../../machine/git.ts";
import { branchOf, exists, worktreeOf, type Run } from "./run-directory.ts";

/** Before the second try of a removal; before each further one as much longer. */
const TRY_PAUSE_MILLISECONDS = 100;

/**
 * The steps that make the worktree of a run on its own branch, from the newest commit of the default branch; a branch
 * that an earlier turn left is used as it is.
 * @throws AfkError when the checkout is no repository or its remote cannot be reached.
 */
export async function worktreeSteps(run: Run, options: GitOptions): Promise<readonly JobStep[]> {
  const { workspace } = run;
  const branch = branchOf(run.threadId);
  const path = worktreeOf(run);
  const step = (argv: readonly string[], mayFail = false): JobStep => ({
    argv: ["git", ...argv],
    cwd: workspace,
    mayFail,
    tries: mayFail ? 1 : SHARED_REPOSITORY_TRIES,
  });
  // -B: a try that failed may have made the branch.
  const add = ["worktree", "add", "--no-track", "-B", branch, path];
  // What a setup that was cut short left behind is no place to work in.
  const remnants = (await exists(path))
    ? [step(["worktree", "remove", "--force", "--force", path], true)]
    : [];
  const existing = await git(workspace, ["rev-parse", "--verify", "-q", `refs/heads/${branch}`], options);
  if (existing.code === 0) return [...remnants, step(["worktree", "add", "--force", path, branch])];
  const base = await readDefaultBranch(workspace, options);
  if (base.remote === null) {
    const start = `refs/heads/${base.name}`;
    return [...remnants, step([...add, start])];
  }
  const tracking = `refs/remotes/${base.remote}/${base.name}`;
  return [
    ...remnants,
    step([
      "fetch",
      "--no-tags",
      "--no-write-fetch-head",
      base.remote,
      `+refs/heads/${base.name}:${tracking}`,
    ]),
    // Without --no-track a plain `git push` of the agent would be refused for the differing names.
    step([...add, tracking]),
  ];
}

/**
 * Removes a run's worktree, and its branch if every commit of it is reachable from another one.
 * @throws AfkError `config` when a worktree stays that a person must remove.
 */
export async function removeWorktree(
  run: Run,
  deps: Pick<AdapterDeps, "clock" | "environment">,
): Promise<void> {
  const { workspace } = run;
  const options = { environment: childEnvironment(deps.environment) };
  const path = worktreeOf(run);
  const branch = branchOf(run.threadId);
  for (let tries = 1; await exists(path); tries += 1) {
    const removed = await git(workspace, ["worktree", "remove", "--force", path], options);
    if (removed.code === 0) break;
    if (tries === SHARED_REPOSITORY_TRIES) throw notRemoved(path, removed);
    await deps.clock.sleep(tries * TRY_PAUSE_MILLISECONDS);
  }
  const holders = await git(
    workspace,
    ["for-each-ref", "--format=%(refname)", `--contains=refs/heads/${branch}`, "refs/heads", "refs/remotes"],
    options,
  );
  const others = holders.stdout.split("\n").filter((name) => name !== "" && name !== `refs/heads/${branch}`);
  // A branch that stays, for whatever reason, does no harm: no later run has its name.
  if (holders.code === 0 && others.length > 0) await git(workspace, ["branch", "-q", "-D", branch], options);
}

function notRemoved(path: string, { stderr }: GitResult): AfkError {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  return new AfkError(
    "config",
    `The worktree ${path} could not be removed (${said}): run \`git worktree remove --force\` on it by hand.`,
  );
}
