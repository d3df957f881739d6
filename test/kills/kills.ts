// The long run behind `npm run test:kills`: every single kill there is, and pairs of them until there are `--kills N`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CRASH_SCENARIOS } from "../support/crash-scenarios.ts";
import type { Clean, Deaths, History } from "./history.ts";
import { nameOf, pairs, singles } from "./jobs.ts";
import { missingPlaces } from "./places.ts";
import { SCENARIOS } from "./scenarios.ts";
import { openPool, type Pool } from "./tasks.ts";

const DEFAULT_KILLS = 1000;
/** Half of the time a history waits for its child processes. */
const WORKERS_PER_CORE = 2;

const { values } = parseArgs({
  options: { kills: { type: "string" }, only: { type: "string", multiple: true } },
});
const wanted = Number(values.kills ?? (values.only === undefined ? DEFAULT_KILLS : 1));
if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error("--kills needs a whole number from 1.");

interface Tally {
  steps: number;
  histories: number;
  kills: number;
  violations: number;
}

const tallies = new Map<string, Tally>();
const places = new Map<string, number>();
const started = performance.now();
const cache = mkdtempSync(join(tmpdir(), "afk-kills-"));
const pool = openPool(availableParallelism() * WORKERS_PER_CORE, { NODE_COMPILE_CACHE: cache });
try {
  await Promise.all([...chosenFiles().map(killFiles), killRequests(pool)]);
} finally {
  pool.close();
  rmSync(cache, { recursive: true, force: true });
}
report();

function chosenFiles(): readonly string[] {
  return CRASH_SCENARIOS.map(({ name }) => name).filter((name) => isChosen(`${name} on files`));
}

function isChosen(name: string): boolean {
  return values.only === undefined || values.only.includes(name);
}

async function killFiles(name: string): Promise<void> {
  const writes = await pool.do("count writes", name);
  const tally = tallyOf(`${name} on files`, writes);
  await Promise.all(
    Array.from({ length: writes }, async (_, index) => {
      const history = await pool.do("kill at write", name, index + 1).catch(failed);
      count(tally, `${name} on files: before write ${index + 1}`, history);
    }),
  );
}

/** All single kills first; the pairs behind them take turns between the scenarios. */
async function killRequests(workers: Pool): Promise<void> {
  const chosen = SCENARIOS.map(({ name }) => name).filter(isChosen);
  const measured = await Promise.all(
    chosen.map(async (name) => {
      const clean = await workers.do("measure", name);
      const tally = tallyOf(name, clean.steps.length);
      for (const problem of clean.problems) violation(tally, name, problem);
      return { name, clean, tally };
    }),
  );
  const kill = async ({ name, clean, tally }: (typeof measured)[number], deaths: Deaths): Promise<void> => {
    const history = await workers.do("kill", name, deaths, clean).catch(failed);
    count(tally, `${name}: ${nameOf(deaths, clean)}`, history);
    for (const { step } of deaths.points.slice(0, history.kills)) countPlace(clean, step);
  };
  await Promise.all(measured.flatMap((one) => singles(one.clean).map((deaths) => kill(one, deaths))));
  const rest = measured.map((one) => ({ one, deaths: pairs(one.clean) }));
  const longest = Math.max(0, ...rest.map(({ deaths }) => deaths.length));
  for (let index = 0; index < longest && total("kills") < wanted; index += 1)
    await Promise.all(
      rest.flatMap(({ one, deaths }) => deaths.slice(index, index + 1).map((pair) => kill(one, pair))),
    );
}

function failed(error: unknown): History {
  return { kills: 0, problems: [error instanceof Error ? error.message : String(error)] };
}

function tallyOf(name: string, steps: number): Tally {
  const tally = { steps, histories: 0, kills: 0, violations: 0 };
  tallies.set(name, tally);
  return tally;
}

function count(tally: Tally, name: string, history: History): void {
  tally.histories += 1;
  tally.kills += history.kills;
  for (const problem of history.problems) violation(tally, name, problem);
  if (total("histories") % 100 === 0) process.stderr.write(`${total("histories")} histories …\n`);
}

function violation(tally: Tally, name: string, problem: string): void {
  tally.violations += 1;
  process.stdout.write(`VIOLATION ${name}: ${problem}\n`);
}

function countPlace({ steps }: Clean, step: number): void {
  const name = steps[step - 1]?.name ?? "behind the last step of the first tick";
  places.set(name, (places.get(name) ?? 0) + 1);
}

function total(what: keyof Tally): number {
  return [...tallies.values()].reduce((sum, tally) => sum + tally[what], 0);
}

function report(): void {
  for (const [name, { steps, histories, kills, violations }] of tallies)
    process.stdout.write(
      `${name}: ${steps} steps, ${histories} histories, ${kills} kills, ${violations} violations\n`,
    );
  const killed = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1));
  process.stdout.write(`kills by place: ${killed.map(([name, kills]) => `${name} ${kills}`).join(", ")}\n`);
  const missing = values.only === undefined ? missingPlaces(places) : [];
  for (const place of missing) process.stdout.write(`MISSING: nothing was killed at ${place}\n`);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${total("kills")} kills in ${total("histories")} histories, ${seconds.toFixed(0)} s, ` +
      `${total("violations")} violations, commit ${commit()}\n`,
  );
  const isRight = total("violations") === 0 && missing.length === 0 && total("kills") >= wanted;
  process.exitCode = isRight ? 0 : 1;
}

function commit(): string {
  const isChanged = git("status", "--porcelain") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { encoding: "utf8" }).trim();
}
