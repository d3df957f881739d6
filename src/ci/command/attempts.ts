// The jobs of the command CI on disk: `<checkout>/.afk/ci/<commit>/<attempt>/`, each with a checkout of its own.
import { createHash } from "node:crypto";
import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { AdapterDeps } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure, hasCode, makeDirectory } from "../../machine/atomic-file.ts";
import { git, gitOutput, SHARED_REPOSITORY_TRIES } from "../../machine/git.ts";
import { JOB_FILES, readJobLife, type JobLife, type JobSpec, type JobStep } from "../../machine/job.ts";
import { childEnvironment, makeHiddenDirectory, placeDirectory } from "../../machine/job-directory.ts";

export const OUTPUT_FILE = "output.log";
/** A job that died, for example with the machine, is asked for again until then. */
export const MAX_ATTEMPTS = 3;

const GRACE_SECONDS = 5;
const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** The newest job of a commit. */
export interface Attempt {
  readonly number: number;
  readonly directory: string;
  readonly outcome: AttemptOutcome;
}

export type AttemptOutcome =
  /** Accepted, and nobody works on it. */
  | { readonly kind: "unstarted" }
  | { readonly kind: "running" }
  | { readonly kind: "passed"; readonly seconds: number | null }
  | { readonly kind: "failed"; readonly how: string }
  /** It said nothing about the commit. */
  | { readonly kind: "died"; readonly how: string };

/** Finds the newest job of a commit; null when there is none. Writes nothing. */
export async function readLatestAttempt(workspace: string, sha: string): Promise<Attempt | null> {
  const commit = commitDirectory(workspace, sha);
  let names: readonly string[];
  try {
    names = await readdir(commit);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw fileFailure(error, "read", commit);
  }
  const number = Math.max(0, ...names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number));
  if (number === 0) return null;
  const directory = join(commit, String(number));
  return { number, directory, outcome: outcomeOf(await readJobLife(directory)) };
}

function outcomeOf(life: JobLife): AttemptOutcome {
  switch (life.kind) {
    case "unclaimed":
      return life.launched ? { kind: "running" } : { kind: "unstarted" };
    case "running":
      return { kind: "running" };
    case "died":
      return { kind: "died", how: "Its process ended without a record." };
    case "exited":
      return endedOutcome(life);
  }
}

function endedOutcome(life: Extract<JobLife, { readonly kind: "exited" }>): AttemptOutcome {
  const { exit, status } = life;
  if (exit.prepareError !== undefined)
    return { kind: "died", how: `The commit could not be checked out: ${exit.prepareError}.` };
  if (exit.spawnError !== undefined) return { kind: "died", how: `It could not start: ${exit.spawnError}.` };
  switch (exit.stoppedBy) {
    case "timeout":
      return { kind: "failed", how: "The command took too long and was stopped." };
    case "interrupted":
    case "terminated":
      return { kind: "died", how: "It was ended from outside, for example by a shutdown." };
    case null:
      if (exit.code === 0)
        return { kind: "passed", seconds: secondsBetween(status.startedAt, status.endedAt) };
      return {
        kind: "failed",
        how: `The command ended with ${exit.signal ?? `exit code ${String(exit.code)}`}.`,
      };
  }
}

function secondsBetween(start: string | null, end: string | null): number | null {
  return start === null || end === null ? null : Math.round((Date.parse(end) - Date.parse(start)) / 1_000);
}

/**
 * Accepts one job for a commit; `exists` when another tick was faster.
 * @throws AfkError when the checkout is missing or is no repository.
 */
export async function placeAttempt(
  deps: AdapterDeps,
  command: string,
  place: { readonly repo: string; readonly sha: string; readonly number: number },
): Promise<{ readonly directory: string; readonly placed: "created" | "exists" }> {
  const workspace = deps.workspaceOf(place.repo);
  const options = { environment: childEnvironment(deps.environment) };
  // Before anything is made: a missing checkout must not come into being as an empty directory.
  const local = await git(workspace, ["cat-file", "-e", `${place.sha}^{commit}`], options);
  const fetch = local.code === 0 ? [] : await fetchSteps(workspace, options.environment);
  const commit = commitDirectory(workspace, place.sha);
  await makeHiddenDirectory(join(workspace, ".afk", "ci"));
  await makeDirectory(commit);
  const directory = join(await realpath(commit), String(place.number));
  const checkout = join(directory, "checkout");
  const before = join(commit, String(place.number - 1), "checkout");
  const step = (argv: readonly string[], mayFail: boolean, tries = SHARED_REPOSITORY_TRIES): JobStep => ({
    argv: ["git", ...argv],
    cwd: workspace,
    mayFail,
    tries,
  });
  const spec: JobSpec = {
    marker: { AFK_RUN_ID: `afk-ci-${createHash("sha256").update(directory).digest("hex").slice(0, 24)}` },
    prepare: [
      // A job that died could not remove its checkout.
      ...(place.number > 1 ? [step(["worktree", "remove", "--force", "--force", before], true, 1)] : []),
      ...fetch,
      step(["worktree", "add", "--force", "--detach", checkout, place.sha], false),
    ],
    command: ["sh", "-c", command],
    cwd: checkout,
    stdin: null,
    stdout: OUTPUT_FILE,
    stderr: OUTPUT_FILE,
    environment: { AFK_CI_SHA: place.sha },
    timeLimitSeconds: deps.policyOf(place.repo).ciMaxSeconds,
    graceSeconds: GRACE_SECONDS,
    cleanup: [step(["worktree", "remove", "--force", "--force", checkout], true)],
    maxLogBytes: MAX_LOG_BYTES,
  };
  return { directory, placed: await placeDirectory(directory, { [JOB_FILES.spec]: JSON.stringify(spec) }) };
}

async function fetchSteps(
  workspace: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly JobStep[]> {
  const remotes = (await gitOutput(workspace, ["remote"], { environment })).split("\n");
  const remote = remotes.includes("origin") ? "origin" : remotes[0];
  // Without a remote the checkout step fails with git's own sentence.
  if (remote === undefined || remote === "") return [];
  return [
    {
      argv: ["git", "fetch", "--no-tags", "--no-write-fetch-head", remote],
      cwd: workspace,
      mayFail: false,
      tries: SHARED_REPOSITORY_TRIES,
    },
  ];
}

function commitDirectory(workspace: string, sha: string): string {
  if (!/^[0-9a-f]{40,64}$/.test(sha))
    throw new AfkError("contract", `'${sha}' is no full commit id, so the command CI cannot look at it.`);
  return join(workspace, ".afk", "ci", sha);
}
