// `npm run test:exhaustive` and `npm run test:swarm -- --ticks N --seed S`: the complete engines, with their figures.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readCases } from "./cases.ts";
import { createCoverage, type Coverage } from "./coverage.ts";
import { explore } from "./exhaustive.ts";
import { loseFacts } from "./fewer-facts.ts";
import type { History } from "./history.ts";
import { SCENARIOS } from "./scenarios.ts";
import { show } from "./show.ts";
import { historyOf, playHistory, shrink } from "./swarm.ts";
import { ACTIONS, ANTECEDENTS, wantedFaults, wantedReasons } from "./wanted.ts";
import { inWorkers, type Report } from "./workers.ts";

/** Ticks of one history of the swarm, before its world is healed. */
const HISTORY_TICKS = 20;
const MOST_FINDINGS = 5;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ticks: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    worker: { type: "string" },
    only: { type: "string" },
    first: { type: "boolean", default: false },
    bounded: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    stride: { type: "string" },
    history: { type: "string" },
  },
});
const [engine = "swarm"] = positionals;
const seconds = (): number => Number(process.hrtime.bigint() / 1_000_000n) / 1000;

if (values.history !== undefined)
  await replay(JSON.parse(readFileSync(values.history, "utf8")) as { history: History });
else if (values.worker !== undefined) process.stdout.write(JSON.stringify(await work(values.worker)));
else process.exitCode = await lead();

async function work(place: string): Promise<Report> {
  const [index = 0, count = 1] = place.split("/").map(Number);
  const coverage = createCoverage();
  const found =
    engine === "exhaustive"
      ? await exhaustive(index, count, coverage)
      : engine === "facts"
        ? await fewerFacts(index, count, coverage)
        : engine === "cases"
          ? await replayCases(index, count, coverage)
          : await swarm(index, count, coverage);
  return { ...found, coverage: coverage.counts() };
}

async function exhaustive(
  index: number,
  count: number,
  coverage: Coverage,
): Promise<Omit<Report, "coverage">> {
  const report = { histories: 0, played: 0, ticks: 0, findings: [] as Report["findings"][number][] };
  for (const [at, scenario] of SCENARIOS.entries()) {
    if (at % count !== index || (values.only !== undefined && !scenario.name.includes(values.only))) continue;
    const reach = {
      pairs: !values.bounded,
      three: !values.bounded,
      first: values.first,
      ...(values.stride === undefined ? {} : { stride: Number(values.stride) }),
    };
    const one = await explore(scenario, reach, coverage);
    report.histories += one.histories;
    report.played += one.played;
    report.ticks += one.ticks;
    for (const { name, history, violations } of one.findings) {
      const [first] = violations;
      if (first !== undefined && report.findings.length < 200)
        report.findings.push({ name, history, ...first });
    }
    if (!values.quiet)
      process.stderr.write(
        `${scenario.name}: ${one.histories} histories, ${one.played} played, ${one.findings.length} found\n`,
      );
    if (values.first && report.findings.length > 0) break;
  }
  return report;
}

async function fewerFacts(
  index: number,
  count: number,
  coverage: Coverage,
): Promise<Omit<Report, "coverage">> {
  const report = { histories: 0, played: 0, ticks: 0, findings: [] as Report["findings"][number][] };
  for (const [at, scenario] of SCENARIOS.entries()) {
    if (at % count !== index || (values.only !== undefined && !scenario.name.includes(values.only))) continue;
    const { ticks, findings } = await loseFacts(scenario, coverage);
    report.histories += 1;
    report.played += 1;
    report.ticks += ticks;
    for (const { name, history, violations } of findings)
      for (const violation of violations) report.findings.push({ name, history, ...violation });
  }
  return report;
}

async function replayCases(
  index: number,
  count: number,
  coverage: Coverage,
): Promise<Omit<Report, "coverage">> {
  const own = readCases().filter((_, at) => at % count === index);
  const report = {
    histories: own.length,
    played: own.length,
    ticks: 0,
    findings: [] as Report["findings"][number][],
  };
  for (const { name, history } of own) {
    const { ticks, violations } = await playHistory(history, coverage);
    report.ticks += ticks;
    for (const violation of violations) report.findings.push({ name, history, ...violation });
  }
  return report;
}

