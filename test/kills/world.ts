// GitHub, T3 and doorbells on loopback ports with scripted agents: a whole production world that can be killed anywhere.
import { run } from "../../src/cli.ts";
import { parseRunLine } from "../../src/core/prompt.ts";
import { createSigner } from "../../src/digest.ts";
import { registries } from "../../src/registries.ts";
import { Secret } from "../../src/secret.ts";
import { type GithubWorld, githubWorld } from "../support/github/world.ts";
import { openSink, type Sink } from "../support/sink.ts";
import { spawned } from "../support/small-process.ts";
import { createT3, type T3Double } from "../support/t3/server.ts";
import { agentStep } from "./agent.ts";
import { KILLED_AFK, type KillOptions, type KillPoint, type Step, STEPS } from "./killed-afk.ts";
import { settingsFor, STATE_KEY } from "./settings.ts";
import { liveThreads } from "./threads.ts";

const signer = createSigner([new Secret(() => STATE_KEY)]);
/** More than every pause before afk believes what it sees, and than two tick times. */
const A_WHILE_MILLISECONDS = 400_000;
/** When cron's next tick comes. */
const SOON_MILLISECONDS = 60_000;
const MAX_ROUNDS = 40;

export type Command = "poll" | "watch";
export type Environment = Readonly<Record<string, string>>;

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
  readonly stdout: string;
  readonly stderr: string;
  /** Empty when it died. */
  readonly steps: readonly Step[];
}

export interface KillWorld {
  readonly github: GithubWorld;
  readonly t3: T3Double;
  readonly bells: Sink;
  /** What was wrong at some moment, although it may be right now. */
  readonly violations: string[];
  readonly maxAttempts: number;
  /** One whole tick in this process. @throws when it ends with another code than 0. */
  tick(command: Command): Promise<TickReport>;
  /** A tick in which the requests that fit fail. */
  faultyTick(command: Command, fits: (method: string, url: string) => boolean): Promise<void>;
  /** One tick of the built command as a process of its own, with these settings on top of the world's. */
  child(command: Command, at: KillPoint | null, environment: Environment): Promise<ChildEnd>;
  /** Lets the agents do what their issues' titles say, and time pass. */
  agents(): void;
  /** The next ticks come at once, as by cron, before the agents do anything. */
  nextTicks(): Promise<void>;
  /** Ticks until nothing happens any more; gives back what the last poll decided. */
  settle(): Promise<TickReport>;
  close(): Promise<void>;
}

export async function openKillWorld(environment: Environment = {}): Promise<KillWorld> {
  const github = githubWorld({ repos: ["acme/shop"] });
  const t3 = createT3({ now: () => (github.state.now += 1) });
  const bells = await openSink(answerBell);
  const [githubServer, t3Server] = await Promise.all([github.server.listen(), t3.listen()]);
  const origins = { github: githubServer.origin, t3: t3Server.origin, bells: bells.origin };
  const settings = { ...settingsFor(origins), ...environment };
  const violations: string[] = [];

  /** Promise S1 before every request to T3: it never holds two live threads of one lane; each repo here has one. */
  t3.fault = () => {
    const live = liveThreads(t3);
    if (live.length > 1) violations.push(`S1: ${live.length} live threads in one lane`);
    return null;
  };

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

  const route: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(origins.github)) return github.server.fetch(request);
    return request.url.startsWith(origins.t3) ? t3.fetch(request) : fetch(request);
  };

  async function tick(command: Command): Promise<TickReport> {
    const { code, stdout, stderr } = await inProcess(command, route);
    if (code !== 0) throw new Error(`A clean ${command} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as TickReport;
  }

  const world: KillWorld = {
    github,
    t3,
    bells,
    violations,
    maxAttempts: Number(settings["AFK_FIX_FORWARD_MAX_ATTEMPTS"]),
    tick,
    async faultyTick(command, fits) {
      let failed = 0;
      await inProcess(command, (input, init) => {
        const request = new Request(input, init);
        if (!fits(request.method, request.url)) return route(request);
        failed += 1;
        return Promise.reject(new TypeError("fetch failed"));
      });
      if (failed === 0) throw new Error(`The ${command} made no request that fits.`);
    },
    async child(command, at, more) {
      const options: KillOptions = { now: github.state.now, at };
      const ran = await spawned(process.execPath, [KILLED_AFK, JSON.stringify(options), command, "--json"], {
        cwd: "/",
        env: { ...PROCESS, ...settings, ...more },
      });
      // Its own clock went on.
      github.state.now += 2000;
      return { ...ran, steps: JSON.parse(STEPS.exec(ran.stderr)?.[1] ?? "[]") as readonly Step[] };
    },
    agents() {
      agentStep(github, t3, (text) => parseRunLine(text, signer));
      github.state.now += A_WHILE_MILLISECONDS;
    },
    async nextTicks() {
      for (const command of ["watch", "poll"] as const) {
        github.state.now += SOON_MILLISECONDS;
        await tick(command);
      }
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
      await Promise.all([bells.close(), githubServer.close(), t3Server.close()]);
    },
  };
  return world;
}

/** What a child needs of this machine's own environment; a cache of compiled files saves a third of its time. */
const PROCESS: Environment = {
  PATH: process.env["PATH"] ?? "",
  NODE_NO_WARNINGS: "1",
  ...(process.env["NODE_COMPILE_CACHE"] === undefined
    ? {}
    : { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] }),
};

/** Each kind of bell wants its own answer. */
const answerBell: Sink["answer"] = (response) => {
  const isSlack = response.req.url === "/hook/slack";
  response.writeHead(200).end(isSlack ? "ok" : JSON.stringify({ id: "1" }));
};

function isBusy(report: TickReport): boolean {
  return report.outcomes.length > 0 || report.decisions.some(({ action }) => action !== "hold");
}

function writesOf({ github, t3 }: KillWorld): number {
  const onGithub = github.server.made.filter(({ method, path }) => method !== "GET" && path !== "/graphql");
  return onGithub.length + t3.requests.filter(({ method }) => method !== "GET").length;
}
