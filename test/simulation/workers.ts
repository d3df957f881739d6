// Spreads work over child processes, one for each core, and joins what they counted.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Counts } from "./coverage.ts";
import type { History } from "./history.ts";

export interface Report {
  readonly histories: number;
  readonly played: number;
  readonly ticks: number;
  readonly coverage: Counts;
  readonly findings: readonly {
    readonly name: string;
    readonly invariant: string;
    readonly message: string;
    readonly history: History;
  }[];
}

/** Runs `main.ts` with these words in several processes; each gets its number and how many there are. */
export async function inWorkers(words: readonly string[]): Promise<readonly Report[]> {
  const count = Math.max(1, Math.min(4, availableParallelism()));
  return Promise.all(
    Array.from({ length: count }, (_, index) => worker([...words, "--worker", `${index}/${count}`])),
  );
}

function worker(words: readonly string[]): Promise<Report> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--max-old-space-size=2048", "--min-semi-space-size=64", "--max-semi-space-size=64", main, ...words],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as Report);
      else reject(new Error(`A worker ended with ${code}: ${text.slice(-500)}`));
    });
  });
}