async function swarm(index: number, count: number, coverage: Coverage): Promise<Omit<Report, "coverage">> {
  const report = { histories: 0, played: 0, ticks: 0, findings: [] as Report["findings"][number][] };
  const most = Number(values.ticks) / count;
  for (let seed = Number(values.seed) + index; report.ticks < most; seed += count) {
    const history = historyOf(seed, HISTORY_TICKS);
    const result = await playHistory(history, coverage);
    report.histories += 1;
    report.played += 1;
    report.ticks += result.ticks;
    if (seed % 100 === 0 && !(await isSameAgain(history, result.fingerprint)))
      report.findings.push({
        name: `seed ${seed}`,
        history,
        invariant: "DETERMINISM",
        message: "Played twice, two worlds.",
      });
    const [first] = result.violations;
    if (first !== undefined) report.findings.push({ name: `seed ${seed}`, history, ...first });
    if (values.first && report.findings.length > 0) break;
  }
  return report;
}

/** The same history must give the same world, to the last byte, also on the Request and Response of Node itself. */
async function isSameAgain(history: History, fingerprint: string): Promise<boolean> {
  const again = await playHistory(history, createCoverage());
  const onNode = await playHistory(history, createCoverage(), "node");
  return again.fingerprint === fingerprint && onNode.fingerprint === fingerprint;
}

async function lead(): Promise<number> {
  const began = seconds();
  const words = process.argv.slice(2);
  const reports = await inWorkers(words);
  const coverage = createCoverage();
  for (const report of reports) coverage.merge(report.coverage);
  const sum = (name: "histories" | "played" | "ticks"): number =>
    reports.reduce((all, one) => all + one[name], 0);
  const took = seconds() - began;
  const findings = reports.flatMap((report) => report.findings);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  print(
    `${engine}: ${sum("histories")} histories (${sum("played")} healed), ${sum("ticks")} ticks, ${Math.round(sum("ticks") / took)} ticks/s, ${findings.length} violations`,
  );
  for (const kind of ["action", "outcome", "reason", "exit", "antecedent", "endpoint"])
    print(`${kind}: ${coverage.table(kind)}`);
  const endpoints = Object.keys(coverage.counts()["endpoint"] ?? {});
  const pairs = wantedFaults(endpoints);
  const missingPairs = coverage.missing("fault", pairs);
  print(`faults: ${pairs.length - missingPairs.length} of ${pairs.length} (endpoint x fault) pairs`);
  await tellFindings(findings, print);
  return findings.length > 0 || isUnexercised(coverage, missingPairs, print) ? 1 : 0;
}

/** The first finding of each invariant, made small, with the line that plays it again. */
async function tellFindings(findings: Report["findings"], print: (text: string) => void): Promise<void> {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const told = new Set<string>();
  for (const { name, invariant, message, history } of findings) {
    if (told.has(invariant) || told.size >= MOST_FINDINGS) continue;
    told.add(invariant);
    const small = await shrink(history, invariant);
    const { lines } = await show(small);
    print(`\n${invariant} at ${commit}, ${name}: ${message}`);
    if (name.startsWith("seed ")) print(`  again: npm run test:swarm -- --ticks 1 --seed ${name.slice(5)}`);
    for (const line of lines.slice(-30)) print(line);
    print(`  as a case: ${JSON.stringify(small)}`);
  }
}

function isUnexercised(
  coverage: Coverage,
  missingPairs: readonly string[],
  print: (text: string) => void,
): boolean {
  if (values.only !== undefined || values.first) return false;
  // The engines share the work: cuts and overlaps need every action, faults need the swarm.
  const missing = [
    ...coverage.missing("action", ACTIONS),
    ...coverage.missing("antecedent", ANTECEDENTS),
    ...(engine === "swarm" ? [...coverage.missing("reason", wantedReasons()), ...missingPairs] : []),
  ];
  if (missing.length > 0) print(`not exercised: ${missing.join(", ")}`);
  return missing.length > 0;
}

async function replay({ history }: { readonly history: History }): Promise<void> {
  const { lines, violations } = await show(history);
  process.stdout.write(`${[...lines, ...violations].join("\n")}\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
