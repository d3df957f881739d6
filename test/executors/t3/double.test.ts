// The T3 double answers as the real server was recorded to answer: the same commands give the same statuses and bodies.
import { expect, test } from "vitest";
import { ask, command, newThread, openRecorded, recorded, replayed } from "../../support/t3/compare.ts";

/** One server's life, in the order in which it was recorded. */
const FIRST_LIFE = [
  "env-descriptor",
  "auth-01-missing-token",
  "auth-05-session-state-valid",
  "auth-06-session-state-missing",
  "shell-00-empty",
  "snapshot-00-empty",
  "dispatch-01-project-create",
  "idem-01-project-create-same-commandId-same-body",
  "idem-02-project-create-same-commandId-different-body",
  "idem-03-project-create-same-projectId-new-commandId",
  "idem-04-project-create-same-workspaceRoot-new-projectId",
  "idem-05-project-create-same-workspaceRoot-trailing-slash",
  "err-01-project-create-missing-root",
  "err-02-project-create-root-is-a-file",
  "idem-06-after-400-same-commandId-accepted",
  "dispatch-02-thread-create",
  "idem-07-thread-create-same-commandId-same-body",
  "idem-08-thread-create-same-commandId-different-body",
  "idem-09-thread-create-same-threadId-new-commandId",
  "idem-10-rejected-commandId-resent",
  "idem-11-rejected-commandId-resent-with-corrected-body",
  "err-03-thread-create-unknown-project",
  "err-04-turn-start-unknown-thread",
  "err-05-thread-turn-interrupt-unknown-thread",
  "err-06-thread-session-stop-unknown-thread",
  "err-07-thread-archive-unknown-thread",
  "err-08-thread-delete-unknown-thread",
  "err-09-thread-user-input-respond-unknown-thread",
  "err-10-thread-approval-respond-unknown-thread",
  "err-11-unknown-type",
  "err-12-missing-fields",
  "err-13-bad-enum",
  "err-14-blank-commandId",
  "err-15-invalid-json",
  "err-16-empty-body",
  "err-17-wrong-content-type",
  "err-18-createdAt-missing",
  "err-19-wrong-method",
  "err-20-unknown-route",
  "err-21-thread-snapshot-unknown",
  "dispatch-03-extra-field-ignored",
  "dispatch-04-createdAt-not-checked",
  "dispatch-05-unknown-provider-instance-accepted",
  "dispatch-06-worktreePath-not-checked",
  "dispatch-07-thread-archive",
  "idem-12-archive-twice-new-commandId",
  "dispatch-08-thread-unarchive",
  "dispatch-09-thread-delete",
  "idem-13-delete-twice-new-commandId",
  "idem-14-thread-create-after-delete-same-threadId",
  "err-22-turn-start-on-deleted-thread",
  "err-23-thread-snapshot-deleted",
  "dispatch-10-interrupt-idle-thread",
  "dispatch-11-session-stop-idle-thread",
  "shell-01-before-any-turn",
  "snapshot-01-before-any-turn",
  "thread-01-before-any-turn",
  "turn-01-start",
  "idem-15-turn-start-resent-while-running",
  "turn-03-shell-running",
  "turn-03-snapshot-running",
  "turn-03-thread-running",
  "dispatch-12-project-meta-update-scripts",
] as const;

const SECOND_LIFE = [
  "err-25-project-delete-with-threads",
  "dispatch-13-project-delete-force",
  "idem-23-project-create-root-of-a-deleted-project",
  "idem-24-project-create-deleted-projectId",
  "err-26-thread-create-in-deleted-project",
] as const;

test("a server's life from its first command to its first turn", () => {
  const t3 = openRecorded();
  t3.tokens.set("read-only", ["orchestration:read"]);

  for (const name of FIRST_LIFE) expect(replayed(t3, name), name).toEqual(recorded(name));
});

test("a known command id gives the old sequence, whatever comes with it", () => {
  const t3 = openRecorded();
  const sequenceOf = (name: string): unknown => JSON.parse(ask(t3, name).body);

  const project = sequenceOf("dispatch-01-project-create");
  const thread = sequenceOf("dispatch-02-thread-create");

  expect(sequenceOf("idem-02-project-create-same-commandId-different-body")).toEqual(project);
  expect(sequenceOf("idem-07-thread-create-same-commandId-same-body")).toEqual(thread);
  expect(sequenceOf("idem-08-thread-create-same-commandId-different-body")).toEqual(thread);
});

test("a project that is deleted frees its directory and not its id", () => {
  const t3 = openRecorded();
  command(t3, {
    type: "project.create",
    projectId: "proj-b",
    title: "B",
    workspaceRoot: "/srv/checkouts/demo2",
  });
  command(t3, newThread("thr-b", "proj-b"));

  for (const name of SECOND_LIFE) expect(replayed(t3, name), name).toEqual(recorded(name));
  expect(t3.store.row("thr-b").deletedAt).not.toBeNull();
});

test.each([
  ["auth-02-garbage-token", "garbage"],
  ["auth-12-revoked-token", "revoked"],
  ["auth-10-insufficient-scope-dispatch", "read-only"],
])("%s", (name, token) => {
  const t3 = openRecorded();
  t3.tokens.set("read-only", ["orchestration:read"]);

  expect(replayed(t3, name, token)).toEqual(recorded(name));
});

test("a turn that was just accepted leaves the thread as it was", () => {
  const t3 = openRecorded({ startTurns: "on order" });
  for (const name of FIRST_LIFE.slice(0, FIRST_LIFE.indexOf("turn-01-start") + 1)) ask(t3, name);

  expect(replayed(t3, "turn-02-shell-just-dispatched")).toEqual(recorded("turn-02-shell-just-dispatched"));
});

test("an archived agent goes on, a deleted one does not, and both rows freeze", () => {
  const t3 = openRecorded();
  command(t3, {
    type: "project.create",
    projectId: "proj-demo",
    title: "Demo",
    workspaceRoot: "/srv/checkouts/demo",
  });
  for (const id of ["thr-run-archive", "thr-run-delete"]) {
    command(t3, newThread(id, "proj-demo"));
    const message = { messageId: `msg-${id}-1`, role: "user", text: "Go.", attachments: [] };
    command(t3, { type: "thread.turn.start", threadId: id, message });
  }

  command(t3, { type: "thread.archive", threadId: "thr-run-archive" });
  command(t3, { type: "thread.delete", threadId: "thr-run-delete" });

  const name = "snapshot-03-archived-and-deleted-while-running";
  expect([...t3.store.agents.atWork]).toEqual(["thr-run-archive"]);
  expect(replayed(t3, name)).toEqual(recorded(name));
  expect(ask(t3, "err-24-turn-start-on-archived-thread").status).toBe(200);
  expect(t3.store.agents.turns).toHaveLength(2);
});
