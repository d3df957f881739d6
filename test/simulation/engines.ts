// What one worker does: its share of the scenarios, of the cases, or of the swarm's seeds.
import { readCases } from "./cases.ts";
import { createCoverage, type Coverage } from "./coverage.ts";
import { explore } from "./exhaustive.ts";
import { loseFacts } from "./fewer-facts.ts";
import type { History } from "./history.ts";
import { SCENARIOS } from "./scenarios.ts";
import { historyOf, playHistory } from "./swarm.ts";
import type { Finding, Progress, Report } from "./workers.ts";

/** Ticks of one history of the swarm, before its world is healed. */
export const HISTORY_TICKS = 20;
/** Between two histories that are played a second and a third time. */
const SAME_AGAIN_EVERY = 100;
const PROGRESS_TICKS = 1000;
const MOST_FINDINGS = 200;

export interface Work {
  readonly engine: string;
  /** Of so many workers the one with this number. */
  readonly share: { readonly index: number; readonly count: number };
  readonly ticks: number;
  readonly seed: number;
  /** Only scenarios whose name holds this. */
  readonly only: string | null;
  /** Stop at the first finding. */
  readonly first: boolean;
  readonly bounded: boolean;
  readonly stride: number | null;
}

interface Tally {
  histories: number;
  played: number;
  ticks: number;
  readonly findings: Finding[];
}

export async function work(asked: Work, onProgress: (done: Progress) => void): Promise<Report> {
  const coverage = createCoverage();
  const tally: Tally = { histories: 0, played: 0, ticks: 0, findings: [] };
  switch (asked.engine) {
    case "exhaustive":
      await exhaustive(asked, coverage, tally, onProgress);
      break;
    case "cases":
      await replayCases(asked, coverage, tally);
      break;
    case "facts":
      await fewerFacts(asked, coverage, tally);
      break;
    case "swarm":
      await swarm(asked, coverage, tally, onProgress);
      break;
    default:
      throw new Error(`There is no engine ${asked.engine}: exhaustive, facts, swarm or cases.`);
  }
  return { ...tally, coverage: coverage.counts() };
}

async function exhaustive(
  { share, only, bounded, first, stride }: Work,
  coverage: Coverage,
  tally: Tally,
  onProgress: (done: Progress) => void,
): Promise<void> {
  const reach = { pairs: !bounded, three: !bounded, first, ...(stride === null ? {} : { stride }) };
  for (const [at, scenario] of SCENARIOS.entries()) {
    if (at % share.count !== share.index || (only !== null && !scenario.name.includes(only))) continue;
    const { histories, played, ticks, findings } = await explore(scenario, reach, coverage);
    tally.histories += histories;
    tally.played += played;
    tally.ticks += ticks;
    for (const { name, history, violations } of findings)
      if (violations[0] !== undefined && tally.findings.length < MOST_FINDINGS)
        tally.findings.push({ name, history, ...violations[0] });
    onProgress(tally);
    if (first && tally.findings.length > 0) return;
  }
}

async function fewerFacts({ share, only }: Work, coverage: Coverage, tally: Tally): Promise<void> {
  for (const [at, scenario] of SCENARIOS.entries()) {
    if (at % share.count !== share.index || (only !== null && !scenario.name.includes(only))) continue;
    const { ticks, findings } = await loseFacts(scenario, coverage);
    tally.histories += 1;
    tally.played += 1;
    tally.ticks += ticks;
    for (const { name, history, violations } of findings)
      for (const violation of violations) tally.findings.push({ name, history, ...violation });
  }
}

async function replayCases({ share }: Work, coverage: Coverage, tally: Tally): Promise<void> {
  for (const { name, history } of readCases().filter((_, at) => at % share.count === share.index)) {
    const { ticks, violations } = await playHistory(history, coverage);
    tally.histories += 1;
    tally.played += 1;
    tally.ticks += ticks;
    for (const violation of violations) tally.findings.push({ name, history, ...violation });
  }
}

async function swarm(
  { ticks, seed: firstSeed, first }: Work,
  coverage: Coverage,
  tally: Tally,
  onProgress: (done: Progress) => void,
): Promise<void> {
  let told = 0;
  for (let seed = firstSeed; tally.ticks < ticks; seed += 1) {
    const history = historyOf(seed, HISTORY_TICKS);
    const result = await playHistory(history, coverage);
    tally.histories += 1;
    tally.played += 1;
    tally.ticks += result.ticks;
    const name = `seed ${seed}`;
    if (seed % SAME_AGAIN_EVERY === 0 && !(await isSameAgain(history, result.fingerprint)))
      tally.findings.push({ name, history, invariant: "DETERMINISM", message: "Played twice, two worlds." });
    const [violation] = result.violations;
    if (violation !== undefined && tally.findings.length < MOST_FINDINGS)
      tally.findings.push({ name, history, ...violation });
    if (first && tally.findings.length > 0) return;
    if (tally.ticks - told >= PROGRESS_TICKS) {
      told = tally.ticks;
      onProgress(tally);
    }
  }
}

/** The same history must give the same world, to the last byte, also on the Request and Response of Node itself. */
async function isSameAgain(history: History, fingerprint: string): Promise<boolean> {
  const again = await playHistory(history, createCoverage());
  const onNode = await playHistory(history, createCoverage(), "node");
  return again.fingerprint === fingerprint && onNode.fingerprint === fingerprint;
}
