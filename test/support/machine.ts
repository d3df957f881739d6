// Real checkouts, real processes and a clock for the tests of everything that runs on this machine.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { AdapterDeps } from "../../src/adapter.ts";
import type { Policy } from "../../src/core/policy.ts";
import { readIdentity } from "../../src/machine/process-identity.ts";
import type { Clock } from "../../src/ports.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";
import { policy } from "./world.ts";

const DEADLINE_MILLISECONDS = 30_000;

/** What children inherit in tests: enough to run git, and nothing of the machine's own configuration. */
export function testEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    HOME: tmpdir(),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Test",
    GIT_AUTHOR_EMAIL: "test@example.invalid",
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@example.invalid",
    ...more,
  };
}

/** A directory that is removed after the test, together with every job that is still at work in it. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "afk-test-")));
  onTestFinished(async () => {
    await endJobsBelow(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  });
  return directory;
}

interface Recorded {
  readonly supervisor: { readonly pid: number; readonly startTicks: number } | null;
  readonly child: { readonly pid: number; readonly startTicks: number } | null;
}

async function endJobsBelow(directory: string): Promise<void> {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith("/status.json") || name === "status.json")) {
    const recorded: Recorded = JSON.parse(readFileSync(join(directory, file), "utf8"));
    for (const one of [recorded.supervisor, recorded.child]) {
      const alive = one === null ? null : await readIdentity(one.pid);
      if (alive !== null && alive.startTicks === one?.startTicks) killIfThere(alive.pid, "SIGKILL");
    }
  }
}

export function run(directory: string, ...argv: readonly string[]): string {
  const [program = "", ...args] = argv;
  const output = execFileSync(program, args, {
    cwd: directory,
    env: testEnvironment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return output.trimEnd();
}

/** A repository with one commit on `main`. */
export function makeCheckout(path: string): string {
  mkdirSync(path, { recursive: true });
  run(path, "git", "init", "-q", "-b", "main");
  writeFileSync(join(path, "README.md"), "hello\n");
  run(path, "git", "add", ".");
  run(path, "git", "commit", "-q", "-m", "First");
  return path;
}

export function commitFile(checkout: string, name: string, text: string): string {
  writeFileSync(join(checkout, name), text);
  run(checkout, "git", "add", name);
  run(checkout, "git", "commit", "-q", "-m", `Add ${name}`);
  return run(checkout, "git", "rev-parse", "HEAD");
}

/** The machine's own clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds) => {
    await pause(milliseconds);
  },
};

/** A clock that stands still until it is moved; its sleeps take real time, so that a process can do something in them. */
export function standingClock(start: number): Clock & { move(milliseconds: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: (milliseconds) => realClock.sleep(milliseconds),
    move(milliseconds) {
      now += milliseconds;
    },
  };
}

/** A process may end between the look at it and the kill. */
function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Reads again and again, with small real pauses, until the answer is as wanted; fails after a bounded time. */
export async function eventually<T>(read: () => T | Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MILLISECONDS;
  for (;;) {
    const value = await read();
    if (wanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`Waited in vain; last seen: ${JSON.stringify(value)}`);
    await pause(25);
  }
}

/** The dependencies of an adapter whose checkouts stand at `<base>/<owner>__<name>`. */
export function machineDeps(options: {
  readonly base: string;
  readonly repos: readonly string[];
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  readonly policy?: Partial<Policy>;
}): AdapterDeps {
  return {
    clock: options.clock ?? realClock,
    signal: new AbortController().signal,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    fetch: () => Promise.reject(new Error("No request may be made.")),
    uniqueId: randomUUID,
    environment: options.environment ?? testEnvironment(),
    repos: options.repos,
    policyOf: () => policy(options.policy),
    workspaceOf: (repo) => join(options.base, repo.replace("/", "__")),
  };
}
