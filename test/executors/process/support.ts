// A process executor with an agent that does what the test writes into files.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdapterDeps } from "../../../src/adapter.ts";
import { processExecutor } from "../../../src/executors/process/adapter.ts";
import type { Clock, Executor } from "../../../src/ports.ts";
import {
  eventually,
  machineDeps,
  makeCheckout,
  temporaryDirectory,
  testEnvironment,
} from "../../support/machine.ts";

export const REPO = "acme/shop";
export const THREAD = "2b7c8d9e-0f1a-5b2c-8d3e-4f5a6b7c8d9e";
export const PROJECT = "9e8d7c6b-5a4f-5e3d-8c2b-1a0f9e8d7c6b";

/** Waits for orders as long as there is where they come from: `<control>/<thread>.<turn>.say`, `.finish` or `.fail`. */
const OBEDIENT_AGENT = `
  turn="$AGENT_CONTROL/$AFK_RUN_ID.$AFK_TURN"
  cat > "$turn.prompt"
  while [ -d "$AGENT_CONTROL" ]; do
    if [ -e "$turn.say" ]; then cat "$turn.say"; rm "$turn.say"; fi
    if [ -e "$turn.finish" ]; then exit 0; fi
    if [ -e "$turn.fail" ]; then echo "It went wrong." >&2; exit 3; fi
    sleep 0.03
  done`;

export interface ProcessWorld {
  readonly base: string;
  readonly checkout: string;
  readonly deps: AdapterDeps;
  readonly executor: Executor;
  /** The directory of the thread's run. */
  readonly run: string;
  /** Gives the agent of a turn an order. */
  order(turn: number, order: "say" | "finish" | "fail", text?: string): void;
  /** Resolves when the agent of a turn has its prompt and its supervisor has written that down. */
  started(turn: number): Promise<void>;
}

export function openProcessWorld(
  options: {
    readonly agent?: string;
    readonly clock?: Clock;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): ProcessWorld {
  const directory = temporaryDirectory();
  const base = join(directory, "base");
  const control = join(directory, "control");
  mkdirSync(control);
  const checkout = makeCheckout(join(base, "acme__shop"));
  const environment = testEnvironment({ AGENT_CONTROL: control, ...options.environment });
  const deps = machineDeps({
    base,
    repos: [REPO],
    environment,
    ...(options.clock && { clock: options.clock }),
  });
  const orders = (turn: number): string => join(control, `${THREAD}.${turn}`);
  return {
    base,
    checkout,
    deps,
    executor: executorOf(deps, options.agent),
    run: join(checkout, ".afk", "runs", THREAD),
    order: (turn, order, text = "") => writeFileSync(`${orders(turn)}.${order}`, text),
    async started(turn) {
      const status = join(checkout, ".afk", "runs", THREAD, "turns", String(turn), "status.json");
      await eventually(
        () => existsSync(`${orders(turn)}.prompt`) && readFileSync(status, "utf8").includes('"running"'),
        (found) => found,
      );
    },
  };
}

export function executorOf(deps: AdapterDeps, agent = OBEDIENT_AGENT): Executor {
  return processExecutor.create({ AFK_AGENT_COMMAND: agent }, deps);
}

export function newThread(): Parameters<Executor["create"]>[0] {
  return { threadId: THREAD, projectId: PROJECT, repo: REPO, title: "acme/shop#7: A title" };
}

export function newTurn(messageId: string, text = "Do it."): Parameters<Executor["send"]>[0] {
  return { threadId: THREAD, repo: REPO, messageId, text, budgetUsd: null };
}

/** Makes the thread and sends its first turn. */
export function begin(world: ProcessWorld, text?: string): Promise<string> {
  return world.executor.create(newThread()).then(() => world.executor.send(newTurn("first", text)));
}

export async function readThread(executor: Executor) {
  const thread = await executor.readThread(THREAD);
  if (thread === null) throw new Error("The thread is gone.");
  return thread;
}

/** The thread as soon as it has so many turns and none of them works. */
export function ended(executor: Executor, turns = 1) {
  return eventually(
    () => readThread(executor),
    (thread) => thread.state.kind !== "running" && thread.messages.length === turns,
  );
}
