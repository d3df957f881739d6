// GitHub, T3 and a doorbell on loopback ports with scripted agents: a whole production world that can be killed anywhere.
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { run } from "../../src/cli.ts";
import { parseRunLine } from "../../src/core/prompt.ts";
import { createSigner } from "../../src/digest.ts";
import { registries } from "../../src/registries.ts";
import { Secret } from "../../src/secret.ts";
import { type GithubWorld, githubWorld, TOKEN as GITHUB_TOKEN } from "../support/github/world.ts";
import { openSink, type Sink } from "../support/sink.ts";
import { createT3, type T3Double, TOKEN as T3_TOKEN } from "../support/t3/server.ts";
import { agentStep } from "./agent.ts";
import { KILLED_AFK, type KillOptions, type KillPoint, REQUESTS } from "./killed-afk.ts";

export const READY = "ready-for-agent";
const STATE_KEY = "a-state-key-that-nobody-else-has";
const signer = createSigner([new Secret(() => STATE_KEY)]);
/** More than every pause before afk believes what it sees, and than two tick times. */
const A_WHILE_MILLISECONDS = 400_000;
const MAX_ROUNDS = 40;

export type Command = "poll" | "watch";

export interface TickReport {
  readonly decisions: readonly {
    readonly issue: number | null;
    readonly action: string;
    readonly reason: string;
  }[];
  readonly outcomes: readonly {
    readonly action: string;
    readonly result: string;
    readonly message: string;
  }[];
  readonly gaps: readonly unknown[];
}

export interface ChildEnd {
  /** Null: it died. */
  readonly code: number | null;
  readonly requests: number;
  /** The numbers of the requests that could change something. */
  readonly writes: readonly number[];
  readonly stderr: string;
}

export interface KillWorld {
  readonly github: GithubWorld;
  readonly t3: T3Double;
  readonly sink: Sink;
  /** What was wrong at some moment, although it may be right now. */
  readonly violations: string[];
  readonly maxAttempts: number;
  /** One whole tick in this process. @throws when it ends with another code than 0. */
  tick(command: Command): Promise<TickReport>;
  /** A tick whose every request from the one that fits on fails, as if the process had died there. */
  brokenTick(command: Command, fits: (method: string, url: string) => boolean): Promise<void>;
  /** One tick of the built command as a process of its own. */
  child(command: Command, at: KillPoint | null): Promise<ChildEnd>;
  /** Lets the agents do what their issues' titles say, and time pass. */
  agents(): void;
  /** Ticks until nothing happens any more; gives back what the last poll decided. */
  settle(): Promise<TickReport>;
  close(): Promise<void>;
}

