// Writing by REST: one change each, settled by a read where GitHub's answer says too little, and never made twice blindly.
import { expect, it, onTestFinished } from "vitest";
import type { TrackerChange } from "../../../src/core/issue.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { everythingIn, failureOf } from "../../support/failure.ts";
import { limited, onceFor, reply, restCalls } from "../../support/github/server.ts";
import { githubWorld, REPO, SETTINGS, TOKEN, type WorldOptions } from "../../support/github/world.ts";

function world(options: WorldOptions = {}) {
  const made = githubWorld(options);
  const tracker = githubTracker.create(SETTINGS, made.deps);
  const number = made.open({ title: "One", labels: ["bug"] });
  onTestFinished(() => expect(made.server.violations).toEqual([]));
  return { ...made, tracker, number, ref: { repo: REPO, number } };
}

function calls(made: ReturnType<typeof world>): readonly string[] {
  return made.server.made.map(({ method, path }) => `${method} ${path}`);
}

it("changes one label at a time, its name encoded", async () => {
  const made = world();
  made.label(made.number, "priority:1/über");

  await made.tracker.write({ kind: "remove_label", ref: made.ref, label: "priority:1/über" });
  await made.tracker.write({ kind: "add_label", ref: made.ref, label: "a label" });

  expect(made.issue(made.number).labels).toEqual(["bug", "a label"]);
  expect(calls(made)).toEqual([
    "DELETE /repos/acme/shop/issues/1/labels/priority%3A1%2F%C3%BCber",
    "POST /repos/acme/shop/issues/1/labels",
  ]);
});

it("looks before it believes that a label was not there", async () => {
  const made = world();
  made.server.faults.push(
    onceFor(
      ({ method }) => method === "DELETE",
      () => reply(404, { message: "Not Found" }),
    ),
  );

  const failure = await failureOf(made.tracker.write({ kind: "remove_label", ref: made.ref, label: "bug" }));

  expect(failure.kind).toBe("transport");
  expect(made.issue(made.number).labels).toEqual(["bug"]);
});

it("closes as completed", async () => {
  const made = world();

  await made.tracker.write({ kind: "close", ref: made.ref });

  expect(made.server.made.at(-1)?.body).toEqual({ state: "closed", state_reason: "completed" });
  expect(made.issue(made.number).open).toBe(false);
});

type Change = (made: ReturnType<typeof world>) => TrackerChange;
const CHANGES: readonly (readonly [string, Change])[] = [
  ["adding a label", ({ ref }) => ({ kind: "add_label", ref, label: "bug" })],
  ["removing a label", ({ ref }) => ({ kind: "remove_label", ref, label: "bug" })],
  ["making a card", ({ ref }) => ({ kind: "write_card", ref, commentId: null, text: "text" })],
  ["changing a card", ({ ref }) => ({ kind: "write_card", ref, commentId: "123", text: "text" })],
  ["removing a card", ({ ref }) => ({ kind: "remove_card", ref, commentId: "123" })],
  ["closing", ({ ref }) => ({ kind: "close", ref })],
  ["opening again", ({ ref }) => ({ kind: "reopen", ref })],
];

it.each(CHANGES)("%s is not sent after a repo that has moved", async (_what, change) => {
  const made = world();
  made.repo().formerNames.push(REPO);
  made.repo().name = "new";

  const failure = await failureOf(made.tracker.write(change(made)));

  expect(failure.kind).toBe("config");
  expect(failure.message).toContain("AFK_ALLOWLIST");
  expect(made.server.made).toHaveLength(1);
});

it.each(CHANGES)("%s is not tried again when nobody knows whether it was done", async (_what, change) => {
  const made = world();
  made.server.faults.push(() => reply(502, {}));

  const failure = await failureOf(made.tracker.write(change(made)));

  expect(failure.kind).toBe("transport");
  expect(made.server.made).toHaveLength(1);
});

it.each(CHANGES)("%s that the token may not do asks for a person", async (_what, change) => {
  const made = world();
  made.server.faults.push(() => reply(403, { message: "Resource not accessible by personal access token" }));

  const failure = await failureOf(made.tracker.write(change(made)));

  expect(failure.kind).toBe("config");
  expect(failure.message).toContain("write access to issues");
});

it.each(CHANGES)("%s shows the token nowhere when it fails", async (_what, change) => {
  for (const status of [401, 403, 418, 500]) {
    const made = world();
    made.server.faults.push(() => reply(status, { message: TOKEN }));

    const failure = await failureOf(made.tracker.write(change(made)));

    expect(everythingIn(failure)).not.toContain(TOKEN);
  }
});

it("makes a limited write again after a short wait: it was not carried out", async () => {
  const made = world();
  made.server.faults.push(onceFor(restCalls, () => limited.secondary(2)));

  await made.tracker.write({ kind: "write_card", ref: made.ref, commentId: null, text: "text" });

  expect(made.issue(made.number).comments.map(({ body }) => body)).toEqual(["text"]);
  expect(made.slept).toEqual([2000]);
});

it("does not edit a card after a wait: another tick may have written it meanwhile", async () => {
  const made = world();
  const commentId = await made.tracker.write({
    kind: "write_card",
    ref: made.ref,
    commentId: null,
    text: "old",
  });
  made.server.faults.push(onceFor(restCalls, () => limited.secondary(2)));

  const failure = await failureOf(
    made.tracker.write({ kind: "write_card", ref: made.ref, commentId, text: "new" }),
  );

  expect(failure).toMatchObject({ kind: "transport" });
  expect(made.issue(made.number).comments.map(({ body }) => body)).toEqual(["old"]);
  expect(made.slept).toEqual([]);
});

it("names the end of a limit that lasts", async () => {
  const made = world();
  made.server.faults.push(() => limited.primary(1_795_000_000));

  const failure = await failureOf(made.tracker.write({ kind: "close", ref: made.ref }));

  expect(failure).toMatchObject({ kind: "transport", message: expect.stringContaining("2026-11-18T") });
  expect(made.slept).toEqual([]);
});

it("says when a card was deleted meanwhile, and takes a second deletion as done", async () => {
  const made = world();

  const failure = await failureOf(
    made.tracker.write({ kind: "write_card", ref: made.ref, commentId: "123", text: "text" }),
  );
  await made.tracker.write({ kind: "remove_card", ref: made.ref, commentId: "123" });

  expect(failure).toMatchObject({ kind: "transport", message: expect.stringContaining("acme/shop#1") });
});

it("never takes a comment id that is none for a path", async () => {
  const made = world();
  const change = { kind: "remove_card", ref: made.ref, commentId: "../../issues/1" } as const;

  expect((await failureOf(made.tracker.write(change))).kind).toBe("contract");
  expect(made.server.made).toEqual([]);
});

it("sends nothing about a repo that is not in the allowlist", async () => {
  const made = world({ repos: [REPO, "acme/other"], allowlist: [REPO] });

  const failure = await failureOf(
    made.tracker.write({ kind: "close", ref: { repo: "acme/other", number: 1 } }),
  );

  expect(failure.kind).toBe("config");
  expect(made.server.made).toEqual([]);
});
