// Runs programs as child processes, one after another in turn, and gives their times as ratios to each other.
import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { FAKE_SERVERS } from "./fake-servers.ts";
import type { ServerOptions, Traced } from "./fleet-options.ts";

export interface Program {
  /** What follows `node`. */
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly wallMilliseconds: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the process told of itself on its fourth stream; empty where it was not asked to. */
  readonly told: string;
}

/** Runs once, with no variables but its own, and without the machine's configuration. */
export async function runOnce({ words, environment = {} }: Program): Promise<Ran> {
  const from = performance.now();
  const child = spawn(process.execPath, words, {
    cwd: tmpdir(),
    env: { PATH: "/usr/bin:/bin", ...environment },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const texts = ["", "", ""];
  for (const [index, stream] of [child.stdout, child.stderr, child.stdio[3]].entries())
    if (stream !== null && stream !== undefined && "setEncoding" in stream)
      stream.setEncoding("utf8").on("data", (text: string) => (texts[index] += text));
  const ended = new Promise<number>((resolve) => child.on("exit", () => resolve(performance.now())));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [stdout = "", stderr = "", told = ""] = texts;
  return { wallMilliseconds: (await ended) - from, code, stdout, stderr, told };
}

export interface Cost {
  readonly cpuMilliseconds: number;
  readonly peakMegabytes: number;
}

/** The peak of the process itself: what `getrusage` says may still be that of whoever started it. */
const TELL_COST = `data:text/javascript,${encodeURIComponent(`process.on("exit", () => {
  const fs = process.getBuiltinModule("node:fs");
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  let peak = maxRSS;
  try { peak = Number(/VmHWM:\\s*(\\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))?.[1] ?? maxRSS); } catch {}
  fs.writeSync(3, JSON.stringify({ cpuMilliseconds: (userCPUTime + systemCPUTime) / 1000, peakMegabytes: peak / 1024 }));
})`)}`;

/** Runs once and lets the process tell what it used, which takes it a few milliseconds more. */
export async function runWithCost(program: Program): Promise<Ran & Cost> {
  const ran = await runOnce({ ...program, words: ["--import", TELL_COST, ...program.words] });
  return { ...ran, ...(JSON.parse(ran.told) as Cost) };
}

export interface Compared {
  readonly name: string;
  /** To the first program of the same rounds: the median over rounds of the ratio within a round. */
  readonly ratio: number;
  readonly medianMilliseconds: number;
}

/** Each round runs every program once, so that whatever else the machine does falls on all of them. */
export async function compare(
  programs: Readonly<Record<string, Program>>,
  rounds: number,
): Promise<readonly Compared[]> {
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1)
    for (const [name, program] of Object.entries(programs)) {
      const { wallMilliseconds } = await runOnce(program);
      // The first round only warms the caches of the machine.
      if (round >= 0) times.get(name)?.push(wallMilliseconds);
    }
  const base = [...times.values()][0] ?? [];
  return [...times].map(([name, own]) => ({
    name,
    ratio: median(own.map((time, round) => time / (base[round] ?? time))),
    medianMilliseconds: median(own),
  }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export interface Servers {
  readonly origin: string;
  /** What was asked since the last call. */
  takeTrace(): Promise<readonly Traced[]>;
  close(): void;
}

const started = new Set<ChildProcess>();
// Also when the benchmark fails: a server left behind would hold its output open.
process.once("exit", () => {
  for (const child of started) child.kill();
});

/** Starts the servers in a process of their own. */
export async function startServers(options: Partial<ServerOptions> = {}): Promise<Servers> {
  const all: ServerOptions = {
    repos: 1,
    issues: 0,
    runs: "one",
    latencyMilliseconds: 50,
    executorBytes: 0,
    ...options,
  };
  const child = spawn(process.execPath, [FAKE_SERVERS, JSON.stringify(all)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.add(child);
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
    child.once("exit", () => reject(new Error("The servers of the benchmark did not start.")));
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    takeTrace: async () => (await (await fetch(`${origin}/trace`)).json()) as readonly Traced[],
    close() {
      started.delete(child);
      child.kill();
    },
  };
}
