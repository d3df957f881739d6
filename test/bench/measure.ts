// Runs programs as child processes, one after another in turn, and gives their times as ratios to each other.
import { spawn, spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { FAKE_SERVERS, type FakeOptions, STATE_KEY, type Traced } from "./fake-servers.ts";

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
}

/** Runs once, with no variables but its own, and without the machine's configuration. */
export function runOnce(program: Program): Ran {
  const from = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, program.words, options(program));
  return {
    wallMilliseconds: performance.now() - from,
    code: status,
    stdout: String(stdout),
    stderr: String(stderr),
  };
}

function options({ environment = {} }: Program) {
  return { cwd: tmpdir(), env: { PATH: "/usr/bin:/bin", ...environment }, maxBuffer: 1 << 28 };
}

export interface Cost {
  readonly cpuMilliseconds: number;
  readonly peakMegabytes: number;
}

const REPORT_COST =
  "data:text/javascript,process.on('exit',()=>process.getBuiltinModule('node:fs').writeSync(3,JSON.stringify(process.resourceUsage())))";

/** Runs once more and lets the process tell what it used: not while its time is taken, because telling takes time. */
export function costOf(program: Program): Cost {
  const { output } = spawnSync(process.execPath, ["--import", REPORT_COST, ...program.words], {
    ...options(program),
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const used = JSON.parse(String(output[3])) as Record<"userCPUTime" | "systemCPUTime" | "maxRSS", number>;
  return {
    cpuMilliseconds: (used.userCPUTime + used.systemCPUTime) / 1000,
    peakMegabytes: used.maxRSS / 1024,
  };
}

export interface Compared {
  readonly name: string;
  /** To the first program of the same rounds: the median over rounds of the ratio within a round. */
  readonly ratio: number;
  readonly medianMilliseconds: number;
}

/** Each round runs every program once, so that whatever else the machine does falls on all of them. */
export function compare(programs: Readonly<Record<string, Program>>, rounds: number): readonly Compared[] {
  const names = Object.keys(programs);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1)
    for (const [name, program] of Object.entries(programs)) {
      const { wallMilliseconds } = runOnce(program);
      // The first round only warms the caches of the machine.
      if (round >= 0) times.get(name)?.push(wallMilliseconds);
    }
  const base = times.get(names[0] ?? "") ?? [];
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

export interface Fakes {
  readonly origin: string;
  /** What was asked since the last call, in the order of the answers. */
  takeTrace(): Promise<readonly Traced[]>;
  close(): void;
}

export async function startFakes(fake: Partial<FakeOptions> = {}): Promise<Fakes> {
  const all = { repos: 1, issues: 0, latencyMilliseconds: 50, executorBytes: 0, ...fake };
  const child = spawn(process.execPath, [FAKE_SERVERS, JSON.stringify(all)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Also when the benchmark fails: a server left behind would hold its output open.
  process.once("exit", () => void child.kill());
  const port = await new Promise<string>((resolve) => {
    child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
  });
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    takeTrace: async () => (await (await fetch(`${origin}/trace`)).json()) as readonly Traced[],
    close: () => void child.kill(),
  };
}

/** The variables of a tick on GitHub and T3 for so many repos. */
export function productionEnvironment(origin: string, repos: number): Readonly<Record<string, string>> {
  return {
    AFK_KILL_SWITCH: "false",
    AFK_ALLOWLIST: Array.from({ length: repos }, (_, index) => `127.0.0.1/acme/r${index}`).join(","),
    AFK_TRACKER: "github",
    AFK_GITHUB_API_URL: origin,
    AFK_GITHUB_TOKEN: "none",
    AFK_EXECUTOR: "t3",
    AFK_T3_URL: origin,
    AFK_T3_TOKEN: "none",
    AFK_CI: "github",
    AFK_STATE_KEY: STATE_KEY,
    AFK_TRUSTED_ACTORS: "alice,afk",
    AFK_TICK_MAX_SECONDS: "3600",
    AFK_MAX_IN_FLIGHT: "1000",
  };
}
