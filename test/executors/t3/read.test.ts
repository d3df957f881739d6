// What afk makes of a T3 server's lists: links, repos, other versions' answers, and words that nobody knows.
import { describe, expect, test } from "vitest";
import type { ThreadRow } from "../../support/t3/rows.ts";
import { failureOf } from "../../support/failure.ts";
import {
  begin,
  executorOf,
  newThread,
  newTurn,
  openT3,
  PROJECT,
  readThread,
  SECOND,
  THREAD,
  type T3World,
} from "./support.ts";

test("a thread links to its page in the web app, by the server's own id", async () => {
  const world = openT3({ environmentId: "env-1" });
  await begin(world);

  const list = await world.executor.listThreads("live");

  expect(await list.identify()).toBe("t3:env-1");
  expect(list.threads).toMatchObject([{ id: THREAD, url: `https://t3.example.com/env-1/${THREAD}` }]);
});

test("a quiet list costs one request, and the server's name is asked for once, when a link needs it", async () => {
  const world = openT3();
  await world.executor.listThreads("live");
  const quiet = world.t3.requests.map(({ path }) => path);

  await begin(world);
  const before = world.t3.requests.length;
  await world.executor.listThreads("live");
  await (await world.executor.listThreads("live")).identify();

  expect(quiet).toEqual(["/api/orchestration/shell"]);
  expect(world.t3.requests.slice(before).map(({ path }) => path)).toEqual([
    "/api/orchestration/shell",
    "/.well-known/t3/environment",
    "/api/orchestration/shell",
  ]);
});

test.each([
  ["/data/acme__shop/", "acme/shop"],
  ["/elsewhere/Ada__Blog", "ada/blog"],
  ["/data/forge.example__acme__shop", null],
  ["/home/ada/notes", null],
  ["/", null],
])("a thread in the project of %s is for the repo %s", async (workspaceRoot, repo) => {
  const { t3, executor } = openT3();
  const common = { commandId: "p", projectId: PROJECT, title: "P", createdAt: "now" };
  t3.store.dispatch({ type: "project.create", workspaceRoot, ...common });
  t3.store.dispatch({
    type: "thread.create",
    commandId: "t",
    threadId: THREAD,
    projectId: PROJECT,
    title: "T",
    modelSelection: { instanceId: "claudeAgent", model: "m" },
    runtimeMode: "full-access",
    interactionMode: "default",
    branch: null,
    worktreePath: null,
    createdAt: "now",
  });

  expect((await executor.listThreads("live")).threads).toMatchObject([{ repo }]);
});

test("a repo of another host is known by its configured directory", async () => {
  const { deps } = openT3();
  const repo = "forge.example/acme/shop";
  const executor = executorOf({ ...deps, repos: [repo], workspaceOf: () => "/data/acme__shop" });

  await executor.create({ ...newThread(), repo });

  expect((await executor.listThreads("live")).threads).toMatchObject([{ repo }]);
});

describe("a server without the shell", () => {
  const old = { lacks: ["/api/orchestration/shell", "/api/orchestration/threads"], snapshotHasBodies: true };

  test.each([false, true])("is read by its snapshot (web app installed: %s)", async (hasWebApp) => {
    const world = openT3({ ...old, hasWebApp });
    await begin(world);
    const running = await readThread(world);
    world.t3.store.agents.finish(THREAD, "API Error: 529 overloaded");

    expect(running).toMatchObject({ state: { kind: "running" }, messages: [{ text: "Do it." }] });
    expect((await world.executor.listThreads("live")).threads).toMatchObject([
      { id: THREAD, state: { kind: "error", cause: "overloaded", mayPass: true } },
    ]);
  });

  test("has no thread that was archived", async () => {
    const world = openT3(old);
    await begin(world);
    world.t3.store.agents.finish(THREAD);
    await world.executor.end(THREAD, "archive");

    expect(await world.executor.readThread(THREAD)).toBeNull();
    expect((await world.executor.listThreads("live")).threads).toEqual([]);
    expect((await world.executor.listThreads("all")).threads).toMatchObject([{ ending: "archived" }]);
  });
});

test.each([
  ["/api/orchestration/snapshot", "lacks the snapshot of all threads"],
  ["/api/orchestration/dispatch", "lacks commands"],
])("a server without %s is refused in one sentence", async (path, words) => {
  const { executor } = openT3({ lacks: [path], serverVersion: "0.9.0" });

  const failure = await failureOf(executor.create(newThread()));

  expect(failure.kind).toBe("config");
  expect(failure.message).toContain("runs version 0.9.0");
  expect(failure.message).toContain(words);
});

