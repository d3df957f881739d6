// The T3 double's threads go through the stages that a real server's threads were recorded in.
import { expect, test } from "vitest";
import { command, newThread, openRecorded, shapeOf } from "../../support/t3/compare.ts";
import { recordedThread } from "../../support/t3/recordings.ts";
import type { T3Double } from "../../support/t3/server.ts";

interface Scene {
  readonly t3: T3Double;
  readonly id: string;
  /** Sends the recorded thread's n-th message of the user; `again`: under the last command's id. */
  readonly send: (index: number, how?: { readonly text?: string; readonly again?: boolean }) => void;
}

const SCENES: Readonly<Record<string, (scene: Scene) => void>> = {
  "turn-04-thread-completed"({ t3, id, send }) {
    command(t3, { type: "thread.turn.interrupt", threadId: id });
    send(0);
    t3.store.agents.finish(id);
  },
  "turn-05-thread-provider-error-400"({ t3, id, send }) {
    send(0);
    t3.store.agents.finish(id, "API Error: 400 fake model: refused on purpose");
  },
  "turn-06-thread-interrupted"({ t3, id, send }) {
    send(0);
    command(t3, { type: "thread.turn.interrupt", threadId: id });
  },
  "turn-08-thread-session-stopped"({ t3, id, send }) {
    send(0);
    command(t3, { type: "thread.session.stop", threadId: id });
  },
  "turn-09-thread-second-turn-while-running"({ t3, id, send }) {
    send(0);
    send(1);
    t3.store.agents.finish(id);
    t3.store.agents.finish(id);
  },
  "idem-17-thread-after-same-messageId"({ t3, id, send }) {
    send(0, { text: "First." });
    send(1);
    t3.store.agents.finish(id);
    t3.store.agents.finish(id);
    send(0);
    t3.store.agents.finish(id);
  },
  "turn-10-thread-pending-user-input"({ t3, id, send }) {
    send(0);
    t3.store.agents.ask(id, "user-input");
  },
  "turn-12-thread-after-user-input"({ t3, id, send }) {
    send(0);
    t3.store.agents.ask(id, "user-input", "r");
    command(t3, { type: "thread.user-input.respond", threadId: id, requestId: "none", answers: {} });
    command(t3, { type: "thread.user-input.respond", threadId: id, requestId: "r", answers: {} });
    t3.store.agents.finish(id);
  },
  "turn-13-thread-pending-approval"({ t3, id, send }) {
    send(0);
    t3.store.agents.speak(id, "Running a command.");
    t3.store.agents.ask(id, "approval");
  },
  "turn-15-thread-unknown-provider": ({ send }) => send(0),
  "turn-16-thread-missing-worktree": ({ send }) => send(0),
  "turn-17-thread-interrupted-with-turnId"({ t3, id, send }) {
    send(0);
    const turnId = t3.store.row(id).latestTurn?.turnId;
    command(t3, { type: "thread.turn.interrupt", threadId: id, turnId });
  },
  "turn-18-thread-provider-process-killed"({ t3, id, send }) {
    send(0);
    t3.store.agents.die(id);
  },
  "turn-19-thread-recovered-after-provider-death"({ t3, id, send }) {
    send(0);
    t3.store.agents.die(id);
    send(1);
    t3.store.agents.finish(id);
  },
  "turn-21-thread-after-SIGKILL-restart"({ t3, send }) {
    send(0);
    t3.store.agents.restart();
  },
  "turn-21-thread-after-interrupt-of-stale-turn"({ t3, id, send }) {
    send(0);
    t3.store.agents.restart();
    command(t3, { type: "thread.turn.interrupt", threadId: id });
  },
  "turn-21-thread-after-session-stop-of-stale-turn"({ t3, id, send }) {
    send(0);
    t3.store.agents.restart();
    command(t3, { type: "thread.turn.interrupt", threadId: id });
    command(t3, { type: "thread.session.stop", threadId: id });
  },
  "turn-26-thread-after-session-stop-on-stale-turn"({ t3, id, send }) {
    send(0);
    t3.store.agents.restart();
    command(t3, { type: "thread.session.stop", threadId: id });
  },
  "turn-23-thread-accepted-then-server-killed-at-once"({ t3, send }) {
    t3.store.loseTurns(true);
    send(0);
    t3.store.agents.restart();
  },
  "turn-24-thread-lost-turn-recovered"({ t3, id, send }) {
    t3.store.loseTurns(true);
    send(0);
    t3.store.loseTurns(false);
    send(0, { again: true });
    expect(t3.store.row(id).latestTurn).toBeNull();
    send(0);
    t3.store.agents.finish(id);
  },
};

test.each(Object.entries(SCENES))("the thread of %s", (name, play) => {
  const thread = recordedThread(name);
  const users = thread.messages.filter(({ role }) => role === "user");
  const t3 = openRecorded();
  const { id, modelSelection, worktreePath } = thread;
  command(t3, {
    type: "project.create",
    projectId: "proj-demo",
    title: "Demo",
    workspaceRoot: "/srv/checkouts/demo",
  });
  command(t3, { ...newThread(id, "proj-demo"), modelSelection, worktreePath });
  let lastId = "";

  play({
    t3,
    id,
    send(index, { text = users[index]?.text, again = false } = {}) {
      const message = { messageId: users[index]?.id, role: "user", text, attachments: [] };
      const commandId = again ? lastId : undefined;
      lastId = command(t3, {
        type: "thread.turn.start",
        threadId: id,
        message,
        ...(commandId && { commandId }),
      });
    },
  });

  expect(shapeOf(t3.store.row(id))).toEqual(shapeOf(thread));
});
