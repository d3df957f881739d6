// What each word of Woodpecker means for a commit, and what the answer costs.
import { describe, expect, test } from "vitest";
import { NEWER, REPO, SHA } from "../../support/ci.ts";
import { STATUS_WORDS, workflow } from "../../support/woodpecker/server.ts";
import { openWorld } from "./support.ts";

const MEANING: Readonly<Record<(typeof STATUS_WORDS)[number], string>> = {
  created: "pending",
  pending: "pending",
  running: "pending",
  blocked: "held",
  success: "green",
  failure: "red",
  error: "red",
  killed: "red",
  canceled: "red",
  skipped: "none",
  declined: "red",
};

test.each(STATUS_WORDS)("a pipeline that is %s has one meaning, on old servers too", async (status) => {
  for (const old of [false, true]) {
    const { server, ci } = await openWorld({ old });
    server.add({ commit: SHA, status, workflows: [workflow("build", status)] });

    const verdict = await ci.readVerdict(REPO, SHA);

    expect(verdict.kind).toBe(MEANING[status]);
  }
});

test("a word that does not exist yet is pending, and is named", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: SHA, status: "hibernating", workflows: [workflow("build", "dreaming")] });

  expect(await ci.readVerdict(REPO, SHA)).toEqual({
    kind: "pending",
    message:
      'Woodpecker pipeline #1 of 3f786850e387 is "hibernating", a word that afk does not know (build: dreaming).',
  });
});

test("a pipeline that runs on is red as soon as one of its workflows has failed", async () => {
  for (const status of ["running", "pending", "created", "hibernating"]) {
    const { server, ci } = await openWorld();
    const workflows = [workflow("build", "running"), workflow("lint", "failure")];
    server.add({ commit: SHA, status, workflows });

    const verdict = await ci.readVerdict(REPO, SHA);

    expect(verdict).toMatchObject({ kind: "red", failures: [{ name: "lint" }] });
  }
});

test("a failed step of a running workflow is no verdict, for its failure may be ignored", async () => {
  const { server, ci } = await openWorld();
  server.add({
    commit: SHA,
    status: "running",
    workflows: [workflow("build", "running", { flaky: "failure" })],
  });

  expect(await ci.readVerdict(REPO, SHA)).toEqual({
    kind: "pending",
    message: 'Woodpecker pipeline #1 of 3f786850e387 is "running" (build: running).',
  });
});

test("a pipeline that waits for approval is held, with a link", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: SHA, status: "blocked" });

  expect(await ci.readVerdict(REPO, SHA)).toEqual({
    kind: "held",
    message: "Woodpecker pipeline #1 of 3f786850e387 waits until a person approves it.",
    url: `${server.url}/repos/42/pipeline/1`,
  });
});

test("a commit without a pipeline, or with one that skipped everything, has no CI", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: NEWER, status: "success" });

  expect(await ci.readVerdict(REPO, SHA)).toEqual({ kind: "none", canRequest: false });

  server.add({ commit: SHA, status: "skipped" });
  expect(await ci.readVerdict(REPO, SHA)).toEqual({ kind: "none", canRequest: false });
});

test.each([{ event: "cron" }, { event: "manual" }, { event: "deployment" }, { branch: "topic" }])(
  "a green pipeline of another kind (%o) proves nothing",
  async (other) => {
    for (const old of [false, true]) {
      const { server, ci } = await openWorld({ old });
      server.add({ commit: SHA, status: "success", ...other });

      expect(await ci.readVerdict(REPO, SHA)).toEqual({ kind: "none", canRequest: false });
    }
  },
);

test("the latest of several pipelines of a commit counts", async () => {
  const { server, ci } = await openWorld();
  const first = server.add({ commit: SHA, status: "failure" });
  server.add({ commit: SHA, status: "success", parent: first.number });
  server.pipelines.reverse();

  expect(await ci.readVerdict(REPO, SHA)).toEqual({
    kind: "green",
    message: "Woodpecker pipeline #2 of 3f786850e387 passed",
    url: `${server.url}/repos/42/pipeline/2`,
  });
});

describe("requests", () => {
  test.each([
    ["green", "success", 2],
    ["held", "blocked", 2],
    ["pending", "running", 3],
    ["red", "failure", 4],
  ] as const)("a %s commit costs no more than it must", async (_, status, cost) => {
    const { server, ci } = await openWorld();
    server.add({
      commit: SHA,
      status,
      workflows: [workflow("build", status, { test: status, lint: status })],
    });

    await ci.readVerdict(REPO, SHA);

    expect(server.requests).toEqual(
      [
        "GET /api/repos/lookup/acme/api",
        "GET /api/repos/42/pipelines?event=push&branch=main&page=1&perPage=50",
        "GET /api/repos/42/pipelines/1",
        "GET /api/repos/42/logs/1/900",
      ].slice(0, cost),
    );
  });

  test("a repo is looked up once in a tick", async () => {
    const { server, ci } = await openWorld();
    server.add({ commit: SHA, status: "success" });
    server.add({ commit: NEWER, status: "success" });

    await Promise.all([ci.readVerdict(REPO, SHA), ci.readVerdict(REPO, NEWER)]);

    expect(server.requests.filter((path) => path.includes("lookup"))).toHaveLength(1);
  });

  test("an older commit is looked for on a bounded number of pages, and being older is not having no CI", async () => {
    const { server, ci } = await openWorld();
    server.add({ commit: SHA, status: "success" });
    for (let count = 0; count < 120; count += 1) server.add({ commit: NEWER, status: "success" });

    expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "green" });
    expect(server.requests).toHaveLength(4);

    for (let count = 0; count < 100; count += 1) server.add({ commit: NEWER, status: "success" });
    expect(await ci.readVerdict(REPO, SHA)).toEqual({
      kind: "pending",
      message: "None of the newest 200 Woodpecker pipelines is of 3f786850e387.",
    });
    expect(server.requests).toHaveLength(8);
  });
});