test("an answer that is far too long is refused", async () => {
  const { deps } = openT3();
  const failure = await failureOf(executorOf({ ...deps, fetch: answerEndlessly }).readThread(THREAD));

  expect([failure.kind, failure.message]).toEqual([
    "contract",
    "T3 (AFK_T3_URL) gave an answer longer than 33554432 bytes.",
  ]);
});

describe("a state", () => {
  test.each([
    ["a session word", (row: ThreadRow) => row.session && (row.session.status = "dreaming")],
    ["a turn word", (row: ThreadRow) => row.latestTurn && (row.latestTurn.state = "paused")],
  ])("of %s that nobody knows is unknown", async (_what, change) => {
    const world = await finished();
    change(world.t3.store.row(THREAD));

    const state = (await readThread(world)).state;

    expect(state).toMatchObject({ kind: "unknown", message: expect.stringMatching(/'(dreaming|paused)'/) });
    expect((await failureOf(world.executor.send(newTurn(SECOND)))).kind).toBe("contract");
  });

  test("of a thread in another shape is unknown, and the others are still seen", async () => {
    const world = await finished();
    await world.executor.create(newThread("c4d5e6f7-0819-5a2b-8c3d-4e5f60718293"));
    Object.assign(world.t3.store.row(THREAD), { createdAt: "yesterday" });

    const { threads } = await world.executor.listThreads("live");

    expect(threads).toMatchObject([
      { id: THREAD, state: { kind: "unknown" }, hasMessage: true },
      { state: { kind: "idle" }, hasMessage: false },
    ]);
  });

  test.each([
    ["API Error: 401 invalid key", "auth", false],
    ["API Error: 403 forbidden", "auth", false],
    ["API Error: 429 slow down", "rate_limit", true],
    ["API Error: 500 oops", "overloaded", true],
    ["API Error (529 overloaded)", "overloaded", true],
    ["API Error: 400 bad", "other", false],
    ["API Error: Connection error.", "other", false],
  ])("after the last words '%s' is the error %s", async (words, cause, mayPass) => {
    const world = await finished(words);

    expect((await readThread(world)).state).toEqual({ kind: "error", cause, mayPass, message: words });
  });

  test("is idle again when the next turn ends well, even without a word", async () => {
    const world = await finished("API Error: 500 oops");
    await world.executor.send(newTurn(SECOND));
    world.t3.store.agents.finish(THREAD);
    world.t3.store.row(THREAD).messages.pop();

    expect((await readThread(world)).state.kind).toBe("idle");
  });

  test("of a session that a newer server gave up at its restart may pass", async () => {
    const world = await finished();
    const lastError = "Provider session did not survive a server restart. Send a new message to continue.";
    Object.assign(world.t3.store.row(THREAD).session ?? {}, { status: "error", lastError });

    expect((await readThread(world)).state).toMatchObject({ kind: "error", cause: "killed", mayPass: true });
  });

  test("of a turn that an older server calls errored is an error", async () => {
    const world = await finished();
    Object.assign(world.t3.store.row(THREAD).latestTurn ?? {}, { state: "errored" });

    expect((await readThread(world)).state).toMatchObject({ kind: "error", cause: "killed" });
  });

  test("holds since the turn ended, and the newest event is the last activity", async () => {
    const world = await finished();
    const { latestTurn, session } = world.t3.store.row(THREAD);

    const thread = await readThread(world);

    expect(thread.since).toBe(Date.parse(latestTurn?.completedAt ?? ""));
    expect(thread.lastActivityAt).toBe(Date.parse(session?.updatedAt ?? ""));
    expect(thread.costUsd).toBeNull();
  });
});

function answerEndlessly(input: Parameters<typeof fetch>[0]): Promise<Response> {
  const isEnvironment = new Request(input).url.endsWith("/environment");
  const environment = JSON.stringify({ environmentId: "e", serverVersion: "0.0.31" });
  const body = isEnvironment ? environment : "x".repeat(33 * 1024 * 1024);
  return Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } }));
}

async function finished(words?: string): Promise<T3World> {
  const world = openT3();
  await begin(world);
  world.t3.store.agents.finish(THREAD, words);
  return world;
}
