// Makes the ports out of the configuration, each adapter with its counted transport and nothing else of the world.
import { randomUUID } from "node:crypto";
import type { AdapterDeps, Finding } from "./adapter.ts";
import type { Chosen } from "./config/adapters.ts";
import type { Config } from "./config/config.ts";
import { AfkError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Ci, Executor, Notifier, Tracker } from "./ports.ts";
import type { AdapterFamily, RequestCounter } from "./requests.ts";
import type { Runtime } from "./runtime.ts";

export interface Adapters {
  readonly tracker: Tracker;
  readonly executor: Executor;
  /** The executor's name in the configuration. */
  readonly executorKind: string;
  readonly ci: readonly { readonly name: string; readonly ci: Ci }[];
  readonly notifiers: readonly Notifier[];
}

export interface AdapterWorld {
  readonly config: Config;
  readonly runtime: Pick<Runtime, "clock" | "environment" | "uniqueId">;
  readonly requests: RequestCounter;
  readonly log: Log;
  /** Aborted when requests under way must stop. */
  readonly signal: AbortSignal;
}

/** @throws AfkError when an adapter cannot be made from its settings. */
export function createAdapters(world: AdapterWorld): Adapters {
  const { config } = world;
  return {
    tracker: create(config.tracker, depsFor(world, "tracker")),
    executor: create(config.executor, depsFor(world, "executor")),
    executorKind: config.executor.kind,
    ci: config.ci.map((stage) => ({ name: stage.kind, ci: create(stage, depsFor(world, "ci")) })),
    notifiers: config.notify.map((notifier) => create(notifier, depsFor(world, "notifier"))),
  };
}

/** Asks every chosen adapter, one after another, whether it would work; a failure is a finding like any other. */
export async function checkAdapters(world: AdapterWorld): Promise<readonly Finding[]> {
  const { config } = world;
  const checks = [
    () => check(config.tracker, depsFor(world, "tracker")),
    () => check(config.executor, depsFor(world, "executor")),
    ...config.ci.map((stage) => () => check(stage, depsFor(world, "ci"))),
    ...config.notify.map((notifier) => () => check(notifier, depsFor(world, "notifier"))),
  ];
  const findings: Finding[] = [];
  for (const ask of checks) findings.push(...(await ask()));
  return findings;
}

function create<Port>(chosen: Chosen<Port>, deps: AdapterDeps): Port {
  return chosen.adapter.create(chosen.settings, deps);
}

async function check<Port>(chosen: Chosen<Port>, deps: AdapterDeps): Promise<readonly Finding[]> {
  try {
    return await chosen.adapter.check(chosen.settings, deps);
  } catch (error) {
    if (error instanceof AfkError) return [{ on: chosen.kind, result: error.kind, message: error.message }];
    throw error;
  }
}

function depsFor(world: AdapterWorld, family: AdapterFamily): AdapterDeps {
  const { config, runtime } = world;
  return {
    clock: runtime.clock,
    signal: world.signal,
    log: world.log,
    fetch: world.requests.fetchFor(family),
    uniqueId: runtime.uniqueId ?? randomUUID,
    environment: runtime.environment,
    repos: config.allowlist,
    policyOf: config.policyOf,
    workspaceOf: config.workspaceOf,
  };
}
