// Listing over many repos: how few requests it takes, and that what is wrong with one repo blinds only that one.
import { expect, it } from "vitest";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { failureOf } from "../../support/failure.ts";
import {
  aliasesIn,
  gatewayLimit,
  limited,
  onceFor,
  queries,
  reply,
  resourceLimit,
} from "../../support/github/server.ts";
import { githubWorld, SETTINGS, type WorldOptions } from "../../support/github/world.ts";

function world(options: WorldOptions = {}) {
  const made = githubWorld(options);
  return { ...made, tracker: githubTracker.create(SETTINGS, made.deps) };
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `acme/shop-${index}`);
}

function numbers(list: { readonly issues: readonly { readonly repo: string; readonly number: number }[] }) {
  return list.issues.map(({ repo, number }) => `${repo}#${number}`);
}

it.each([
  [1, 1],
  [50, 1],
  [51, 2],
  [120, 3],
])("a quiet tick over %i repos is %i requests and no more", async (count, requests) => {
  const { tracker, server } = world({ repos: names(count) });

  const list = await tracker.listIssues();

  expect(list).toEqual({ issues: [], gaps: [], renamed: [], limited: null });
  expect(server.made.map(({ method, path }) => `${method} ${path}`)).toEqual(
    Array.from({ length: requests }, () => "POST /graphql"),
  );
});

it("asks nobody when no repo is on this GitHub, and says so", async () => {
  const allowlist = ["local/shop", "git.example.com/acme/shop"];
  const { tracker, server } = world({ allowlist });

  const list = await tracker.listIssues();

  expect(list.gaps.map(({ on, kind }) => [on, kind])).toEqual(allowlist.map((repo) => [repo, "config"]));
  expect(server.made).toEqual([]);
});

it("names repos only in variables", async () => {
  const { tracker, server } = world();

  await tracker.listIssues();

  const [made] = server.made;
  expect(made?.body).toMatchObject({ variables: { o0: "acme", n0: "shop" } });
  expect(made?.body).toMatchObject({ query: expect.not.stringMatching(/acme|shop|ready-for-agent/) });
});

it("pages every list to its end, the pages of all lists together", async () => {
  const made = world();
  for (let index = 0; index < 230; index += 1)
    made.open({ title: `Ready ${index}`, labels: ["ready-for-agent", "ui"] });
  for (let index = 0; index < 120; index += 1)
    made.open({ title: `Busy ${index}`, labels: ["agent-in-progress"] });

  const list = await made.tracker.listIssues();

  expect(list.gaps).toEqual([]);
  expect(list.issues).toHaveLength(350);
  expect(list.issues[229]).toMatchObject({ number: 230, labels: ["ready-for-agent"] });
  expect(made.server.made).toHaveLength(3);
});

it("an issue in two lists is listed once, with the labels of both", async () => {
  const made = world();
  made.open({ title: "One", labels: ["Ready-For-Agent", "agent-in-progress"] });

  const list = await made.tracker.listIssues();

  expect(list.issues.map(({ labels }) => labels)).toEqual([["ready-for-agent", "agent-in-progress"]]);
});

it("a repo that is not there is a gap, and the others are listed", async () => {
  const made = world({ repos: ["acme/one", "acme/two"], allowlist: ["acme/one", "acme/gone", "acme/two"] });
  made.open({ title: "One", labels: ["ready-for-agent"] }, "acme/one");
  made.open({ title: "Two", labels: ["ready-for-agent"] }, "acme/two");
  made.repo("acme/two").error = {
    type: "FORBIDDEN",
    message: "Resource protected by organization SAML enforcement.",
  };

  const list = await made.tracker.listIssues();

  expect(numbers(list)).toEqual(["acme/one#1"]);
  expect(list.gaps).toEqual([
    { on: "acme/gone", kind: "config", message: expect.stringContaining("does not show acme/gone") },
    { on: "acme/two", kind: "config", message: expect.stringContaining("SAML enforcement") },
  ]);
});

it("a repo that GitHub calls by another name is listed and told as renamed", async () => {
  const made = world({ repos: ["acme/new"], allowlist: ["acme/old"] });
  made.repo("acme/new").formerNames.push("acme/old");
  made.open({ title: "One", labels: ["ready-for-agent"] });

  const list = await made.tracker.listIssues();

  expect(list.renamed).toEqual([{ repo: "acme/old", name: "acme/new" }]);
  expect(numbers(list)).toEqual(["acme/old#1"]);
});

it.each([
  ["archived", { archived: true }],
  ["switched off", { issuesEnabled: false }],
])("a repo that is %s is a gap that a person must mend", async (word, change) => {
  const made = world();
  Object.assign(made.repo(), change);

  const list = await made.tracker.listIssues();

  expect(list.gaps).toEqual([{ on: "acme/shop", kind: "config", message: expect.stringContaining(word) }]);
});

