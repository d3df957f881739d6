// GitHub, T3 and a webhook without sockets, the whole command in this process, and what must hold whatever they say.
import { run } from "../../src/cli.ts";
import { registries } from "../../src/registries.ts";
import type { GithubWorld } from "../support/github/world.ts";
import { githubWorld } from "../support/github/world.ts";
import { createT3, type T3Double, TOKEN as SHORT_TOKEN } from "../support/t3/server.ts";

export const READY = "ready-for-agent";
export const HOST = "127.0.0.1";
const GITHUB = `http://${HOST}:1`;
const T3 = `http://${HOST}:2`;
const BELL = `http://${HOST}:3/bell-canary-93ab`;
const GITHUB_TOKEN = "ghp_github-canary-5f21";
const T3_TOKEN = "t3-token-canary-88b0";
export const STATE_KEY = "state-key-canary-1f0c";
/** What may stand in an Authorization header or sign, and nowhere else. */
export const CANARIES: readonly string[] = [GITHUB_TOKEN, T3_TOKEN, STATE_KEY, "bell-canary-93ab"];

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** May answer instead of a server, which `honest` asks. */
export type Between = (request: Request, honest: () => Promise<Response>) => Promise<Response>;

export interface HostileWorld {
  readonly github: GithubWorld;
  readonly t3: T3Double;
  readonly bells: string[];
  readonly names: readonly string[];
  readonly environment: Record<string, string>;
  between: Between;
  run(...argv: readonly string[]): Promise<Ran>;
  /** What is wrong with everything that left the command since the last call. */
  problems(): readonly string[];
}

/** One repo `acme/r<n>` for each text, or as many as asked for. */
export function hostileWorld(repos = 1, environment: Readonly<Record<string, string>> = {}): HostileWorld {
  const names = Array.from({ length: repos }, (_, index) => `acme/r${index}`);
  const github = githubWorld({ repos: names });
  const t3 = createT3({ now: () => (github.state.now += 1) });
  github.state.accounts.set(GITHUB_TOKEN, github.people.afk);
  t3.tokens.set(T3_TOKEN, t3.tokens.get(SHORT_TOKEN) ?? []);
  const bells: string[] = [];
  const strayed: string[] = [];
  let seen = { made: 0, asked: 0, bells: 0 };

  function honest(request: Request): Promise<Response> {
    if (request.url.startsWith(`${GITHUB}/`)) return github.server.fetch(request);
    return t3.fetch(request);
  }

  const world: HostileWorld = {
    github,
    t3,
    bells,
    names,
    environment: {
      AFK_KILL_SWITCH: "false",
      AFK_ALLOWLIST: names.map((name) => `${HOST}/${name}`).join(","),
      AFK_TRACKER: "github",
      AFK_GITHUB_API_URL: GITHUB,
      AFK_GITHUB_TOKEN: GITHUB_TOKEN,
      AFK_EXECUTOR: "t3",
      AFK_T3_URL: T3,
      AFK_T3_TOKEN: T3_TOKEN,
      AFK_CI: "github",
      AFK_NOTIFY: "webhook",
      AFK_WEBHOOK_URL: BELL,
      AFK_STATE_KEY: STATE_KEY,
      AFK_MAX_IN_FLIGHT: "1000",
      AFK_MAX_DISPATCH_PER_TICK: "1000",
      AFK_FIX_FORWARD_MAX_ATTEMPTS: "1",
      ...environment,
    },
    between: (_, ask) => ask(),
    async run(...argv) {
      const out = { stdout: "", stderr: "" };
      const output = (name: "stdout" | "stderr") => ({
        write: (text: string) => void (out[name] += text),
        isTTY: false,
        columns: undefined,
      });
      const code = await run(argv, {
        stdout: output("stdout"),
        stderr: output("stderr"),
        environment: world.environment,
        cwd: "/nowhere",
        clock: {
          now: () => github.state.now,
          async sleep(milliseconds) {
            if (milliseconds > 9_000) return new Promise(() => undefined);
            github.state.now += milliseconds;
            return undefined;
          },
        },
        async fetch(input, init) {
          const request = new Request(input, init);
          if (request.url === BELL) {
            bells.push(await request.text());
            return world.between(request, async () => new Response("ok"));
          }
          if (![GITHUB, T3].includes(new URL(request.url).origin))
            strayed.push(`a request to ${request.url}`);
          return world.between(request, () => honest(request));
        },
        signals: { onTerminate: () => () => undefined },
        registries,
      });
      return { code, ...out };
    },
    problems() {
      const made = github.server.made.slice(seen.made);
      const asked = t3.requests.slice(seen.asked);
      const rung = bells.slice(seen.bells);
      seen = { made: github.server.made.length, asked: t3.requests.length, bells: bells.length };
      const sent = [
        ...made.map(({ path, body }) => `${path} ${JSON.stringify(body) ?? ""}`),
        ...asked.map(({ path, body }) => `${path} ${body}`),
        ...rung,
      ];
      return [
        ...strayed.splice(0),
        ...made.flatMap(({ path, body }) => outsideAllowlist(names, path, body)),
        ...github.server.violations.splice(0),
        ...sent.flatMap((text) => leaks(text).map((canary) => `${canary} was sent: ${text.slice(0, 200)}`)),
      ];
    },
  };
  return world;
}

