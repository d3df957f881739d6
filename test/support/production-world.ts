// GitHub and T3 on loopback ports, the built command as a child process, and one clock for all of them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { parseRunLine } from "../../src/core/prompt.ts";
import { createSigner } from "../../src/digest.ts";
import { Secret } from "../../src/secret.ts";
import { CLOCKED_AFK } from "./clocked-afk.ts";
import { COMPILE_CACHE } from "./compile-cache.ts";
import { type GithubWorld, githubWorld, TOKEN as GITHUB_TOKEN } from "./github/world.ts";
import { type Ran, spawned } from "./small-process.ts";
import { createT3, type T3Double, type T3Options, TOKEN as T3_TOKEN } from "./t3/server.ts";

export const STATE_KEY = "a-state-key-that-nobody-else-has";
export const READY = "ready-for-agent";
/** The double listens on this host, so it is a GitHub Enterprise Server to afk. */
export const REPO = "127.0.0.1/acme/shop";

export interface Report {
  readonly decisions: readonly {
    readonly issue: number;
    readonly action: string;
    readonly reason: string;
    readonly message: string;
    readonly thread: string | null;
    readonly gates?: readonly { readonly reason: string; readonly message: string }[];
  }[];
  readonly outcomes: readonly {
    readonly action: string;
    readonly result: string;
    readonly message: string;
  }[];
  readonly gaps: readonly { readonly on: string; readonly kind: string; readonly message: string }[];
  /** Of `--check`. */
  readonly findings?: readonly {
    readonly on: string;
    readonly result: string;
    readonly message: string;
  }[];
  readonly requests: Readonly<Record<"total" | "tracker" | "executor" | "ci" | "notifier", number>>;
}

export interface Tick extends Ran {
  readonly report: Report;
}

export interface ProductionWorld {
  readonly github: GithubWorld;
  readonly t3: T3Double;
  readonly environment: Record<string, string>;
  /** Runs one command with --json. */
  afk(...argv: readonly string[]): Promise<Tick>;
  /** Runs one command as it is written. */
  run(...argv: readonly string[]): Promise<Ran>;
  skip(seconds: number): void;
  /** The thread that was started last. */
  thread(): string;
  /** The agent pushes a commit of its run, with these checks. */
  push(verdict: "SUCCESS" | "FAILURE", subject?: string): string;
  /** The signed state on an issue's run card. */
  card(number: number): Readonly<Record<string, unknown>>;
  labels(number: number): readonly string[];
}

/** Starts both servers for the current test. */
export async function productionWorld(
  environment: Readonly<Record<string, string>> = {},
  t3Options: Partial<T3Options> = {},
): Promise<ProductionWorld> {
  const github = githubWorld({ repos: ["acme/shop"] });
  const t3 = createT3({ now: () => (github.state.now += 1), ...t3Options });
  const githubServer = await github.server.listen();
  const t3Url = await t3.serve();
  const directory = mkdtempSync(join(tmpdir(), "afk-production-"));
  onTestFinished(async () => {
    await githubServer.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const settings: Record<string, string> = {
    AFK_KILL_SWITCH: "false",
    AFK_ALLOWLIST: REPO,
    AFK_TRACKER: "github",
    AFK_GITHUB_API_URL: githubServer.origin,
    AFK_GITHUB_TOKEN: GITHUB_TOKEN,
    AFK_EXECUTOR: "t3",
    AFK_T3_URL: t3Url,
    AFK_T3_TOKEN: T3_TOKEN,
    AFK_CI: "github",
    AFK_STATE_KEY: STATE_KEY,
    ...environment,
  };
  const thread = (): string => t3.store.agents.turns.at(-1)?.threadId ?? "";
  return {
    github,
    t3,
    environment: settings,
    async afk(...argv) {
      const ran = await runAfk([...argv, "--json"], { settings, directory, now: github.state.now });
      return { ...ran, report: JSON.parse(ran.stdout) as Report };
    },
    run: (...argv) => runAfk(argv, { settings, directory, now: github.state.now }),
    skip(seconds) {
      github.state.now += seconds * 1000;
    },
    thread,
    push(verdict, subject = "Work on it") {
      const text = t3.store.agents.turns.find((turn) => turn.threadId === thread())?.text ?? "";
      const run = parseRunLine(text, createSigner([new Secret(() => STATE_KEY)]));
      if (run === null) throw new Error("The thread has no run line.");
      const sha = github.push(`${subject}\n\nAFK-Run: ${run.thread}\nRefs #${run.issue.number}\n`);
      check(github, sha, verdict);
      return sha;
    },
    card(number) {
      const own = github
        .issue(number)
        .comments.find(
          ({ author, body }) =>
            author?.login === github.people.afk.login && body.startsWith("<!-- afk:run:v1"),
        );
      const text = own?.body ?? "";
      const json = /^<!-- afk:run:v1 (\{.*\}) hmac/.exec(text)?.[1] ?? "{}";
      return JSON.parse(json) as Readonly<Record<string, unknown>>;
    },
    labels: (number) => github.issue(number).labels,
  };
}

export function check(github: GithubWorld, sha: string, conclusion: "SUCCESS" | "FAILURE"): void {
  const output = { title: "", summary: conclusion === "FAILURE" ? "expected 3, got 4" : "", notes: [] };
  github.setChecks(sha, [
    {
      kind: "run",
      name: "test",
      status: "COMPLETED",
      conclusion,
      workflow: "ci",
      event: "push",
      startedAt: null,
      url: `https://ci.example/${sha}`,
      output,
    },
  ]);
}

export interface Child {
  readonly settings: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Runs the built command in a process with these variables and no others of afk's. */
export function runAfk(argv: readonly string[], { settings, directory, now }: Child): Promise<Ran> {
  return spawned(process.execPath, [CLOCKED_AFK, String(now), ...argv], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: COMPILE_CACHE, ...settings },
  });
}