it.each([
  ["a resource limit", resourceLimit(12)],
  ["a bad gateway", gatewayLimit(12, 502)],
  ["a gateway that waits in vain", gatewayLimit(12, 504)],
])("asks in halves after %s and misses nothing", async (_what, fault) => {
  const made = world({ repos: names(50) });
  made.open({ title: "First", labels: ["ready-for-agent"] }, "acme/shop-0");
  made.open({ title: "Last", labels: ["ready-for-agent"] }, "acme/shop-49");
  made.server.faults.push(fault);

  const list = await made.tracker.listIssues();

  expect(numbers(list)).toEqual(["acme/shop-0#1", "acme/shop-49#1"]);
  expect(list.gaps).toEqual([]);
  expect(made.server.made.map(aliasesIn)).toEqual([50, 25, 13, 7, 6, 12, 25, 13, 7, 6, 12]);
});

it("a part that cannot be had at any size is a gap for its repos alone", async () => {
  const made = world({ repos: names(60) });
  made.server.faults.push((request) => (aliasesIn(request) === 10 ? reply(500, {}) : null));

  const list = await made.tracker.listIssues();

  expect(list.gaps).toHaveLength(10);
  expect(list.gaps[0]).toMatchObject({ on: "acme/shop-50", kind: "transport" });
});

it.each([
  ["a wrong token", () => reply(401, { message: "Bad credentials" }), "config", "AFK_GITHUB_TOKEN"],
  ["a used up hour", () => limited.graphql(1_795_000_000), "transport", "used up until 2026-11-18"],
  ["a secondary limit", () => limited.secondary(60), "transport", "asks to wait 60 s"],
  ["a secondary limit without a time", () => limited.secondary(null), "transport", "at least a minute"],
  ["a redirect", () => reply(301, {}, { location: "https://elsewhere.example/graphql" }), "config", "moved"],
  ["an answer of another kind", () => reply(200, { hello: "there" }), "contract", "refused a query"],
])("%s is a failure of the whole, with a sentence", async (_what, answer, kind, words) => {
  const made = world({ repos: names(3) });
  made.server.faults.push(() => answer());

  const failure = await failureOf(made.tracker.listIssues());

  expect(failure.kind).toBe(kind);
  expect(failure.message).toContain(words);
  expect(made.server.made).toHaveLength(1);
});

it("an answer about one repo in an unknown shape is a gap for it, without a word of the answer", async () => {
  const made = world({ repos: ["acme/one", "acme/two"] });
  made.open({ title: "Two", labels: ["ready-for-agent"] }, "acme/two");
  made.server.faults.push(async (_request, answer) => {
    const text = await (await answer()).text();
    return new Response(text.replace('"nameWithOwner":"acme/one"', '"nameWithOwner":{"odd":"canary"}'));
  });

  const list = await made.tracker.listIssues();

  expect(numbers(list)).toEqual(["acme/two#1"]);
  expect(list.gaps).toEqual([
    { on: "acme/one", kind: "contract", message: expect.not.stringContaining("canary") },
  ]);
});

it("asks no more of a GitHub that said no, in this tick", async () => {
  const made = world();
  made.server.faults.push(() => limited.secondary(60));

  await failureOf(made.tracker.listIssues());
  const again = await failureOf(made.tracker.listIssues());

  expect(again.message).toContain("asks to wait 60 s");
  expect(made.server.made).toHaveLength(1);
});

it("soon leaves a GitHub alone that answers nothing at all, at whatever size", async () => {
  const made = world({ repos: names(50) });
  made.server.faults.push(() => reply(502, {}));

  const failure = await failureOf(made.tracker.listIssues());

  expect(failure.kind).toBe("transport");
  expect(made.server.made.length).toBeLessThan(16);
});

it("waits out a limit that ends within seconds, once", async () => {
  const made = world();
  made.open({ title: "One", labels: ["ready-for-agent"] });
  made.server.faults.push(onceFor(queries, () => limited.secondary(3)));

  const list = await made.tracker.listIssues();

  expect(numbers(list)).toEqual(["acme/shop#1"]);
  expect(made.slept).toEqual([3000]);
});

it("does not wait for a limit that ends after the tick", async () => {
  const made = world({ policy: { tickMaxSeconds: 2 } });
  made.server.faults.push(onceFor(queries, () => limited.secondary(3)));

  const failure = await failureOf(made.tracker.listIssues());

  expect(failure.kind).toBe("transport");
  expect(made.slept).toEqual([]);
});

it("warns once when little of the hour is left, and goes on", async () => {
  const made = world({ repos: names(60) });
  made.server.remaining = 42;

  const list = await made.tracker.listIssues();

  expect(list.gaps).toEqual([]);
  expect(made.warnings).toEqual([expect.stringContaining("only 42 points")]);
  expect(list.limited).toContain("only 42 points");
});
