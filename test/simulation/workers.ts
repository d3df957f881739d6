// Spreads work over child processes, as many at once as there are cores, and joins what they counted.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Counts } from "./coverage.ts";
import type { History } from "./history.ts";

export interface Finding {
  readonly name: string;
  readonly invariant: string;
  readonly message: string;
  readonly history: History;
}

/** What a piece of work has done up to now. */
export interface Progress {
  readonly histories: number;
  readonly played: number;
  readonly ticks: number;
}

export interface Report extends Progress {
  readonly coverage: Counts;
  readonly findings: readonly Finding[];
}

/** What a worker writes: one line now and then, and a last one. */
export type WorkerLine = { readonly progress: Progress } | { readonly report: Report };

/**
 * Runs `main.ts` once for each list of words, in processes of their own, so that no memory outlives its piece of work.
 * The first that crashes ends the others, and its error is thrown.
 */
export async function inWorkers(
  jobs: readonly (readonly string[])[],
  onProgress: (done: Progress) => void = () => undefined,
): Promise<readonly Report[]> {
  const reports: Report[] = [];
  const progress = new Map<number, Progress>();
  const stop = new AbortController();
  const queue = jobs.entries();
  async function work(): Promise<void> {
    for (const [index, words] of queue) {
      if (stop.signal.aborted) return;
      reports[index] = await inWorker(words, stop.signal, (done) => {
        progress.set(index, done);
        onProgress(sumOf([...progress.values()]));
      });
      progress.set(index, reports[index]);
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(jobs.length, availableParallelism()) }, work));
  } catch (error) {
    stop.abort();
    throw error;
  }
  return reports;
}

export function sumOf(parts: readonly Progress[]): Progress {
  const sum = (name: keyof Progress): number => parts.reduce((all, one) => all + one[name], 0);
  return { histories: sum("histories"), played: sum("played"), ticks: sum("ticks") };
}

/** The report out of everything that a worker wrote. */
export function reportIn(text: string): Report {
  const last = JSON.parse(text.trim().split("\n").at(-1) ?? "") as WorkerLine;
  if (!("report" in last)) throw new Error("The worker wrote no report.");
  return last.report;
}

function inWorker(
  words: readonly string[],
  signal: AbortSignal,
  onProgress: (done: Progress) => void,
): Promise<Report> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  // A tick makes much garbage that is dead at once: a large nursery saves a tenth of the time.
  const memory = ["--max-old-space-size=2048", "--min-semi-space-size=64", "--max-semi-space-size=64"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...memory, main, ...words], {
      stdio: ["ignore", "pipe", "inherit"],
      signal,
    });
    let report: Report | null = null;
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as WorkerLine;
      if ("report" in line) report = line.report;
      else onProgress(line.progress);
    });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      if (code === 0 && report !== null) resolve(report);
      else
        reject(new Error(`The worker ${words.join(" ")} ended with ${code ?? killedBy}, without a report.`));
    });
  });
}