export function leaks(text: string): readonly string[] {
  return CANARIES.filter((canary) => text.includes(canary));
}

/** Promise S5: every repo that a request names. */
function outsideAllowlist(names: readonly string[], path: string, body: unknown): readonly string[] {
  const inPath = /^\/repos\/([^/]+\/[^/]+)/.exec(path)?.[1];
  const named = inPath === undefined ? [] : [decodeURIComponent(inPath)];
  const variables: Readonly<Record<string, unknown>> = Object(Object(body).variables);
  for (const [name, value] of Object.entries(variables))
    if (/^o\d+$/.test(name)) named.push(`${String(value)}/${String(variables[name.replace("o", "n")])}`);
  return named
    .filter((name) => !names.includes(name))
    .map((name) => `S5: a request names ${JSON.stringify(name)}`);
}

// Everything that moves a cursor, breaks a line, or reorders text.
const UNSAFE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u;
const HUMAN_LINE =
  /^(?:127\.0\.0\.1\/\S+ [a-z_]+ \([a-z_]+\): |(?:skipped|failed|unknown): |poll[: ]|watch[: ])/;

/** What is wrong with the output of one run of the command, whatever it was told. */
export function outputProblems({ code, stdout, stderr }: Ran, argv: readonly string[]): readonly string[] {
  const problems: string[] = [];
  if (![0, 2, 3, 4].includes(code)) problems.push(`the exit code is ${code}`);
  for (const [name, text] of [
    ["stdout", stdout],
    ["stderr", stderr],
  ] as const) {
    const lines = text.split("\n");
    if (lines.pop() !== "") problems.push(`${name} does not end with a line break`);
    if (UNSAFE.test(text))
      problems.push(`${name} holds an unsafe character: ${JSON.stringify(UNSAFE.exec(text))}`);
    const secrets = leaks(text);
    if (secrets.length > 0) problems.push(`${name} holds ${secrets.join(", ")}`);
    if (/afk has a bug|"kind":"bug"/.test(text))
      problems.push(`${name}: ${/.{0,80}afk has a bug.{0,200}/.exec(text)?.[0]}`);
    if (name === "stderr")
      problems.push(
        ...lines.filter((line) => !line.startsWith("afk: ")).map((line) => `a record on two lines: ${line}`),
      );
    else if (argv.includes("--json")) {
      if (lines.length !== 1) problems.push(`the document has ${lines.length} lines`);
      if (typeof JSON.parse(text) !== "object") problems.push("the document is no object");
    } else
      problems.push(
        ...lines.filter((line) => !HUMAN_LINE.test(line)).map((line) => `a report on two lines: ${line}`),
      );
  }
  if (Object.hasOwn(Object.prototype, "polluted")) problems.push("a prototype was polluted");
  return problems;
}

/** Runs and judges. */
export async function ranProblems(
  world: HostileWorld,
  ...argv: readonly string[]
): Promise<readonly string[]> {
  const ran = await world.run(...argv);
  return [...outputProblems(ran, argv), ...world.problems()];
}
