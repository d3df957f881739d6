// A T3 executor over the double, with a clock on which no two moments are equal.
import type { AdapterDeps, Finding } from "../../../src/adapter.ts";
import { projectId } from "../../../src/core/identity.ts";
import type { NewThread, NewTurn, ThreadDetail } from "../../../src/core/thread.ts";
import { digest } from "../../../src/digest.ts";
import { t3Executor } from "../../../src/executors/t3/adapter.ts";
import type { Clock, Executor } from "../../../src/ports.ts";
import { Secret } from "../../../src/secret.ts";
import { machineDeps } from "../../support/machine.ts";
import { createT3, TOKEN, type T3Double, type T3Options } from "../../support/t3/server.ts";

export const REPO = "acme/shop";
export const PROJECT = projectId(digest, REPO);
export const THREAD = "2b7c8d9e-0f1a-5b2c-8d3e-4f5a6b7c8d9e";
export const FIRST = "0d0c9b1e-2f0e-5e7c-8a3b-111111111111";
export const SECOND = "0d0c9b1e-2f0e-5e7c-8a3b-222222222222";
export const START = Date.parse("2026-11-21T08:00:00.000Z");
export const ROOT = "/data/acme__shop";

export interface SteppingClock extends Clock {
  move(milliseconds: number): void;
}

/** Each look at it is a millisecond; sleeping moves it and takes no time. */
export function steppingClock(): SteppingClock {
  let now = START;
  return {
    now: () => (now += 1),
    sleep(milliseconds) {
      now += milliseconds;
      return Promise.resolve();
    },
    move(milliseconds) {
      now += milliseconds;
    },
  };
}

export interface T3World {
  readonly t3: T3Double;
  readonly clock: SteppingClock;
  readonly deps: AdapterDeps;
  readonly executor: Executor;
}

export function openT3(options: Partial<T3Options> = {}, settings: Record<string, unknown> = {}): T3World {
  const clock = steppingClock();
  const t3 = createT3({ now: () => clock.now(), ...options });
  const deps = { ...machineDeps({ base: "/data", repos: [REPO], clock }), fetch: t3.fetch };
  return { t3, clock, deps, executor: executorOf(deps, settings) };
}

export function executorOf(deps: AdapterDeps, settings: Record<string, unknown> = {}): Executor {
  return t3Executor.create(settingsOf(settings), deps);
}

export function check(
  deps: AdapterDeps,
  settings: Record<string, unknown> = {},
): Promise<readonly Finding[]> {
  return t3Executor.check(settingsOf(settings), deps);
}

function settingsOf(settings: Record<string, unknown>): Record<string, unknown> {
  return {
    AFK_T3_URL: "http://127.0.0.1:3773",
    AFK_T3_TOKEN: new Secret(() => TOKEN),
    AFK_T3_PUBLIC_URL: "https://t3.example.com",
    AFK_T3_INSTANCE: "claudeAgent",
    AFK_T3_MODEL: "claude-sonnet-4-6",
    AFK_T3_ALLOW_HTTP: false,
    ...settings,
  };
}

export function newThread(threadId = THREAD): NewThread {
  return { threadId, projectId: PROJECT, repo: REPO, title: `${REPO}#7: A title` };
}

export function newTurn(messageId = FIRST, text = "Do it."): NewTurn {
  return { threadId: THREAD, repo: REPO, messageId, text, budgetUsd: null };
}

/** Makes the thread and sends its first turn. */
export async function begin({ executor }: T3World): Promise<void> {
  await executor.create(newThread());
  await executor.send(newTurn());
}

export async function readThread({ executor }: T3World): Promise<ThreadDetail> {
  const thread = await executor.readThread(THREAD);
  if (thread === null) throw new Error("The thread is gone.");
  return thread;
}
