// Runs git on this machine: argument lists only, no shell, no prompts, bounded time and output.
import { execFile } from "node:child_process";
import { AfkError } from "../errors.ts";

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMilliseconds?: number;
}

const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/**
 * Runs `git <args>` in a directory and gives back its exit code and output, whatever the code is.
 * @throws AfkError `config` when git or the directory is missing, `transport` when it took too long.
 */
export function git(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const environment = {
    ...(options.environment ?? process.env),
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    LC_ALL: "C",
  };
  const timeout = options.timeoutMilliseconds ?? 60_000;
  return new Promise((resolve, reject) => {
    execFile(
      "git",
      [...args],
      { cwd: directory, env: environment, timeout, maxBuffer: MAX_OUTPUT_BYTES, encoding: "utf8" },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ code: 0, stdout, stderr });
        if (typeof error.code === "number") return resolve({ code: error.code, stdout, stderr });
        reject(startFailure(error, directory, args, timeout));
      },
    );
  });
}

function startFailure(
  error: Error & { code?: unknown; killed?: boolean },
  directory: string,
  args: readonly string[],
  timeout: number,
): AfkError {
  const command = `git ${args[0] ?? ""} in ${directory}`;
  if (error.killed === true)
    return new AfkError(
      "transport",
      `${command} took longer than ${timeout / 1000} s; the next tick tries again.`,
    );
  if (error.code === "ENOENT")
    return new AfkError(
      "config",
      `${command} could not start: install git, and check that the directory exists.`,
    );
  return new AfkError(
    "transport",
    `${command} could not run (${typeof error.code === "string" ? error.code : error.message}).`,
    {
      cause: error,
    },
  );
}

/**
 * Runs git and gives back its output without the last line break.
 * @throws AfkError also when git exits with another code than 0, in its own words.
 */
export async function gitOutput(
  directory: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  const result = await git(directory, args, options);
  if (result.code === 0) return result.stdout.replace(/\n$/, "");
  throw new AfkError(
    "transport",
    `git ${args[0] ?? ""} in ${directory} failed with code ${result.code}: ${reasonOf(result)}`,
  );
}

/** The line in which git says why: the first that calls itself fatal or an error, else the last. */
function reasonOf({ stderr }: GitResult): string {
  const lines = stderr.trim().split("\n");
  return lines.find((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? "";
}

/** Where a repo's agents land: the remote's default branch if there is a remote, else the local one. */
export interface DefaultBranch {
  readonly remote: string | null;
  readonly name: string;
  /** The full id of its newest commit. */
  readonly head: string;
}

/**
 * Finds the default branch and its newest commit, asking the remote and writing nothing.
 * Without a remote it is `init.defaultBranch`, `main`, `master`, or what is checked out, whichever exists first.
 * @throws AfkError when the directory is no repository, the remote cannot be reached, or there is no commit yet.
 */
export async function readDefaultBranch(directory: string, options: GitOptions = {}): Promise<DefaultBranch> {
  const inside = await git(directory, ["rev-parse", "--git-dir"], options);
  if (inside.code !== 0)
    throw new AfkError(
      "config",
      `${directory} is not a git repository: run \`git init\` there and make a first commit.`,
    );
  const remotes = (await gitOutput(directory, ["remote"], options)).split("\n").filter((name) => name !== "");
  const remote = remotes.includes("origin") ? "origin" : (remotes[0] ?? null);
  return remote === null ? localDefault(directory, options) : remoteDefault(directory, remote, options);
}

async function remoteDefault(directory: string, remote: string, options: GitOptions): Promise<DefaultBranch> {
  const answer = await git(directory, ["ls-remote", "--symref", remote, "HEAD"], options);
  if (answer.code !== 0) {
    throw new AfkError(
      "transport",
      `The remote '${remote}' of ${directory} cannot be read: ${reasonOf(answer)}`,
    );
  }
  const name = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer.stdout)?.[1];
  const head = /^([0-9a-f]{40,64})\tHEAD$/m.exec(answer.stdout)?.[1];
  if (name === undefined || head === undefined)
    throw new AfkError(
      "config",
      `The remote '${remote}' of ${directory} has no default branch yet: push a first commit.`,
    );
  return { remote, name, head };
}

async function localDefault(directory: string, options: GitOptions): Promise<DefaultBranch> {
  const configured = await git(directory, ["config", "init.defaultBranch"], options);
  const current = await git(directory, ["symbolic-ref", "--short", "-q", "HEAD"], options);
  const names = [configured.stdout.trim(), "main", "master", current.stdout.trim()].filter(
    (name) => name !== "",
  );
  for (const name of names) {
    const head = await git(
      directory,
      ["rev-parse", "--verify", "-q", `refs/heads/${name}^{commit}`],
      options,
    );
    if (head.code === 0) return { remote: null, name, head: head.stdout.trim() };
  }
  throw new AfkError("config", `${directory} has no commit yet: make a first commit on its default branch.`);
}

/** The command that lands HEAD of a worktree on the default branch without touching anybody's working tree or index. */
export function landingCommand(branch: DefaultBranch): string {
  // --update-head-ok moves the branch although somebody may have it checked out; a fetch into it is fast-forward only.
  return branch.remote === null
    ? `git fetch --update-head-ok . HEAD:refs/heads/${branch.name}`
    : `git push ${branch.remote} HEAD:refs/heads/${branch.name}`;
}

/**
 * How often a step may be tried that adds or removes a worktree or fetches: git fails when it meets a worktree that
 * another process is just making ("failed to read .git/worktrees/x/commondir") or a reference that it is just moving.
 */
export const SHARED_REPOSITORY_TRIES = 5;
