// One process that tries mutants: first it may say which tests reach which mutants, then it runs what it is sent.
import * as fc from "fast-check";
import { load } from "./loader.ts";
import { SWITCH } from "./schemata.ts";

/** How a test went without a mutant; the lists hold mutants by their numbers. */
export interface TestFacts {
  readonly file: string;
  readonly milliseconds: number;
  readonly reached: readonly number[];
  /** How often any switch was asked: many times that many, and the test will not end. */
  readonly steps: number;
  readonly failure: string | null;
}

/** What the first run of all tests showed. */
export interface Facts {
  readonly tests: readonly TestFacts[];
  /** Reached while modules were loaded: such a mutant must be on before. */
  readonly atLoad: readonly number[];
}

/** One mutant and the tests to try it with, the likeliest first. */
export interface Job {
  readonly mutant: number;
  readonly atLoad: boolean;
  readonly tests: readonly { readonly index: number; readonly mostSteps: number }[];
}

export type Result = "killed" | "endless" | "survived";

let on = -1;
let steps = 0;
let mostSteps = Number.POSITIVE_INFINITY;
let reached = new Set<number>();

const isOn = (mutant: number): boolean => {
  steps += 1;
  if (steps > mostSteps) throw new Error("endless");
  return mutant === on;
};
const notesAndIsOff = (mutant: number): boolean => {
  steps += 1;
  reached.add(mutant);
  return false;
};
let ask = notesAndIsOff;
Object.assign(globalThis, { [SWITCH]: (mutant: number) => ask(mutant) });

let loads = 0;
let isClean = true;
let tests = await load(loads);
const reachedAtLoad = [...reached];
// A failing example is not made smaller: that it fails is all that counts.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });

process.on("message", (message: "facts" | Job) => {
  const answer = message === "facts" ? facts() : tryMutant(message);
  void answer.then((value) => process.send?.(value));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function facts(): Promise<Facts> {
  const found: TestFacts[] = [];
  for (const { file, run } of tests) {
    reached = new Set();
    steps = 0;
    const before = performance.now();
    const failure = await failureOf(run);
    found.push({ file, milliseconds: performance.now() - before, reached: [...reached], steps, failure });
  }
  return { tests: found, atLoad: reachedAtLoad };
}

async function tryMutant(job: Job): Promise<Result> {
  ask = isOn;
  mostSteps = Number.POSITIVE_INFINITY;
  if (!isClean) await loadWith(-1);
  on = job.mutant;
  try {
    if (job.atLoad) await loadWith(job.mutant);
    for (const { index, mostSteps: most } of job.tests) {
      steps = 0;
      mostSteps = most;
      if ((await failureOf(tests[index]?.run)) !== null) return steps > most ? "endless" : "killed";
    }
    return "survived";
  } catch {
    // The mutated core could not even be loaded.
    return "killed";
  } finally {
    on = -1;
  }
}

async function loadWith(mutant: number): Promise<void> {
  isClean = mutant === -1;
  on = mutant;
  tests = await load((loads += 1));
}

async function failureOf(run: (() => unknown) | undefined): Promise<string | null> {
  try {
    await run?.();
    return run === undefined ? "there is no such test" : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
