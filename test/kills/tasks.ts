// What a worker of the long run can be told to do, and the pool of workers that does it.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { countWrites, crashScenario, killAtWrite } from "./files.ts";
import { type Clean, type Deaths, type History, killAt, measure } from "./history.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";

/** What can be asked, and what comes back. */
interface Tasks {
  readonly measure: (scenario: string) => Clean;
  readonly kill: (scenario: string, deaths: Deaths, clean: Clean) => History;
  readonly "count writes": (scenario: string) => number;
  readonly "kill at write": (scenario: string, write: number) => History;
}

type Kind = keyof Tasks;

const DEEDS: { readonly [K in Kind]: (...args: Parameters<Tasks[K]>) => Promise<ReturnType<Tasks[K]>> } = {
  measure: (name) => measure(scenarioOf(name)),
  kill: (name, deaths, clean) => killAt(scenarioOf(name), deaths, clean),
  "count writes": (name) => countWrites(crashScenario(name)),
  "kill at write": (name, write) => killAtWrite(crashScenario(name), write),
};

export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no scenario '${name}'.`);
  return found;
}

interface Question {
  readonly kind: Kind;
  readonly args: readonly unknown[];
}

type Answer = { readonly value: unknown } | { readonly error: string };

export interface Pool {
  do<K extends Kind>(kind: K, ...args: Parameters<Tasks[K]>): Promise<ReturnType<Tasks[K]>>;
  close(): void;
}

/** Each worker does one thing at a time, and whoever is free takes the next. */
export function openPool(count: number, environment: Readonly<Record<string, string>>): Pool {
  const free = Array.from({ length: count }, () => newWorker(environment));
  const all = [...free];
  const waiting: ((worker: Worker) => void)[] = [];
  return {
    async do(kind, ...args) {
      const worker = free.shift() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
      try {
        // The worker looks the deed up by its kind, so the answer is of its type.
        return (await worker.ask({ kind, args })) as ReturnType<Tasks[typeof kind]>;
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(worker);
        else next(worker);
      }
    },
    close: () => all.forEach((worker) => worker.end()),
  };
}

interface Worker {
  ask(question: Question): Promise<unknown>;
  end(): void;
}

function newWorker(environment: Readonly<Record<string, string>>): Worker {
  const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), {
    env: { ...process.env, ...environment },
  });
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const died = (code: number | null): void => reject(new Error(`A worker ended with ${code}.`));
        child.once("exit", died);
        child.once("message", (answer: Answer) => {
          child.off("exit", died);
          if ("error" in answer) reject(new Error(answer.error));
          else resolve(answer.value);
        });
        child.send(question);
      }),
    end: () => child.disconnect(),
  };
}

/** The worker's side: answers every question until nobody asks any more. */
export function answerQuestions(): void {
  process.on("message", async ({ kind, args }: Question) => {
    // The arguments came with the kind, through a channel that knows no types.
    const deed: (...args: readonly unknown[]) => Promise<unknown> = DEEDS[kind] as never;
    const answer = await deed(...args).then(
      (value): Answer => ({ value }),
      (error: unknown): Answer => ({
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    process.send?.(answer);
  });
  // Sockets that a dead command left may still be open.
  process.on("disconnect", () => process.exit(0));
}
