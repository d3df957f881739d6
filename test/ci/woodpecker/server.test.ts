// How Woodpecker is asked: names, tokens, refusals and answers of another shape, with no secret in any sentence.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { woodpeckerCi } from "../../../src/ci/woodpecker.ts";
import { Secret } from "../../../src/secret.ts";
import { complaintsOf, REPO, SHA, stageDeps } from "../../support/ci.ts";
import { everythingIn, failureOf } from "../../support/failure.ts";
import { temporaryDirectory } from "../../support/machine.ts";
import { openSink } from "../../support/sink.ts";
import { WOODPECKER_TOKEN } from "../../support/woodpecker/server.ts";
import { openWorld } from "./support.ts";

test("a repo of another tracker's host is found by its owner and name", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: SHA, status: "success" });

  expect(await ci.readVerdict("git.example.org/acme/api", SHA)).toMatchObject({ kind: "green" });
});

test("a repo that the forge spells with capitals is found", async () => {
  const { server, ci } = await openWorld({ fullName: "Acme/API" });
  server.add({ commit: SHA, status: "success" });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "green" });
});

test("a local repo is refused before any request", async () => {
  const { server, ci } = await openWorld();

  const failure = await failureOf(ci.readVerdict("local/shop", SHA));

  expect([failure.kind, failure.message]).toEqual([
    "config",
    "local/shop is a directory on this machine, which Woodpecker cannot build: leave woodpecker out of AFK_CI, or the repo out of AFK_ALLOWLIST.",
  ]);
  expect(server.requests).toEqual([]);
});

test("a repo that is not there or not active is a person's to mend", async () => {
  const missing = await openWorld();
  const inactive = await openWorld({ active: false });

  const failures = [
    await failureOf(missing.ci.readVerdict("acme/other", SHA)),
    await failureOf(inactive.ci.readVerdict(REPO, SHA)),
  ];

  expect(failures.map(({ kind }) => kind)).toEqual(["config", "config"]);
  expect(failures[0]?.message).toMatch(/does not know acme\/other.*activate the repo/);
  expect(failures[1]?.message).toMatch(/acme\/api is not active/);
});

test.each([
  [401, "config", /refused the token \(401\).*AFK_WOODPECKER_TOKEN/],
  [403, "config", /refused the token \(403\).*AFK_WOODPECKER_TOKEN/],
  [302, "config", /sent us elsewhere/],
  [429, "transport", /limits our requests/],
  [500, "transport", /could not answer \(500\)/],
  [418, "contract", /418/],
  [200, "contract", /answered in a shape that afk does not know \(id/],
] as const)("an answer %i is %s, in a sentence without secrets", async (status, kind, sentence) => {
  const { server, ci } = await openWorld();
  server.fault = () => ({ status, body: JSON.stringify({ message: WOODPECKER_TOKEN }) });

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect(failure.kind).toBe(kind);
  expect(failure.message).toMatch(sentence);
  expect(everythingIn(failure)).not.toContain(WOODPECKER_TOKEN);
});

test("a web page instead of an answer says which variable to check", async () => {
  const { server, ci } = await openWorld();
  server.fault = () => ({ status: 200, body: "<!doctype html><title>Woodpecker</title>" });

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect([failure.kind, failure.message]).toEqual([
    "contract",
    "Woodpecker answered a web page that is not JSON: check that its URL is that of the API.",
  ]);
});

test("a server that is not there is asked again by a later tick", async () => {
  const closed = await openSink();
  await closed.close();
  const settings = {
    AFK_WOODPECKER_URL: closed.origin,
    AFK_WOODPECKER_TOKEN: new Secret(() => WOODPECKER_TOKEN),
  };

  const failure = await failureOf(woodpeckerCi.create(settings, stageDeps()).readVerdict(REPO, SHA));

  expect([failure.kind, failure.message]).toEqual([
    "transport",
    "Woodpecker could not be reached (ECONNREFUSED): a later tick tries again.",
  ]);
  expect(everythingIn(failure)).not.toContain(WOODPECKER_TOKEN);
});

test("a pipeline of another shape is unknown and never a verdict", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: SHA, status: "running" });
  server.fault = (path) =>
    path.endsWith("/pipelines/1") ? { status: 200, body: '{"number":1,"state":"success"}' } : null;

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect(failure.kind).toBe("contract");
});

test("a token that was replaced in its file is used at the next request", async () => {
  const { server } = await openWorld();
  server.add({ commit: SHA, status: "success" });
  const file = join(temporaryDirectory(), "token");
  writeFileSync(file, "first");
  const settings = {
    AFK_WOODPECKER_URL: server.url,
    AFK_WOODPECKER_TOKEN: new Secret(() => readFileSync(file, "utf8")),
  };
  const ci = woodpeckerCi.create(settings, stageDeps());
  server.tokens.clear();
  server.tokens.add("first").add("second");
  await ci.readVerdict(REPO, SHA);
  server.tokens.delete("first");

  writeFileSync(file, "second");

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "green" });
});

test("the preflight says who the token is, and names repos that cannot be read", async () => {
  const good = await openWorld();
  const bad = await openWorld({}, { repos: [REPO, "acme/other", "local/shop"] });

  expect(await good.check()).toEqual([
    { on: "woodpecker", result: "ok", message: "Woodpecker knows the token as afk-bot." },
  ]);
  expect((await bad.check()).map(({ on, result }) => [on, result])).toEqual([
    ["woodpecker", "ok"],
    ["acme/other", "config"],
    ["local/shop", "config"],
  ]);
});

test("the preflight of a refused token is one sentence with a remedy", async () => {
  const { server, check } = await openWorld();
  server.tokens.clear();

  const failure = await failureOf(check());

  expect([failure.kind, failure.message]).toEqual([
    "config",
    "Woodpecker refused the token (401): put a personal token of a user who may read the repos into AFK_WOODPECKER_TOKEN.",
  ]);
  expect(server.requests).toEqual(["GET /api/user"]);
});

test("a token is only sent where nobody can read it on the way", () => {
  expect(complaintsOf(woodpeckerCi, "AFK_WOODPECKER_URL", "http://ci.example.org")).toContain("https://");
  expect(complaintsOf(woodpeckerCi, "AFK_WOODPECKER_URL", undefined)).toContain("http");
  expect(complaintsOf(woodpeckerCi, "AFK_WOODPECKER_URL", "https://ci.example.org/woodpecker/")).toBe("");
  expect(complaintsOf(woodpeckerCi, "AFK_WOODPECKER_TOKEN", undefined)).toContain("secret");
});
