// Starts and ends the processes of one job on behalf of its supervisor; runs on the real clock.
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { findMarked, sendSignal, signalMarked, type Marker } from "./strays.ts";

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why it could not start at all, as a sentence without a full stop. */
  readonly spawnError?: string;
}

export interface Child {
  readonly pid: number | undefined;
  readonly ended: Promise<ChildEnd>;
}

export interface ChildFiles {
  readonly stdin: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const STRAYS_GRACE_MILLISECONDS = 2_000;
const STRAYS_LIMIT_MILLISECONDS = 5_000;

/** Starts a program in a session of its own. Its output files are opened for appending, so that they can be cut. */
export async function startChild(
  argv: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
  files: ChildFiles,
): Promise<Child> {
  const [program = "", ...args] = argv;
  if (!(await isDirectory(cwd)))
    return notStarted(`the directory ${cwd} in which it should run is not there`);
  const input = files.stdin === null ? "ignore" : openSync(files.stdin, "r");
  const output = openSync(files.stdout, "a", 0o600);
  const errors = files.stderr === files.stdout ? output : openSync(files.stderr, "a", 0o600);
  const child = spawn(program, args, {
    cwd,
    env: { ...environment },
    detached: true,
    stdio: [input, output, errors],
  });
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once("error", (error) => {
      const missing = "code" in error && error.code === "ENOENT";
      const spawnError = missing ? `the program '${program}' was not found` : error.message;
      resolve({ code: null, signal: null, spawnError });
    });
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  for (const handle of new Set([input, output, errors])) if (typeof handle === "number") closeSync(handle);
  return { pid: child.pid, ended };
}

function notStarted(spawnError: string): Child {
  return { pid: undefined, ended: Promise.resolve({ code: null, signal: null, spawnError }) };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whatever the reason is, nothing can run there.
    return false;
  }
}

/** Ends a process group step by step: interrupt (agents clean up on it), terminate, kill. Resolves when it ended. */
export async function endChild(child: Child, graceSeconds: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const steps = [
    { signal: "SIGINT", milliseconds: graceSeconds * 1_000 },
    { signal: "SIGTERM", milliseconds: graceSeconds * 500 },
  ] as const;
  for (const step of steps) {
    sendSignal(-pid, step.signal);
    if (await endsWithin(child, step.milliseconds)) return;
  }
  sendSignal(-pid, "SIGKILL");
  await child.ended;
}

/** Whether a child ends within the given real time. */
export async function endsWithin(child: Child, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const waiting = pause(milliseconds, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([child.ended.then(() => true), waiting]);
  timer.abort();
  return ended;
}

/** Ends every process that carries the marker: tool shells run in sessions of their own and outlive the agent. */
export async function endStrays(marker: Marker): Promise<void> {
  if ((await signalMarked(marker, "SIGTERM")) === 0) return;
  for (let waited = 0; waited < STRAYS_LIMIT_MILLISECONDS; waited += 50) {
    await pause(50);
    const alive = await findMarked(marker);
    if (alive.length === 0) return;
    // Signalled again and again: what forks while it is hunted must not get away.
    if (waited >= STRAYS_GRACE_MILLISECONDS) for (const pid of alive) sendSignal(pid, "SIGKILL");
  }
}
