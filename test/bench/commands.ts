// How long short commands take: starting, a tick with nothing to do, and an executor that answers too much.
import { fileURLToPath } from "node:url";
import { listQuery } from "../../src/trackers/github/queries.ts";
import type { Section } from "./bench.ts";
import { compare, costOf, type Program, productionEnvironment, runOnce, startFakes } from "./measure.ts";

const ROUNDS = 25;
export const AFK = fileURLToPath(new URL("../../bin/afk.js", import.meta.url));
const BARE = fileURLToPath(new URL("bare-tick.cjs", import.meta.url));

function ratio(value: number): string {
  return `${value.toFixed(2)}x`;
}

export async function coldStart(): Promise<Section> {
  const programs: Readonly<Record<string, Program>> = {
    "`node -e 0`": { words: ["-e", "0"] },
    "`afk poll`, disabled": { words: [AFK, "poll"] },
    "`afk --version`": { words: [AFK, "--version"] },
    "`afk --help`": { words: [AFK, "--help"] },
  };
  const rows = compare(programs, ROUNDS).map(({ name, ratio: value }) => {
    const { cpuMilliseconds, peakMegabytes } = costOf(programs[name] ?? { words: [] });
    return [name, ratio(value), `${cpuMilliseconds.toFixed(0)} ms`, `${peakMegabytes.toFixed(0)} MB`];
  });
  return { title: "Starting", columns: ["command", "time", "CPU", "memory"], rows };
}

export async function quietTick(): Promise<Section> {
  const fakes = await startFakes();
  const environment = productionEnvironment(fakes.origin, 1);
  const policy = { ready: "ready-for-agent", inProgress: "agent-in-progress", human: "ready-for-human" };
  const path = { repo: "127.0.0.1/acme/r0", owner: "acme", name: "r0" };
  const { text, variables } = listQuery([{ path, labels: policy }]);
  const question = JSON.stringify({ query: text(() => true), variables });
  const programs: Readonly<Record<string, Program>> = {
    "the same two requests by `node:http`, nothing else": { words: [BARE, fakes.origin, question] },
    "`node -e 0`": { words: ["-e", "0"] },
    "`afk poll`": { words: [AFK, "poll"], environment },
    "`afk watch`": { words: [AFK, "watch"], environment },
  };
  const rows = compare(programs, ROUNDS).map(({ name, ratio: value }) => {
    const { cpuMilliseconds, peakMegabytes } = costOf(programs[name] ?? { words: [] });
    return [name, ratio(value), `${cpuMilliseconds.toFixed(0)} ms`, `${peakMegabytes.toFixed(0)} MB`];
  });
  fakes.close();
  const title = "A tick with nothing to do, GitHub and T3, 50 ms of latency";
  return { title, columns: ["program", "time", "CPU", "memory"], rows };
}

export async function largeAnswers(): Promise<Section> {
  const rows: (readonly string[])[] = [];
  for (const megabytes of [1, 10, 100]) {
    const fakes = await startFakes({ latencyMilliseconds: 0, executorBytes: megabytes * 1e6 });
    const program = { words: [AFK, "poll"], environment: productionEnvironment(fakes.origin, 1) };
    const { code, stderr, stdout } = runOnce(program);
    const { cpuMilliseconds, peakMegabytes } = costOf(program);
    const result = code === 0 ? "read" : `refused, exit code ${code}`;
    if (code !== 0 && !`${stdout}${stderr}`.includes("longer than")) throw new Error(stdout + stderr);
    rows.push([
      `${megabytes} MB`,
      result,
      `${peakMegabytes.toFixed(0)} MB`,
      `${cpuMilliseconds.toFixed(0)} ms`,
    ]);
    fakes.close();
  }
  const title = "An executor that answers too much";
  return { title, columns: ["answer", "result", "memory", "CPU"], rows };
}
