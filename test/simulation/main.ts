// `npm run test:exhaustive` and `npm run test:swarm -- --ticks N --seed S`: the complete engines, with their figures.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createCoverage } from "./coverage.ts";
import { work } from "./engines.ts";
import type { History } from "./history.ts";
import { SCENARIOS } from "./scenarios.ts";
import { show } from "./show.ts";
import { commitName, coverageLines, failureLines, unexercised } from "./tell.ts";
import { inWorkers, type Progress, sumOf, type WorkerLine } from "./workers.ts";

/** A worker ends after so many ticks: what a tick leaves behind in memory ends with it. */
const SHARD_TICKS = 50_000;
/** Small runs are shared out too, in the same way on every machine. */
const FEWEST_SHARDS = 8;
const SMALLEST_SHARD_TICKS = 1000;
/** Far enough apart that no two shards play the same seed. */
const SHARD_SEEDS = 10_000;
/** From so many ticks on, a swarm that has not exercised everything fails. */
const COMPLETE_TICKS = 1_000_000;
const PROGRESS_SECONDS = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ticks: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    worker: { type: "string" },
    only: { type: "string" },
    first: { type: "boolean", default: false },
    bounded: { type: "boolean", default: false },
    stride: { type: "string" },
    history: { type: "string" },
  },
});
const [engine = "swarm"] = positionals;
const ticks = Number(values.ticks);
const seconds = (): number => Number(process.hrtime.bigint() / 1_000_000n) / 1000;

if (values.history !== undefined) await replay(values.history);
else if (values.worker !== undefined) await beWorker(values.worker);
else process.exitCode = await lead();

async function beWorker(place: string): Promise<void> {
  const [index = 0, count = 1] = place.split("/").map(Number);
  const write = (line: WorkerLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const { only = null, first, bounded, stride } = values;
  const report = await work(
    {
      engine,
      share: { index, count },
      ticks,
      seed: Number(values.seed),
      only,
      first,
      bounded,
      stride: stride === undefined ? null : Number(stride),
    },
    ({ histories, played, ticks: done }) => write({ progress: { histories, played, ticks: done } }),
  );
  write({ report });
}

/** One list of words for each worker. */
function jobs(): readonly (readonly string[])[] {
  const words = process.argv.slice(2);
  if (engine !== "swarm")
    return SCENARIOS.map((_, index) => [...words, "--worker", `${index}/${SCENARIOS.length}`]);
  const size = Math.min(SHARD_TICKS, Math.max(SMALLEST_SHARD_TICKS, Math.ceil(ticks / FEWEST_SHARDS)));
  return Array.from({ length: Math.ceil(ticks / size) }, (_, index) => {
    const seed = Number(values.seed) + index * SHARD_SEEDS;
    const own = Math.min(size, ticks - index * size);
    return [...words, "--worker", "0/1", "--seed", String(seed), "--ticks", String(own)];
  });
}

async function lead(): Promise<number> {
  const began = seconds();
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const reports = await inWorkers(jobs(), progressTo(process.stderr, began));
  const took = seconds() - began;
  const coverage = createCoverage();
  for (const report of reports) coverage.merge(report.coverage);
  const done = sumOf(reports);
  const findings = reports.flatMap((report) => report.findings);
  print(
    `${engine} at ${commitName()}${engine === "swarm" ? `, seed ${values.seed}` : ""}: ${done.histories} histories (${done.played} healed), ${done.ticks} ticks in ${Math.round(took)} s, ${Math.round(done.ticks / took)} ticks/s, ${findings.length} violations`,
  );
  for (const line of coverageLines(coverage)) print(line);
  for (const line of await failureLines(findings)) print(line);
  const missing = values.only !== undefined || values.first ? [] : unexercised(engine, coverage);
  const isComplete = engine === "exhaustive" || (engine === "swarm" && ticks >= COMPLETE_TICKS);
  if (missing.length > 0)
    print(
      isComplete
        ? `not exercised: ${missing.join(", ")}`
        : `not exercised: ${missing.length} things, which ${COMPLETE_TICKS} ticks must exercise`,
    );
  return findings.length > 0 || (isComplete && missing.length > 0) ? 1 : 0;
}

/** Says now and then how far the workers are. */
function progressTo(place: NodeJS.WritableStream, began: number): (done: Progress) => void {
  let told = began;
  return ({ histories, ticks: done }) => {
    const now = seconds();
    if (now - told < PROGRESS_SECONDS) return;
    told = now;
    const speed = Math.round(done / (now - began));
    place.write(
      `${engine}: ${histories} histories, ${done}${engine === "swarm" ? ` of ${ticks}` : ""} ticks, ${speed} ticks/s\n`,
    );
  };
}

/** Plays one history out of a file, a case's or a failure's. */
async function replay(file: string): Promise<void> {
  const { history } = JSON.parse(readFileSync(file, "utf8")) as { readonly history: History };
  const { lines, violations } = await show(history);
  process.stdout.write(`${[...lines, ...violations].join("\n")}\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
