// The preflight of the T3 executor says in one sentence what is wrong and what to do, and changes nothing.
import { expect, test } from "vitest";
import { AfkError } from "../../../src/errors.ts";
import { t3Executor } from "../../../src/executors/t3/adapter.ts";
import { Secret } from "../../../src/secret.ts";
import { check, executorOf, openT3, type T3World } from "./support.ts";

const READ_ONLY = { AFK_T3_TOKEN: new Secret(() => "read-only") };

test("a server that afk can use has nothing to complain about", async () => {
  const { t3, deps } = openT3();

  const findings = await check(deps);

  expect(findings.map(({ result }) => result)).toEqual(["ok", "ok", "ok"]);
  expect(t3.requests.every(({ method }) => method === "GET")).toBe(true);
});

test("a token that is not valid is told with how to get one", async () => {
  const { deps } = openT3();

  expect(await problems(deps, { AFK_T3_TOKEN: new Secret(() => "old") })).toEqual([
    [
      "config",
      "AFK_T3_TOKEN is not valid any more: mint one with `t3 auth session issue --token-only` on T3's machine.",
    ],
  ]);
});

test("a token that may only read is told which scope it lacks", async () => {
  const world = openT3();
  world.t3.tokens.set("read-only", ["orchestration:read"]);

  expect(await problems(world.deps, READ_ONLY)).toEqual([
    ["config", expect.stringContaining("lacks the scope orchestration:operate")],
  ]);
});

test("a token that lacks a scope is told so by the command that needed it, too", async () => {
  const world = openT3();
  world.t3.tokens.set("read-only", ["orchestration:read"]);
  const executor = executorOf(world.deps, READ_ONLY);

  const creating = executor.create({ threadId: "t", projectId: "p", repo: "acme/shop", title: "T" });

  await expect(creating).rejects.toThrow("AFK_T3_TOKEN lacks the scope orchestration:operate");
});

test("a server that does not answer may answer later", async () => {
  const world = openT3();
  world.t3.fault = () => "before";

  expect(await problems(world.deps)).toEqual([
    ["transport", expect.stringContaining("could not be reached")],
  ]);
});

test.each([
  ["0.0.24", "config", "too old"],
  ["0.0.27", "warning", "whole history"],
])("version %s is a %s", async (serverVersion, result, words) => {
  const found = await problems(openT3({ serverVersion }).deps);

  expect(found[0]).toEqual([result, expect.stringContaining(words)]);
});

test.each([
  ["/api/orchestration", "lacks the snapshot of all threads"],
  ["/.well-known", "is not the address of a T3 Code server"],
])("a server without %s is refused", async (path, words) => {
  const found = await problems(openT3({ lacks: [path], hasWebApp: true }).deps);

  expect(found).toEqual([["config", expect.stringContaining(words)]]);
});

test("a server that cannot settle threads is a warning", async () => {
  const found = await problems(openT3({ capabilities: {} }).deps);

  expect(found).toEqual([["warning", expect.stringContaining("cannot settle threads")]]);
});

test("a token that ends soon is a warning", async () => {
  const world = openT3();
  world.clock.move(60 * 24 * 60 * 60 * 1000 - 60_000);

  expect(await problems(world.deps)).toEqual([["warning", expect.stringContaining("ends at 2027-01-20")]]);
});

test("plain http to another machine needs a person's word", async () => {
  const { deps } = openT3();
  const url = { AFK_T3_URL: "http://t3.default.svc:3773" };

  expect(() => executorOf(deps, url)).toThrow(AfkError);
  expect(() => executorOf(deps, url)).toThrow("AFK_T3_ALLOW_HTTP=true");
  const allowed = executorOf(deps, { ...url, AFK_T3_ALLOW_HTTP: true });
  expect((await allowed.listThreads("live")).threads).toEqual([]);
});

test("the token is a secret, and only the address and the token must be set", () => {
  const required = Object.entries(t3Executor.variables)
    .filter(([, { parse }]) => !parse.safeParse(undefined).success)
    .map(([name]) => name);

  expect(required).toEqual(["AFK_T3_URL", "AFK_T3_TOKEN"]);
});

async function problems(deps: T3World["deps"], settings: Record<string, unknown> = {}) {
  const findings = await check(deps, settings);
  return findings.filter(({ result }) => result !== "ok").map(({ result, message }) => [result, message]);
}
