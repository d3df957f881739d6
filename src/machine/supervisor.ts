// The process that carries out one job and outlives the tick that started it: `node supervisor.js <job directory>`.
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createFileExclusive, writeFileAtomic } from "./atomic-file.ts";
import {
  JOB_FILES,
  PRIVATE,
  readSpec,
  type JobExit,
  type JobSpec,
  type JobStatus,
  type JobStep,
} from "./job.ts";
import { boundLog, readTail } from "./log-file.ts";
import { readIdentity } from "./process-identity.ts";
import { endChild, endStrays, endsWithin, startChild, type ChildEnd } from "./supervised-child.ts";

const CLEANUP_STEP_MILLISECONDS = 60_000;
const WATCH_INTERVAL_MILLISECONDS = 1_000;
/** Before the second try of a step; before each further one as much longer. */
const TRY_PAUSE_MILLISECONDS = 100;

type StopReason = Exclude<JobExit["stoppedBy"], null>;

/** Becomes a reason as soon as the job must end early. */
interface Stop {
  readonly reason: () => StopReason | null;
  /** Resolves when there is a reason. */
  readonly requested: Promise<void>;
  readonly request: (reason: StopReason) => void;
}

async function supervise(directory: string): Promise<void> {
  const stop = createStop();
  const stopFile = join(directory, JOB_FILES.stop);
  // The handlers stand before the claim: whoever can read our process id from it may signal us.
  const onSignal = (): void => stop.request(existsSync(stopFile) ? "interrupted" : "terminated");
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("SIGHUP", () => undefined);

  const statusFile = join(directory, JOB_FILES.status);
  let status: JobStatus = {
    phase: "starting",
    supervisor: await readIdentity(process.pid),
    child: null,
    startedAt: new Date().toISOString(),
    endedAt: null,
    exit: null,
  };
  if (!(await createFileExclusive(statusFile, JSON.stringify(status), PRIVATE))) return;
  const record = async (change: Partial<JobStatus>): Promise<void> => {
    status = { ...status, ...change };
    await writeFileAtomic(statusFile, JSON.stringify(status), PRIVATE);
  };

  const spec = await readSpec(directory);
  const watch = setInterval(() => {
    if (existsSync(stopFile)) stop.request("interrupted");
    boundLogs(directory, spec);
  }, WATCH_INTERVAL_MILLISECONDS);
  // A timer of Node holds at most 2^31 - 1 milliseconds.
  const limit = Math.min(spec.timeLimitSeconds * 1_000, 2 ** 31 - 1);
  const timer = setTimeout(() => stop.request("timeout"), limit);
  const exit = await carryOut(directory, spec, stop, record);
  clearTimeout(timer);
  clearInterval(watch);
  await record({ phase: "exited", endedAt: new Date().toISOString(), exit });
}

function createStop(): Stop {
  let reason: StopReason | null = null;
  const { promise, resolve } = Promise.withResolvers<void>();
  const request = (wanted: StopReason): void => {
    reason ??= wanted;
    resolve();
  };
  return { reason: () => reason, requested: promise, request };
}

async function carryOut(
  directory: string,
  spec: JobSpec,
  stop: Stop,
  record: (change: Partial<JobStatus>) => Promise<void>,
): Promise<JobExit> {
  const prepareError = await prepare(directory, spec, stop);
  let end: ChildEnd = { code: null, signal: null };
  if (prepareError === null && !mustStop(directory, stop))
    end = await runCommand(directory, spec, stop, record);
  // Asked now: what wants to stop a job that has already ended comes too late.
  const stoppedBy = stop.reason();
  await endStrays(spec.marker);
  for (const step of spec.cleanup) await tryStep(directory, spec, step, null);
  // A step that was cut short by a stop did not fail by itself.
  const failed = prepareError === null || stoppedBy !== null ? {} : { prepareError };
  return { ...end, stoppedBy, ...failed };
}

function mustStop(directory: string, stop: Stop): boolean {
  if (existsSync(join(directory, JOB_FILES.stop))) stop.request("interrupted");
  return stop.reason() !== null;
}

async function prepare(directory: string, spec: JobSpec, stop: Stop): Promise<string | null> {
  for (const step of spec.prepare) {
    if (mustStop(directory, stop)) return null;
    const failure = await tryStep(directory, spec, step, stop);
    if (failure !== null && !step.mayFail) return failure;
  }
  return null;
}

/** Runs one step as often as it may be tried, and gives back what went wrong the last time, or null. */
async function tryStep(
  directory: string,
  spec: JobSpec,
  step: JobStep,
  stop: Stop | null,
): Promise<string | null> {
  for (let failed = 1; ; failed += 1) {
    const failure = await runStep(directory, spec, step, stop);
    if (failure === null || failed >= step.tries || stop?.reason() != null) return failure;
    await pause(failed * TRY_PAUSE_MILLISECONDS);
  }
}

/** Runs one step and gives back what went wrong, as a sentence without a full stop, or null. */
async function runStep(
  directory: string,
  spec: JobSpec,
  step: JobStep,
  stop: Stop | null,
): Promise<string | null> {
  const log = join(directory, JOB_FILES.steps);
  const name = step.argv.join(" ");
  appendFileSync(log, `$ ${name}\n`, PRIVATE);
  const environment = { ...process.env, ...spec.marker, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  const child = await startChild(step.argv, step.cwd, environment, { stdin: null, stdout: log, stderr: log });
  const ended =
    stop === null
      ? endsWithin(child, CLEANUP_STEP_MILLISECONDS)
      : Promise.race([child.ended.then(() => true), stop.requested.then(() => false)]);
  if (!(await ended)) await endChild(child, 1);
  const end = await child.ended;
  if (end.code === 0) return null;
  if (end.spawnError !== undefined) return `\`${name}\` could not start: ${end.spawnError}`;
  const lines = (await readTail(log, 4_096)).trimEnd().split("\n");
  // Git explains itself below its own verdict.
  const said = lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? "";
  return `\`${name}\` failed with ${end.signal ?? `code ${String(end.code)}`}: ${said}`;
}

async function runCommand(
  directory: string,
  spec: JobSpec,
  stop: Stop,
  record: (change: Partial<JobStatus>) => Promise<void>,
): Promise<ChildEnd> {
  const environment = { ...process.env, ...spec.environment, ...spec.marker };
  const child = await startChild(spec.command, spec.cwd, environment, {
    stdin: spec.stdin === null ? null : join(directory, spec.stdin),
    stdout: join(directory, spec.stdout),
    stderr: join(directory, spec.stderr),
  });
  try {
    await record({ phase: "running", child: child.pid === undefined ? null : await readIdentity(child.pid) });
  } catch (error) {
    // Nobody may work unrecorded: a later tick would take the job for dead and start another one.
    await endChild(child, 0);
    throw error;
  }
  await Promise.race([child.ended, stop.requested]);
  if (stop.reason() !== null) await endChild(child, spec.graceSeconds);
  return child.ended;
}

function boundLogs(directory: string, spec: JobSpec): void {
  for (const name of new Set([spec.stdout, spec.stderr])) {
    try {
      boundLog(join(directory, name), spec.maxLogBytes);
    } catch (error) {
      // A log that cannot be cut is no reason to lose the work; the note is for whoever reads the steps.
      appendFileSync(
        join(directory, JOB_FILES.steps),
        `${name} could not be cut: ${String(error)}\n`,
        PRIVATE,
      );
    }
  }
}

const jobDirectory = process.argv[2];
if (jobDirectory === undefined) process.exitCode = 2;
else await supervise(jobDirectory);
