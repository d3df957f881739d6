// A job: one command on this machine with what comes before and after it, described and recorded in a directory of its own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { AfkError } from "../errors.ts";
import { createFileExclusive, fileFailure, hasCode } from "./atomic-file.ts";
import { isAlive } from "./process-identity.ts";
import { findMarked } from "./strays.ts";

/** The names inside a job directory. */
export const JOB_FILES = {
  spec: "job.json",
  status: "status.json",
  launch: "launch.json",
  stop: "stop",
  steps: "steps.log",
} as const;

/** Everything a job writes may hold the text of an issue or of an agent: only the owner reads it. */
export const PRIVATE = { mode: 0o600 } as const;

const stepSchema = z.object({
  argv: z.array(z.string()).check(z.minLength(1)),
  cwd: z.string(),
  /** A failure of this step stops nothing. */
  mayFail: z.boolean(),
  /** How often it is tried before it counts as failed, with a pause before each repetition. */
  tries: z._default(z.number(), 1),
});

const specSchema = z.object({
  /** Environment variables that only this job's processes carry; strays are found by them. */
  marker: z.record(z.string(), z.string()),
  /** Run one after another before the command; the first that fails ends the job. */
  prepare: z.array(stepSchema),
  command: z.array(z.string()).check(z.minLength(1)),
  cwd: z.string(),
  /** The file of the job directory that is the command's stdin; null: no input. */
  stdin: z.nullable(z.string()),
  /** The files of the job directory that take the output; they may be the same one. */
  stdout: z.string(),
  stderr: z.string(),
  /** What the command gets beside the supervisor's own environment. No secrets: this file stays. */
  environment: z.record(z.string(), z.string()),
  timeLimitSeconds: z.number().check(z.positive()),
  /** How long the command may take to end after an interrupt. */
  graceSeconds: z.number().check(z.nonnegative()),
  /** Run one after another at the end, whatever happened; a failure is only logged. */
  cleanup: z.array(stepSchema),
  /** An output file that grows above this is cut to its beginning and its end. */
  maxLogBytes: z.number().check(z.positive()),
});

export type JobStep = Readonly<z.infer<typeof stepSchema>>;
export type JobSpec = Readonly<z.infer<typeof specSchema>>;

const identitySchema = z.object({ pid: z.number(), startTicks: z.number(), bootId: z.string() });

const exitSchema = z.object({
  code: z.nullable(z.number()),
  signal: z.nullable(z.string()),
  /** `interrupted`: somebody asked for it by the stop file. `terminated`: the supervisor itself was told to end. */
  stoppedBy: z._default(z.nullable(z.enum(["interrupted", "timeout", "terminated"])), null),
  prepareError: z.optional(z.string()),
  spawnError: z.optional(z.string()),
});

const statusSchema = z.object({
  phase: z.enum(["starting", "running", "exited"]),
  /** Null: no supervisor ever claimed the job; somebody stopped it first. */
  supervisor: z.nullable(identitySchema),
  child: z.nullable(identitySchema),
  /** By this machine's clock, as ISO 8601; null when nobody ever claimed the job. */
  startedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  exit: z.nullable(exitSchema),
});

export type JobExit = Readonly<z.infer<typeof exitSchema>>;
export type JobStatus = Readonly<z.infer<typeof statusSchema>>;

/** Where a job is in its life. */
export type JobLife =
  /** Nobody has claimed it. `launched`: a supervisor process is on its way to do so. */
  | { readonly kind: "unclaimed"; readonly launched: boolean }
  /** Its supervisor lives, or the supervisor died and the command goes on. */
  | { readonly kind: "running"; readonly status: JobStatus }
  /** Provably gone without an exit record. */
  | { readonly kind: "died"; readonly status: JobStatus }
  | { readonly kind: "exited"; readonly status: JobStatus; readonly exit: JobExit };

/** Reads what a job is to do. @throws AfkError `contract` when the file does not say it. */
export async function readSpec(directory: string): Promise<JobSpec> {
  const spec = await readJson(join(directory, JOB_FILES.spec), specSchema);
  if (spec === null)
    throw new AfkError("contract", `The job directory ${directory} has no ${JOB_FILES.spec}.`);
  return spec;
}

/** Looks where a job is in its life. @throws AfkError `contract` when a file in its directory cannot be understood. */
export async function readJobLife(directory: string): Promise<JobLife> {
  const status = await readStatus(directory);
  if (status === null) {
    const launch = await readJson(join(directory, JOB_FILES.launch), identitySchema);
    const launched = launch !== null && (await isAlive(launch));
    // The supervisor may have claimed the job, and even ended, while we looked at its process.
    const again = launched ? null : await readStatus(directory);
    return again === null ? { kind: "unclaimed", launched } : lifeOf(directory, again);
  }
  return lifeOf(directory, status);
}

/** Ends an unclaimed job before it begins, so that it can never start. False: a supervisor was faster. */
export async function cancelUnclaimed(directory: string): Promise<boolean> {
  const status: JobStatus = {
    phase: "exited",
    supervisor: null,
    child: null,
    startedAt: null,
    endedAt: null,
    exit: { code: null, signal: null, stoppedBy: "interrupted" },
  };
  return createFileExclusive(join(directory, JOB_FILES.status), JSON.stringify(status), PRIVATE);
}

async function lifeOf(directory: string, status: JobStatus): Promise<JobLife> {
  if (status.exit !== null) return { kind: "exited", status, exit: status.exit };
  if (status.supervisor !== null && (await isAlive(status.supervisor))) return { kind: "running", status };
  // Between our read and the look at the process it may have written its last word.
  const latest = (await readStatus(directory)) ?? status;
  if (latest.exit !== null) return { kind: "exited", status: latest, exit: latest.exit };
  return { kind: (await hasOrphan(directory, latest)) ? "running" : "died", status: latest };
}

async function hasOrphan(directory: string, status: JobStatus): Promise<boolean> {
  if (status.child !== null) return isAlive(status.child);
  // The supervisor may have died after the start of the command and before it wrote that down.
  const spec = await readSpec(directory);
  return (await findMarked(spec.marker)).length > 0;
}

function readStatus(directory: string): Promise<JobStatus | null> {
  return readJson(join(directory, JOB_FILES.status), statusSchema);
}

/** Reads a JSON file; null when there is none. @throws AfkError `contract` when it does not fit the schema. */
export async function readJson<T>(path: string, schema: z.ZodMiniType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return null;
    throw fileFailure(error, "read", path);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AfkError("contract", `${path} is damaged or was written by another version of afk.`, {
      cause: error,
    });
  }
}
