// `npm run test:planted`: each planted bug must be found by the bounded exhaustive run or else by the swarm, and none without one.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MUTANTS } from "./mutants.ts";
import { type Report, reportIn } from "./workers.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const plant = new URL("plant.ts", import.meta.url).href;
const ENGINES: readonly (readonly string[])[] = [
  ["exhaustive", "--bounded", "--stride", "7"],
  ["swarm", "--ticks", "6000", "--seed", "1"],
];

const only = process.argv[2];
let missed = 0;
for (const { name, about } of MUTANTS) {
  if (only !== undefined && only !== name) continue;
  const began = process.hrtime.bigint();
  let verdict = "NOT FOUND";
  for (const words of ENGINES) {
    const ran = spawnSync(
      process.execPath,
      ["--import", plant, main, ...words, "--first", "--worker", "0/1"],
      {
        encoding: "utf8",
        env: { ...process.env, AFK_PLANTED: name },
        maxBuffer: 256 * 1024 * 1024,
      },
    );
    if (ran.status !== 0) {
      verdict = `BROKEN: ${ran.stderr.slice(-400)}`;
      break;
    }
    const report: Report = reportIn(ran.stdout);
    const [first] = report.findings;
    if (first === undefined) continue;
    verdict = `found by ${words[0]} as ${first.invariant}: ${first.message} (${first.name}, ${report.ticks} ticks)`;
    break;
  }
  if (!verdict.startsWith("found")) missed += 1;
  const seconds = Number((process.hrtime.bigint() - began) / 100_000_000n) / 10;
  process.stdout.write(`${name} ${about}: ${verdict} in ${seconds} s\n`);
}
process.exitCode = missed === 0 ? 0 : 1;
