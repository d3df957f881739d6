// What `--check` asks of this machine: the agent's program, git, and checkouts in which runs can stand.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { AdapterDeps, Finding } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { hasCode } from "../../machine/atomic-file.ts";
import { checkGit } from "../../machine/check-git.ts";
import { readDefaultBranch } from "../../machine/git.ts";
import { childEnvironment } from "../../machine/job-directory.ts";

/** Looks whether runs could start here; changes nothing. */
export async function checkProcessExecutor(command: string, deps: AdapterDeps): Promise<readonly Finding[]> {
  const environment = childEnvironment(deps.environment);
  return [
    ...inCluster(deps),
    await program(command, environment),
    await checkGit(environment),
    ...(await Promise.all(deps.repos.map((repo) => workspace(repo, deps.workspaceOf(repo), environment)))),
  ];
}

function inCluster(deps: AdapterDeps): readonly Finding[] {
  if (deps.environment["KUBERNETES_SERVICE_HOST"] === undefined) return [];
  return [
    {
      on: "executor",
      result: "config",
      message:
        "AFK_EXECUTOR=process cannot work in a cluster: agents would die with the pod of this tick. Use another executor there.",
    },
  ];
}

async function program(command: string, environment: Readonly<Record<string, string>>): Promise<Finding> {
  const word = command.split(/\s+/)[0] ?? "";
  // Only a plain word can be looked up; what a shell makes of anything else shows when it runs.
  const name = /^[\w./+-]+$/.test(word) ? word : "sh";
  if (await isProgram(name, environment))
    return { on: "executor", result: "ok", message: `The agent command '${name}' is there.` };
  return {
    on: "executor",
    result: "config",
    message: `The agent command '${name}' was not found on PATH: install it, or correct AFK_AGENT_COMMAND.`,
  };
}

function isProgram(name: string, environment: Readonly<Record<string, string>>): Promise<boolean> {
  return new Promise((resolve) => {
    execFile("sh", ["-c", 'command -v -- "$1"', "sh", name], { env: environment }, (error) =>
      resolve(error === null),
    );
  });
}

async function workspace(
  repo: string,
  path: string,
  environment: Readonly<Record<string, string>>,
): Promise<Finding> {
  try {
    const branch = await readDefaultBranch(path, { environment });
    if (!(await isWritable(path)))
      return {
        on: repo,
        result: "config",
        message: `${join(path, ".afk")} is not writable: mend its owner or mode.`,
      };
    return { on: repo, result: "ok", message: `${path} is a checkout; agents land on ${branch.name}.` };
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return { on: repo, result: error.kind, message: error.message };
  }
}

/** The directory itself, or where it would be made. */
async function isWritable(path: string): Promise<boolean> {
  for (const directory of [join(path, ".afk"), path]) {
    try {
      await access(directory, constants.W_OK);
      return true;
    } catch (error) {
      if (!hasCode(error, "ENOENT")) return false;
    }
  }
  return false;
}
