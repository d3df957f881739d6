// Ticks over fleets: their requests beside the fewest there could be, their time beside that of their longest chain of requests, and a plain client's.
import { fileURLToPath } from "node:url";
import { type Bound, fewestRequests, total } from "./bound.ts";
import { criticalPath } from "./critical-path.ts";
import { type Fleet, productionEnvironment } from "./fleet-options.ts";
import { median, type Program, runOnce, runWithCost, type Servers, startServers } from "./measure.ts";
import { type Effort, megabytes, milliseconds, ratio, type Section } from "./section.ts";
import { AFK } from "./starts.ts";

const PLAIN = fileURLToPath(new URL("plain-client.cjs", import.meta.url));
const LATENCY_MILLISECONDS = 50;
const REPOS = [1, 100, 1000];
const ISSUES = [10, 1000, 10_000];
type Command = "poll" | "watch";
const SERIES = [
  ["poll", "one"],
  ["watch", "one"],
  ["watch", "all"],
] as const;

interface Tick extends Fleet {
  readonly command: Command;
  readonly requests: number;
  readonly bound: Bound;
  readonly roundTrips: number;
  readonly milliseconds: number;
  /** Node's start and the longest chain of requests. */
  readonly leastMilliseconds: number;
  readonly ratio: number;
  readonly cpuMilliseconds: number;
  readonly peakMegabytes: number;
}

/**
 * Over issues that are all ready. `poll` and `watch` with one of them under way in each repo, as many as may be by default;
 * `watch` also with all of them under way.
 */
export async function fleets(effort: Effort): Promise<Section> {
  const values: Tick[] = [];
  for (const [command, runs] of SERIES)
    for (const { repos, issues } of sizes(effort))
      values.push(await ticks(command, { repos, issues, runs }, effort));
  return {
    title: `Ticks over fleets, as many threads as issues, ${LATENCY_MILLISECONDS} ms to every answer`,
    columns: [
      "command, repos x issues",
      "runs",
      "requests",
      "fewest",
      "time against start and longest chain",
      "time",
      "chain",
      "CPU",
      "memory",
    ],
    rows: values.map((one) => [
      `\`${one.command}\`, ${name(one)}`,
      runsOf(one).toLocaleString("en"),
      String(one.requests),
      String(total(one.bound)),
      ratio(one.ratio),
      milliseconds(one.milliseconds),
      `${one.roundTrips} requests`,
      milliseconds(one.cpuMilliseconds),
      megabytes(one.peakMegabytes),
    ]),
    values,
  };
}

/** How many of the issues are under way. */
function runsOf({ repos, issues, runs }: Fleet): number {
  return runs === "all" ? issues : Math.min(repos, issues);
}

function sizes({ quick }: Effort): readonly Pick<Fleet, "repos" | "issues">[] {
  const all = REPOS.flatMap((repos) => ISSUES.map((issues) => ({ repos, issues })));
  return quick ? all.filter(({ repos, issues }) => repos < 1000 && issues <= 1000) : all;
}

function name({ repos, issues }: Pick<Fleet, "repos" | "issues">): string {
  return `${repos.toLocaleString("en")} x ${issues.toLocaleString("en")}`;
}

async function ticks(command: Command, fleet: Fleet, { quick }: Effort): Promise<Tick> {
  const servers = await startServers({ ...fleet, latencyMilliseconds: LATENCY_MILLISECONDS });
  const afk: Program = {
    words: [AFK, command, "--json"],
    environment: productionEnvironment(servers.origin, fleet.repos),
  };
  // The first one warms up the servers.
  await tickOnce(afk, servers);
  const rounds = [];
  for (let round = 0; round < (quick ? 1 : 3); round += 1) rounds.push(await tickOnce(afk, servers));
  servers.close();
  const [middle] = rounds.toSorted((a, b) => a.ratio - b.ratio).slice(Math.floor(rounds.length / 2));
  if (middle === undefined) throw new Error("No tick was measured.");
  return {
    ...fleet,
    ...middle,
    command,
    bound: fewestRequests(command, fleet),
    cpuMilliseconds: median(rounds.map((round) => round.cpuMilliseconds)),
    peakMegabytes: Math.max(...rounds.map((round) => round.peakMegabytes)),
  };
}

type Once = Omit<Tick, keyof Fleet | "command" | "bound">;

async function tickOnce(afk: Program, servers: Servers): Promise<Once> {
  const start = await runOnce({ words: ["-e", "0"] });
  await servers.takeTrace();
  const ran = await runWithCost(afk);
  const trace = await servers.takeTrace();
  const gaps = ran.code === 0 ? (JSON.parse(ran.stdout) as { gaps: readonly unknown[] }).gaps : [ran.code];
  if (gaps.length > 0 || trace.some(({ isWrite }) => isWrite))
    throw new Error(`The tick was no tick at rest (exit code ${ran.code}):\n${ran.stderr.slice(0, 2000)}`);
  const chain = criticalPath(trace);
  const leastMilliseconds = start.wallMilliseconds + chain.milliseconds;
  return {
    requests: trace.length,
    roundTrips: chain.roundTrips,
    milliseconds: ran.wallMilliseconds,
    leastMilliseconds,
    ratio: ran.wallMilliseconds / leastMilliseconds,
    cpuMilliseconds: ran.cpuMilliseconds,
    peakMegabytes: ran.peakMegabytes,
  };
}

/** A plain client, which only lists and reads the timelines that say who labelled, and a poll, in turn. */
export async function plainClient({ quick }: Effort): Promise<Section> {
  const values = [];
  for (const issues of quick ? [1000] : [1000, 10_000]) {
    const fleet: Fleet = { repos: issues / 10, issues, runs: "one" };
    const servers = await startServers({ ...fleet, latencyMilliseconds: LATENCY_MILLISECONDS });
    const environment = productionEnvironment(servers.origin, fleet.repos);
    const afk = await measured({ words: [AFK, "poll", "--json"], environment }, servers);
    const plain = await measured({ words: [PLAIN, servers.origin, String(fleet.repos)] }, servers);
    values.push({ ...fleet, afk, plain });
    servers.close();
  }
  return {
    title: "The same reads by a plain REST client: a list for each repo, a timeline for each issue",
    columns: ["repos x issues", "its requests", "`afk poll`", "its time against `afk poll`", "its time"],
    rows: values.map(({ afk, plain, ...fleet }) => [
      name(fleet),
      plain.requests.toLocaleString("en"),
      afk.requests.toLocaleString("en"),
      `${(plain.milliseconds / afk.milliseconds).toFixed(1)}x`,
      milliseconds(plain.milliseconds),
    ]),
    values,
  };
}

async function measured(program: Program, servers: Servers) {
  await servers.takeTrace();
  const { wallMilliseconds, code, stderr } = await runOnce(program);
  if (code !== 0) throw new Error(stderr.slice(0, 2000));
  return { milliseconds: wallMilliseconds, requests: (await servers.takeTrace()).length };
}
