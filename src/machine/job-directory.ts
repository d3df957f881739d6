// Makes the directory of a job, complete in one step, and starts a supervisor for it.
import { spawn } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AfkError } from "../errors.ts";
import {
  createFileExclusive,
  fileFailure,
  hasCode,
  makeDirectory,
  syncDirectory,
  writeFileAtomic,
} from "./atomic-file.ts";
import { JOB_FILES, PRIVATE } from "./job.ts";
import { readIdentity } from "./process-identity.ts";

/** This file and the supervisor are both TypeScript in a checkout and both JavaScript in the package. */
const SUPERVISOR = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./supervisor.ts" : "./supervisor.js", import.meta.url),
);

/**
 * Makes a directory with all its files in one step; of several that try at once exactly one gets the name.
 * It is built under another name and renamed: a directory that is not empty can be the target of no rename.
 * @returns `exists` when the name was taken; nothing was changed then.
 */
export async function placeDirectory(
  target: string,
  files: Readonly<Record<string, string>>,
): Promise<"created" | "exists"> {
  const parent = dirname(target);
  let temporary: string | null = null;
  try {
    temporary = await mkdtemp(join(parent, ".new-"));
    for (const [name, text] of Object.entries(files))
      await writeFile(join(temporary, name), text, { ...PRIVATE, flush: true });
    await rename(temporary, target);
  } catch (error) {
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
    if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].some((code) => hasCode(error, code))) return "exists";
    throw fileFailure(error, "create", target);
  }
  await syncDirectory(parent);
  return "created";
}

/** Makes a directory below a checkout's `.afk` that git does not see, if it is not there yet. */
export async function makeHiddenDirectory(path: string): Promise<void> {
  await makeDirectory(path);
  await createFileExclusive(join(path, ".gitignore"), "*\n");
}

/**
 * Starts a supervisor for a job, in a session of its own. Doing it again is harmless: exactly one claims the job.
 * @throws AfkError `transport` when the machine cannot start a process now.
 */
export async function launchSupervisor(
  directory: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(process.execPath, [SUPERVISOR, directory], {
    cwd: directory,
    detached: true,
    stdio: "ignore",
    env: environment,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) =>
      reject(
        new AfkError(
          "transport",
          `No process could be started for ${directory}; the next tick tries again.`,
          {
            cause,
          },
        ),
      ),
    );
  });
  child.unref();
  const identity = child.pid === undefined ? null : await readIdentity(child.pid);
  if (identity !== null)
    await writeFileAtomic(join(directory, JOB_FILES.launch), JSON.stringify(identity), PRIVATE);
}

/**
 * What an agent or a CI command inherits: the environment without afk's own variables, which hold its secrets,
 * and without those by which git takes another repository for the one it stands in.
 */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !entry[0].toUpperCase().startsWith("AFK_") && !GIT_PLACES.includes(entry[0]),
  );
  return Object.fromEntries(kept);
}

const GIT_PLACES = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];
