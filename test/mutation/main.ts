// `npm run test:mutation`: changes the core in every small way and counts the changes that its tests notice.
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Mutant } from "./mutants.ts";
import { readCore } from "./plan.ts";
import { commit, type Fate, isAlive, lineOf, report } from "./report.ts";
import type { Facts, Job, Result } from "./worker.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** A worker is replaced after that many loads, which stay in its memory. */
const LOADS_OF_A_WORKER = 100;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    least: { type: "string", default: "95" },
    workers: { type: "string", default: String(availableParallelism()) },
  },
});
const seconds = (): number => Number(process.hrtime.bigint() / 1_000_000n) / 1000;

const began = seconds();
const mutants = readCore()
  .flatMap((file) => file.mutants)
  .filter(({ file }) => file.includes(values.only));
const facts = await factsOfTests();
const failed = facts.tests.filter((one) => one.failure !== null);
for (const { file, failure } of failed) process.stderr.write(`${file} fails without a mutant: ${failure}\n`);
if (failed.length > 0) process.exitCode = 2;
else {
  const fates = new Map<number, Fate>();
  const open = mutants.toReversed();
  await Promise.all(Array.from({ length: Number(values.workers) }, () => work(open, fates)));
  const { text, score } = report(mutants, fates);
  process.stdout.write(`\n${text}\ncommit ${commit()}, ${Math.round(seconds() - began)} s\n`);
  if (score < Number(values.least)) process.exitCode = 1;
}

async function factsOfTests(): Promise<Facts> {
  const worker = await start();
  try {
    const found = await ask<Facts>(worker, "facts", null);
    if (found === null) throw new Error("The run without a mutant ended without a word.");
    return found;
  } finally {
    worker.kill();
  }
}

async function work(open: Mutant[], fates: Map<number, Fate>): Promise<void> {
  let worker = await start();
  let loads = 0;
  for (let mutant = open.pop(); mutant !== undefined; mutant = open.pop()) {
    const job = jobFor(mutant);
    if (job.atLoad) loads += 1;
    const isReached = job.tests.length > 0;
    const result = isReached ? await ask<Result>(worker, job, limitOf(job)) : "not reached";
    const fate = result ?? "timed out";
    fates.set(mutant.id, fate);
    if (isAlive(fate)) process.stdout.write(`${lineOf(mutant, fate)}\n`);
    if (result !== null && loads < LOADS_OF_A_WORKER) continue;
    worker.kill("SIGKILL");
    worker = await start();
    loads = 0;
  }
  worker.kill();
}

/** The tests that reach a mutant: those of its own file's test first, then the quick ones. All, if it acts at load. */
function jobFor(mutant: Mutant): Job {
  const atLoad = facts.atLoad.includes(mutant.id);
  const mirror = mutant.file.replace(/^src(.*)\.ts$/, "test$1.test.ts");
  const tests = facts.tests
    .map((one, index) => ({ ...one, index, mostSteps: one.steps * 20 + 100_000 }))
    .filter((one) => atLoad || one.reached.includes(mutant.id))
    .toSorted(
      (one, other) =>
        Number(other.file === mirror) - Number(one.file === mirror) || one.milliseconds - other.milliseconds,
    );
  return {
    mutant: mutant.id,
    atLoad,
    tests: tests.map(({ index, mostSteps }) => ({ index, mostSteps })),
  };
}

function limitOf(job: Job): number {
  const usual = job.tests.reduce((sum, { index }) => sum + (facts.tests[index]?.milliseconds ?? 0), 0);
  return 10_000 + usual * 5;
}

async function start(): Promise<ChildProcess> {
  const worker = fork(WORKER, {
    execArgv: ["--disable-warning=ExperimentalWarning", "--max-old-space-size=2048"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if ((await answer(worker, null)) === null)
    throw new Error("A worker could not load the tests of the core.");
  return worker;
}

async function ask<T>(worker: ChildProcess, message: "facts" | Job, limit: number | null): Promise<T | null> {
  const answered = answer(worker, limit);
  worker.send(message);
  return (await answered) as T | null;
}

/** The worker's next message; null if it ends before, or says nothing within the limit. */
async function answer(worker: ChildProcess, limit: number | null): Promise<unknown> {
  return await new Promise((resolve) => {
    const timer = limit === null ? undefined : setTimeout(() => end(null), limit);
    const end = (value: unknown): void => {
      clearTimeout(timer);
      worker.off("message", end);
      worker.off("exit", gone);
      resolve(value);
    };
    const gone = (): void => end(null);
    worker.on("message", end);
    worker.on("exit", gone);
  });
}
