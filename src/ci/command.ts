// The CI of a machine without one: a command, run on a clean checkout of exactly the commit; its exit code is the verdict.
import { join } from "node:path";
import * as z from "zod/mini";
import { defineAdapter, type AdapterDeps, type Finding } from "../adapter.ts";
import { oneLine } from "../core/text.ts";
import type { Failure, StageVerdict } from "../core/verdict.ts";
import { checkGit } from "../machine/check-git.ts";
import { childEnvironment, launchSupervisor } from "../machine/job-directory.ts";
import { readTail } from "../machine/log-file.ts";
import type { Ci } from "../ports.ts";
import {
  MAX_ATTEMPTS,
  OUTPUT_FILE,
  placeAttempt,
  readLatestAttempt,
  type Attempt,
} from "./command/attempts.ts";

const LEGAL = "expected a command line for sh, for example 'npm ci && npm test'";
const LOG_LINES = 40;
/** Together with the sentence below it at most 8 kB, which may have up to three bytes a character. */
const OUTPUT_BYTES = 6 * 1024;
const HOW_LENGTH = 600;

export const commandCi = defineAdapter({
  variables: {
    AFK_CI_COMMAND: {
      about:
        "What decides whether a commit is good: a command line for sh, run in a clean checkout of the commit.",
      parse: z
        .string({ error: `AFK_CI_COMMAND is not set: ${LEGAL}` })
        .check(z.trim(), z.minLength(1, { error: LEGAL })),
    },
  },
  create: (settings, deps): Ci => ({
    readVerdict: (repo, sha) => readVerdict(deps, repo, sha),
    request: (repo, sha) => request(deps, settings.AFK_CI_COMMAND, repo, sha),
  }),
  check: async (_settings, deps): Promise<readonly Finding[]> => [
    { on: "ci", result: "ok", message: "AFK_CI_COMMAND is given." },
    await checkGit(childEnvironment(deps.environment)),
  ],
});

async function readVerdict(deps: AdapterDeps, repo: string, sha: string): Promise<StageVerdict> {
  const attempt = await readLatestAttempt(deps.workspaceOf(repo), sha);
  if (attempt === null) return { kind: "none", canRequest: true };
  const { outcome } = attempt;
  switch (outcome.kind) {
    case "unstarted":
      return { kind: "none", canRequest: true };
    case "running":
      return { kind: "pending", message: `AFK_CI_COMMAND is at work on ${sha.slice(0, 12)}.` };
    case "passed":
      return { kind: "green", message: passedMessage(outcome.seconds), url: null };
    case "failed":
      return { kind: "red", failures: [await failure(attempt, outcome.how)] };
    case "died":
      if (attempt.number < MAX_ATTEMPTS) return { kind: "none", canRequest: true };
      return { kind: "red", failures: [await failure(attempt, diedMessage(attempt, outcome.how))] };
  }
}

function passedMessage(seconds: number | null): string {
  return seconds === null ? "AFK_CI_COMMAND passed." : `AFK_CI_COMMAND passed in ${seconds} s.`;
}

function diedMessage(attempt: Attempt, how: string): string {
  return `The CI job died ${MAX_ATTEMPTS} times without a verdict. ${how} Its logs are in ${join(attempt.directory, "..")}.`;
}

async function failure(attempt: Attempt, how: string): Promise<Failure> {
  const output = await readTail(join(attempt.directory, OUTPUT_FILE), OUTPUT_BYTES);
  const lines = output.trimEnd().split("\n").slice(-LOG_LINES);
  return { name: "command", url: null, log: [...lines, oneLine(how, HOW_LENGTH)].join("\n").trimStart() };
}

/** Starts the job of a commit once: a job that runs or has a verdict is left alone, a dead one is followed by another. */
async function request(deps: AdapterDeps, command: string, repo: string, sha: string): Promise<void> {
  const environment = childEnvironment(deps.environment);
  const latest = await readLatestAttempt(deps.workspaceOf(repo), sha);
  if (latest?.outcome.kind === "unstarted") return launchSupervisor(latest.directory, environment);
  if (latest !== null && (latest.outcome.kind !== "died" || latest.number >= MAX_ATTEMPTS)) return;
  const number = (latest?.number ?? 0) + 1;
  const { directory, placed } = await placeAttempt(deps, command, { repo, sha, number });
  // The tick that was faster starts it; should it have died in between, the next tick does.
  if (placed === "created") await launchSupervisor(directory, environment);
}