export async function openKillWorld(environment: Readonly<Record<string, string>> = {}): Promise<KillWorld> {
  const github = githubWorld({ repos: ["acme/shop"] });
  const t3 = createT3({ now: () => (github.state.now += 1) });
  const sink = await openSink();
  const githubServer = await github.server.listen();
  const violations: string[] = [];
  const t3Server = await serveT3(t3, watchLanes);
  const settings: Record<string, string> = {
    AFK_KILL_SWITCH: "false",
    AFK_ALLOWLIST: "127.0.0.1/acme/shop",
    AFK_TRACKER: "github",
    AFK_GITHUB_API_URL: githubServer.origin,
    AFK_GITHUB_TOKEN: GITHUB_TOKEN,
    AFK_EXECUTOR: "t3",
    AFK_T3_URL: t3Server.origin,
    AFK_T3_TOKEN: T3_TOKEN,
    AFK_CI: "github",
    AFK_NOTIFY: "webhook",
    AFK_WEBHOOK_URL: `${sink.origin}/bell`,
    AFK_STATE_KEY: STATE_KEY,
    AFK_HUMAN_WAIT_SECONDS: "1200",
    AFK_FIX_FORWARD_MAX_ATTEMPTS: "2",
    ...environment,
  };

  /** Promise S1 at every moment: T3 never holds two live threads of one lane; each repo here has one. */
  function watchLanes(): void {
    const live = liveThreads(t3);
    if (live.length > 1) violations.push(`S1: ${live.length} live threads in one lane`);
  }

  async function sleep(milliseconds: number): Promise<void> {
    // Long sleeps are the deadline's, and no tick here may take that long.
    if (milliseconds > 30_000) return new Promise(() => undefined);
    github.state.now += milliseconds;
  }

  async function inProcess(
    command: Command,
    transport: typeof fetch,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const out = { stdout: "", stderr: "" };
    const output = (name: "stdout" | "stderr") => ({
      write: (text: string) => void (out[name] += text),
      isTTY: false,
      columns: undefined,
    });
    const code = await run([command, "--json"], {
      stdout: output("stdout"),
      stderr: output("stderr"),
      environment: settings,
      cwd: "/nowhere",
      clock: { now: () => github.state.now, sleep },
      fetch: transport,
      signals: { onTerminate: () => () => undefined },
      registries,
    });
    return { code, ...out };
  }

  const route: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(githubServer.origin)) return github.server.fetch(request);
    if (!request.url.startsWith(t3Server.origin)) return fetch(request);
    const answer = await t3.fetch(request);
    watchLanes();
    return answer;
  };

  async function tick(command: Command): Promise<TickReport> {
    const { code, stdout, stderr } = await inProcess(command, route);
    if (code !== 0) throw new Error(`A clean ${command} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as TickReport;
  }

  const world: KillWorld = {
    github,
    t3,
    sink,
    violations,
    maxAttempts: Number(settings["AFK_FIX_FORWARD_MAX_ATTEMPTS"]),
    tick,
    async brokenTick(command, fits) {
      let isDead = false;
      await inProcess(command, (input, init) => {
        const request = new Request(input, init);
        isDead ||= fits(request.method, request.url);
        return isDead ? Promise.reject(new TypeError("fetch failed")) : route(request);
      });
      if (!isDead) throw new Error(`The ${command} made no request that fits.`);
    },
    async child(command, at) {
      const end = await runChild([command], { now: github.state.now, at }, settings);
      // Its own clock went on.
      github.state.now += 2000;
      return end;
    },
    agents() {
      agentStep(github, t3, (text) => parseRunLine(text, signer));
      github.state.now += A_WHILE_MILLISECONDS;
    },
    async settle() {
      let quiet = 0;
      let writes = writesOf(world);
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        world.agents();
        const watched = await tick("watch");
        world.agents();
        const polled = await tick("poll");
        const hasWork = isBusy(watched) || isBusy(polled) || t3.store.agents.atWork.size > 0;
        const made = writesOf(world) - writes;
        writes += made;
        if (!hasWork && made > 0) violations.push(`L3: ${made} writes while nothing was decided`);
        quiet = hasWork ? 0 : quiet + 1;
        if (quiet === 2) return polled;
      }
      violations.push(`L2: the world did not come to rest within ${MAX_ROUNDS} rounds`);
      return tick("poll");
    },
    async close() {
      await Promise.all([sink.close(), githubServer.close(), t3Server.close()]);
    },
  };
  return world;
}

function isBusy(report: TickReport): boolean {
  return report.outcomes.length > 0 || report.decisions.some(({ action }) => action !== "hold");
}

function writesOf({ github, t3 }: KillWorld): number {
  const onGithub = github.server.made.filter(({ method, path }) => method !== "GET" && path !== "/graphql");
  return onGithub.length + t3.requests.filter(({ method }) => method !== "GET").length;
}

export interface SeenThread {
  readonly id: string;
  readonly archivedAt: string | null;
  readonly deletedAt: string | null;
  readonly settledOverride: string | null;
  readonly session: { readonly status: string } | null;
}

export function allThreads(t3: T3Double): readonly SeenThread[] {
  const { threads } = t3.store.snapshot() as { readonly threads: readonly SeenThread[] };
  return threads;
}

/** What holds its lane (DESIGN section 3). */
export function liveThreads(t3: T3Double): readonly SeenThread[] {
  return allThreads(t3).filter(
    ({ archivedAt, deletedAt, settledOverride, session }) =>
      archivedAt === null &&
      deletedAt === null &&
      (settledOverride !== "settled" || ["starting", "running"].includes(session?.status ?? "")),
  );
}

/** The double's own `serve` belongs to a running vitest. */
async function serveT3(
  t3: T3Double,
  after: () => void,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const headers = new Headers(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      const body = Buffer.concat(chunks).toString("utf8");
      const init = { method: incoming.method ?? "GET", headers, ...(body === "" ? {} : { body }) };
      void t3.fetch(`http://t3${incoming.url ?? ""}`, init).then(async (answer) => {
        after();
        outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function runChild(
  argv: readonly string[],
  options: KillOptions,
  settings: Readonly<Record<string, string>>,
): Promise<ChildEnd> {
  const child = spawn(process.execPath, [KILLED_AFK, JSON.stringify(options), ...argv], {
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "", NODE_NO_WARNINGS: "1", ...settings },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [, requests = "0", writes = ""] = REQUESTS.exec(stderr) ?? [];
  const numbers = writes === "" ? [] : writes.split(",").map(Number);
  return { code, requests: Number(requests), writes: numbers, stderr };
}
