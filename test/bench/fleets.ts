// How a tick over many repos and issues compares with the fewest requests there could be, and with a plain client.
import { fileURLToPath } from "node:url";
import { AFK } from "./commands.ts";
import type { Section } from "./bench.ts";
import type { Traced } from "./fake-servers.ts";
import { costOf, type Program, productionEnvironment, runOnce, startFakes } from "./measure.ts";

const PLAIN = fileURLToPath(new URL("plain-client.cjs", import.meta.url));
/** The greatest plain fleet that is worth the wait: 11,001 requests. */
const FLEETS = [
  { repos: 1, issues: 10 },
  { repos: 1, issues: 1000 },
  { repos: 100, issues: 1000 },
  { repos: 100, issues: 10_000 },
  { repos: 1000, issues: 10_000 },
] as const;

interface Fleet {
  readonly repos: number;
  readonly issues: number;
}

/**
 * The fewest requests that the questions' sizes allow (src/trackers/github): 50 repos in a list, 10 further pages of 50
 * issues in one, 20 issues with their events and comments, the commits of 20 repos; and the executor's list and name.
 */
export function fewestReads({ repos, issues }: Fleet): number {
  const lists = Math.ceil(repos / 50);
  const each = Math.ceil(issues / repos);
  // An issue in progress keeps its ready label, of which the first list shows five.
  const rounds = Math.max(Math.ceil((each - 5) / 50), Math.ceil((each - 50) / 50), 0);
  let pages = 0;
  for (let round = 0; round < rounds; round += 1) {
    const ready = each - 5 > round * 50 ? repos : 0;
    const inProgress = each - 50 > round * 50 ? repos : 0;
    pages += Math.ceil((ready + inProgress) / 10);
  }
  return lists + pages + Math.ceil(issues / 20) + Math.ceil(repos / 20) + 2;
}

/** The longest chain of requests of which each could only be made after another's answer, in milliseconds. */
export function longestChain(trace: readonly Traced[]): number {
  const sorted = trace.toSorted((a, b) => a.from - b.from);
  const done: { readonly at: number; readonly length: number }[] = [];
  let longest = 0;
  for (const { from, to } of sorted) {
    const before = done
      .filter(({ at }) => at <= from)
      .reduce((most, { length }) => Math.max(most, length), 0);
    const length = before + (to - from);
    done.push({ at: to, length });
    longest = Math.max(longest, length);
  }
  return longest;
}

export async function fleets(): Promise<Section> {
  const rows: (readonly string[])[] = [];
  for (const fleet of FLEETS) {
    const fakes = await startFakes(fleet);
    const environment = productionEnvironment(fakes.origin, fleet.repos);
    const afk: Program = { words: [AFK, "watch", "--dry-run", "--json"], environment };
    const plain: Program = { words: [PLAIN, fakes.origin, String(fleet.repos)] };
    const first = runOnce(afk);
    if (first.code !== 0) throw new Error(first.stdout.slice(0, 2000) + first.stderr.slice(0, 2000));
    await fakes.takeTrace();
    const start = runOnce({ words: ["-e", "0"] }).wallMilliseconds;
    const ran = runOnce(afk);
    const trace = await fakes.takeTrace();
    const plainRan = runOnce(plain);
    const plainTrace = await fakes.takeTrace();
    const { cpuMilliseconds, peakMegabytes } = costOf(afk);
    rows.push([
      `${fleet.repos} / ${fleet.issues}`,
      `${trace.length} / ${fewestReads(fleet)}`,
      String(plainTrace.length),
      `${(ran.wallMilliseconds / (start + longestChain(trace))).toFixed(2)}x`,
      `${(plainRan.wallMilliseconds / ran.wallMilliseconds).toFixed(1)}x`,
      `${(cpuMilliseconds / 1000).toFixed(2)} s`,
      `${peakMegabytes.toFixed(0)} MB`,
    ]);
    fakes.close();
  }
  return {
    title: "`afk watch --dry-run` over many runs that are all under way, 50 ms of latency",
    columns: [
      "repos / issues",
      "requests / fewest",
      "requests of a plain client",
      "time against its longest chain of requests",
      "a plain client's time against it",
      "CPU",
      "memory",
    ],
    rows,
  };
}
