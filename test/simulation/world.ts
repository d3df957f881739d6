// The simulated world: GitHub, T3 and a doorbell as plain state behind one transport, and the hands of people and agents.
import { createHash } from "node:crypto";
import { githubWorld, type GithubWorld, TOKEN } from "../support/github/world.ts";
import { answerRest } from "../support/github/rest.ts";
import { findRepo, type Issue, type Repo, type State } from "../support/github/state.ts";
import { createT3, TOKEN as T3_TOKEN, type T3Double } from "../support/t3/server.ts";
import { type Exchange, jsonReply, type Reply } from "./exchange.ts";
import { executeFast } from "./fast-graphql.ts";

export const REPOS = ["acme/shop", "acme/tool"] as const;
/** A repo that afk may not even name. */
export const FORBIDDEN = "acme/vault";
export const READY = "ready-for-agent";
export const IN_PROGRESS = "agent-in-progress";
export const HUMAN = "ready-for-human";
export const STATE_KEY = "a-state-key-that-nobody-else-has";
export const BELL_SECRET = "bell-secret-canary";
export const SECRETS = [TOKEN, T3_TOKEN, STATE_KEY, BELL_SECRET] as const;

/** Budgets are short, so that histories are. */
export const SETTINGS: Readonly<Record<string, string>> = {
  AFK_KILL_SWITCH: "false",
  AFK_ALLOWLIST: REPOS.join(","),
  AFK_TRACKER: "github",
  AFK_GITHUB_TOKEN: TOKEN,
  AFK_EXECUTOR: "t3",
  AFK_T3_URL: "https://t3.example",
  AFK_T3_TOKEN: T3_TOKEN,
  AFK_CI: "github",
  AFK_NOTIFY: "webhook",
  AFK_WEBHOOK_URL: "https://bell.example/hook",
  AFK_WEBHOOK_SECRET: BELL_SECRET,
  AFK_STATE_KEY: STATE_KEY,
  AFK_FIX_FORWARD_MAX_ATTEMPTS: "2",
  AFK_FIX_FORWARD_MAX_SECONDS: "3000",
  AFK_RUN_MAX_SECONDS: "3600",
  AFK_STALL_SECONDS: "900",
  AFK_CI_MAX_SECONDS: "1200",
  AFK_HUMAN_WAIT_SECONDS: "1800",
};

export interface Bell {
  readonly kind: string;
  readonly repo: string;
  readonly issue: number;
  readonly dedupeKey: string;
}

export interface SimWorld {
  readonly github: GithubWorld;
  readonly state: State;
  t3: T3Double;
  readonly bells: Bell[];
  readonly settings: Record<string, string>;
  /** Command ids that T3 burnt without doing anything. */
  readonly refused: string[];
  /** Requests that one of the doubles does not know. */
  readonly violations: string[];
  answer(exchange: Exchange, at?: State): Reply;
  repo(name: string): Repo;
  issue(name: string, number: number): Issue | null;
  /** T3 loses its disk. */
  wipeT3(keepsName: boolean): void;
  /** Two worlds with the same fingerprint have the same future. */
  fingerprint(): string;
}

export function createWorld(settings: Readonly<Record<string, string>> = {}): SimWorld {
  const github = githubWorld({ repos: [...REPOS, FORBIDDEN] });
  const { state } = github;
  const bells: Bell[] = [];
  const refused: string[] = [];
  let generation = 0;
  const newT3 = (name: number): T3Double =>
    createT3({
      now: () => state.now,
      environmentId: `1d694bb5-a603-419c-9ba1-0ed00f9345${String(10 + name)}`,
    });

  const world: SimWorld = {
    github,
    state,
    t3: newT3(0),
    bells,
    settings: { ...SETTINGS, ...settings },
    refused,
    violations: github.server.violations,
    answer(exchange, at = state) {
      if (exchange.endpoint.startsWith("github.")) return answerGithub(exchange, at, world.violations);
      if (exchange.endpoint.startsWith("t3.")) return answerT3(world, exchange);
      bells.push(JSON.parse(exchange.text) as Bell);
      return { status: 200, body: "ok", contentType: "text/plain" };
    },
    repo(name) {
      // Also by a name that it had before.
      const [owner = "", short = ""] = name.split("/");
      const found = findRepo(state, owner, short);
      if (found === null) throw new Error(`There is no repo ${name}.`);
      return found;
    },
    issue: (name, number) => world.repo(name).issues.get(number) ?? null,
    wipeT3(keepsName) {
      if (!keepsName) generation += 1;
      world.t3 = newT3(generation);
    },
    fingerprint: () => fingerprintOf(world),
  };
  return world;
}

function answerGithub(exchange: Exchange, state: State, violations: string[]): Reply {
  const viewer = state.accounts.get(exchange.authorization.replace(/^Bearer /, ""));
  if (viewer === undefined) return jsonReply(401, { message: "Bad credentials" });
  const limits = { "x-ratelimit-remaining": "4990", "x-ratelimit-resource": "core" };
  const { body } = exchange;
  if (exchange.url.pathname === "/graphql")
    return jsonReply(200, executeFast(state, viewer, body as Parameters<typeof executeFast>[2]), limits);
  const { method, url } = exchange;
  const answer = answerRest(state, { method, url, body, viewer }, violations);
  return jsonReply(answer.status, answer.body, limits);
}

function answerT3({ t3, state, refused }: SimWorld, exchange: Exchange): Reply {
  // Every command takes a little of the server's time; reads take none, so that they do not change the world.
  if (exchange.isWrite) state.now += 1;
  const answer = t3.handle({
    method: exchange.method,
    path: exchange.url.pathname + exchange.url.search,
    headers: {
      authorization: exchange.authorization,
      ...(exchange.text === "" ? {} : { "content-type": "application/json" }),
    },
    body: exchange.text,
  });
  if (exchange.isWrite && answer.status !== 200)
    refused.push(String(/"commandId":"([^"]+)"/.exec(exchange.text)?.[1]));
  return answer;
}

/** The ids of all threads that T3 has, whatever became of them. */
export function threadIds({ t3 }: SimWorld): readonly string[] {
  return t3.store.threadRows().map(({ id }) => id);
}

function fingerprintOf(world: SimWorld): string {
  const { state, t3, bells, refused } = world;
  const seen = JSON.stringify(
    [
      state.now,
      state.repos,
      threadIds(world).map((id) => t3.store.row(id)),
      [...t3.store.agents.atWork],
      t3.store.agents.turns.length,
      t3.store.done.map((command) => command.commandId),
      refused,
      bells,
    ],
    (_key, value: unknown) => (value instanceof Map ? [...value] : value),
  );
  return createHash("sha1").update(seen).digest("base64");
}
