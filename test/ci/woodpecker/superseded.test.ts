// A pipeline that was cancelled: by a newer push, which may speak for our commit, or by hand.
import { expect, test } from "vitest";
import { NEWER, NEWEST, REPO, SHA } from "../../support/ci.ts";
import { workflow } from "../../support/woodpecker/server.ts";
import { openWorld } from "./support.ts";

const SUPERSEDED = { commit: SHA, status: "killed", cancel_info: { superseded_by: 2 } };

test.each([false, true])(
  "the first newer commit that passed counts, and both are named (old: %s)",
  async (old) => {
    const { server, ci } = await openWorld({ old });
    server.add(SUPERSEDED);
    server.add({ commit: NEWER, status: "success" });
    server.add({ commit: NEWEST, status: "failure" });

    expect(await ci.readVerdict(REPO, SHA)).toEqual({
      kind: "green",
      message: `Woodpecker pipeline #1 of ${SHA} was cancelled by a newer push, and #2 of the newer ${NEWER} passed`,
      url: `${server.url}/repos/42/pipeline/2`,
    });
    expect(server.requests).toHaveLength(2);
  },
);

test("a newer commit that failed is not our fault, and a later one no longer helps", async () => {
  const { server, ci } = await openWorld();
  server.add(SUPERSEDED);
  server.add({ commit: NEWER, status: "failure" });
  server.add({ commit: NEWEST, status: "success" });

  const verdict = await ci.readVerdict(REPO, SHA);

  expect(verdict).toMatchObject({
    kind: "pending",
    message: expect.stringContaining(`newer ${NEWER} failed`),
  });
});

test("it is pending while the newer ones have no verdict, or were cancelled themselves", async () => {
  for (const status of ["created", "pending", "running", "blocked", "killed", "canceled", "skipped", "new"]) {
    const { server, ci } = await openWorld();
    server.add({ ...SUPERSEDED, status: "canceled" });
    server.add({ commit: NEWER, status });

    const verdict = await ci.readVerdict(REPO, SHA);

    expect(verdict).toMatchObject({ kind: "pending", message: expect.stringContaining("no newer pipeline") });
  }
});

test("a cancelled newer pipeline is followed to the next one", async () => {
  const { server, ci } = await openWorld();
  server.add(SUPERSEDED);
  server.add({ commit: NEWER, status: "killed", cancel_info: { superseded_by: 3 } });
  server.add({ commit: NEWEST, status: "success" });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({
    kind: "green",
    message: expect.stringContaining(NEWEST),
  });
});

test("the newest pipeline of the newer commit counts, not its first", async () => {
  const { server, ci } = await openWorld();
  server.add(SUPERSEDED);
  server.add({ commit: NEWER, status: "failure" });
  server.add({ commit: NEWER, status: "success", parent: 2 });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "green" });
});

test("an older commit that was built again is not newer", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: NEWER, status: "failure" });
  server.add({ ...SUPERSEDED, cancel_info: { superseded_by: 3 } });
  server.add({ commit: NEWER, status: "success", parent: 1 });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "pending" });
});

test("a restart of a commit whose own pipeline is not listed any more is not newer", async () => {
  const { server, ci } = await openWorld();
  server.add(SUPERSEDED);
  server.add({ commit: NEWER, status: "success", parent: 7 });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "pending" });
});

test("cancelled by a person or by a step of its own is red, whatever is newer", async () => {
  for (const info of [{ canceled_by_user: "jane" }, { canceled_by_step: "lint" }]) {
    const { server, ci } = await openWorld();
    server.add({ commit: SHA, status: "killed", cancel_info: info });
    server.add({ commit: NEWER, status: "success" });

    const verdict = await ci.readVerdict(REPO, SHA);

    expect(verdict).toMatchObject({ kind: "red", failures: [{ name: "pipeline #1" }] });
    expect(JSON.stringify(verdict)).toMatch(/cancelled by jane|its step lint failed/);
  }
});

test("cancelled without anything newer is red, with the stopped steps", async () => {
  const { server, ci } = await openWorld();
  server.add({ commit: SHA, status: "killed", workflows: [workflow("build", "killed", { test: "killed" })] });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({
    kind: "red",
    failures: [{ name: "build / test", log: 'Its state is "killed".' }],
  });
});
