// The long run behind `npm run test:kills`: at least 1,000 kills (`--kills N`), two workers, one line at the end.
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allJobs } from "./jobs.ts";

const WORKERS = 2;
const DEFAULT_KILLS = 1000;

const { values } = parseArgs({ options: { kills: { type: "string" }, worker: { type: "string" } } });
const wanted = Number(values.kills ?? DEFAULT_KILLS);
if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error("--kills needs a whole number from 1.");
if (values.worker === undefined) await lead();
else await work(Number(values.worker));

interface Line {
  readonly name: string;
  readonly kills: number;
  readonly problems: readonly string[];
}

/** Takes every second job until its share of kills is done; a default run leaves out no single kill. */
async function work(worker: number): Promise<void> {
  const { singles, pairs } = await allJobs();
  const share = Math.ceil(wanted / WORKERS);
  const all = [...singles, ...pairs].filter((_, index) => index % WORKERS === worker);
  const least = values.kills === undefined ? singles.length / WORKERS : 0;
  let kills = 0;
  for (const [index, job] of all.entries()) {
    if (kills >= share && index >= least) break;
    const history = await job.run().catch((error: unknown) => ({ kills: 0, problems: [String(error)] }));
    kills += history.kills;
    process.stdout.write(`${JSON.stringify({ name: job.name, ...history })}\n`);
  }
  // Sockets that a dead command left may still be open.
  process.exit(0);
}

async function lead(): Promise<void> {
  const started = performance.now();
  const lines: Line[] = [];
  const codes = await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) =>
      runWorker(worker, (line) => {
        lines.push(line);
        for (const problem of line.problems) process.stdout.write(`VIOLATION ${line.name}: ${problem}\n`);
        if (lines.length % 100 === 0) process.stderr.write(`${lines.length} histories …\n`);
      }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  const kills = lines.reduce((sum, line) => sum + line.kills, 0);
  const violations = lines.reduce((sum, line) => sum + line.problems.length, 0);
  const isWhole = codes.every((code) => code === 0);
  process.stdout.write(
    `${kills} kills in ${lines.length} histories, ${(kills / seconds).toFixed(1)} kills/s, ` +
      `${violations} violations, commit ${commit()}${isWhole ? "" : ", and a worker ended early"}\n`,
  );
  process.exitCode = violations === 0 && isWhole && kills >= wanted ? 0 : 1;
}

function runWorker(worker: number, take: (line: Line) => void): Promise<number | null> {
  const args = [fileURLToPath(import.meta.url), "--worker", String(worker)];
  if (values.kills !== undefined) args.push("--kills", values.kills);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", (line) => take(JSON.parse(line) as Line));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
}

function commit(): string {
  const isChanged = git("status", "--porcelain") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${isChanged ? " with changes" : ""}`;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { encoding: "utf8" }).trim();
}
