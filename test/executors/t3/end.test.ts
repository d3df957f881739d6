// Ending threads on a T3 server: stopped is believed only when seen, and an agent at work is never put away.
import { describe, expect, test } from "vitest";
import {
  begin,
  executorOf,
  newThread,
  newTurn,
  openT3,
  readThread,
  SECOND,
  THREAD,
  type T3World,
} from "./support.ts";

describe("a stop", () => {
  test("ends the agent, and the thread is no longer running", async () => {
    const world = await running();

    expect(await world.executor.end(THREAD, "stop")).toBe("confirmed");

    expect(world.t3.store.agents.atWork.size).toBe(0);
    expect((await readThread(world)).state.kind).toBe("idle");
  });

  test("that nobody hears is unconfirmed after about five seconds, and works in a later tick", async () => {
    const world = await running();
    world.t3.store.deafen(true);
    const before = world.clock.now();

    const deaf = await world.executor.end(THREAD, "stop");
    const took = world.clock.now() - before;
    world.t3.store.deafen(false);
    const later = await executorOf(world.deps).end(THREAD, "stop");

    expect([deaf, later]).toEqual(["unconfirmed", "confirmed"]);
    expect(took).toBeGreaterThan(4000);
    expect(took).toBeLessThan(8000);
    expect(world.t3.store.agents.atWork.size).toBe(0);
  });

  test("settles a turn that went down with its server", async () => {
    const world = await running();
    world.t3.store.agents.restart();

    const stale = await readThread(world);
    const answer = await world.executor.end(THREAD, "stop");

    expect([stale.state.kind, answer]).toEqual(["running", "confirmed"]);
    expect(world.t3.store.row(THREAD).session?.status).toBe("stopped");
    expect((await readThread(world)).state.kind).not.toBe("running");
  });

  test("works every time in a thread's life", async () => {
    const world = await running();

    for (let turn = 0; turn < 5; turn += 1) {
      expect(await world.executor.end(THREAD, "stop")).toBe("confirmed");
      expect(await world.executor.send(newTurn(`message-${turn}`))).toBe("sent");
    }

    expect(world.t3.store.agents.turns).toHaveLength(6);
  });

  test("reaches a turn that was accepted and not begun", async () => {
    const world = openT3({ startTurns: "on order" });
    await begin(world);

    expect(await world.executor.end(THREAD, "stop")).toBe("confirmed");

    expect((await readThread(world)).state).toMatchObject({ kind: "error", cause: "killed", mayPass: false });
  });

  test("of a thread without a session, or of none, needs no command", async () => {
    const world = openT3();
    expect(await world.executor.end(THREAD, "stop")).toBe("confirmed");
    await world.executor.create(newThread());
    const before = world.t3.store.done.length;

    expect(await world.executor.end(THREAD, "stop")).toBe("confirmed");
    expect(world.t3.store.done).toHaveLength(before);
  });

  test("of a thread that a person archived at work is ordered and never confirmed", async () => {
    const world = await running();
    world.t3.store.dispatch({ type: "thread.archive", commandId: "a person", threadId: THREAD });

    expect(await world.executor.end(THREAD, "stop")).toBe("unconfirmed");
    expect(world.t3.store.agents.atWork.size).toBe(0);
  });
});

describe("an archive", () => {
  test("of an agent at work is not made", async () => {
    const world = await running();

    expect(await world.executor.end(THREAD, "archive")).toBe("unconfirmed");
    expect(world.t3.store.row(THREAD).archivedAt).toBeNull();
  });

  test("ends an idle session first", async () => {
    const world = await running();
    world.t3.store.agents.finish(THREAD);

    expect(await world.executor.end(THREAD, "archive")).toBe("confirmed");

    const row = world.t3.store.row(THREAD);
    expect([row.session?.status, row.archivedAt === null]).toEqual(["stopped", false]);
    expect(await executorOf(world.deps).end(THREAD, "archive")).toBe("confirmed");
  });

  test("works again after a person took the thread out", async () => {
    const world = await running();
    world.t3.store.agents.finish(THREAD);
    await world.executor.end(THREAD, "archive");
    world.t3.store.dispatch({ type: "thread.unarchive", commandId: "a person", threadId: THREAD });

    expect(await world.executor.end(THREAD, "archive")).toBe("confirmed");
    expect(world.t3.store.row(THREAD).archivedAt).not.toBeNull();
  });
});

describe("a settlement", () => {
  test("of an agent at work is not made", async () => {
    expect(await (await running()).executor.end(THREAD, "settle")).toBe("unconfirmed");
  });

  test("leaves a thread that a person can wake again", async () => {
    const world = await running();
    world.t3.store.agents.finish(THREAD);

    expect(await world.executor.end(THREAD, "settle")).toBe("confirmed");
    const settled = await readThread(world);
    await world.executor.send(newTurn(SECOND));

    expect([settled.ending, (await readThread(world)).ending]).toEqual(["settled", "none"]);
  });

  test("is unsupported where the server does not know it", async () => {
    const world = openT3({ capabilities: { repositoryIdentity: true } });
    await begin(world);
    world.t3.store.agents.finish(THREAD);

    expect(await world.executor.end(THREAD, "settle")).toBe("unsupported");
  });
});

describe("a deletion", () => {
  test("of a thread with a message is unsupported and changes nothing", async () => {
    const world = await running();

    expect(await world.executor.end(THREAD, "delete")).toBe("unsupported");
    expect(world.t3.store.row(THREAD).deletedAt).toBeNull();
  });

  test("is not made twice", async () => {
    const world = openT3();
    await world.executor.create(newThread());

    const answers = [await world.executor.end(THREAD, "delete"), await world.executor.end(THREAD, "delete")];

    expect(answers).toEqual(["confirmed", "confirmed"]);
    expect(world.t3.store.done.filter(({ type }) => type === "thread.delete")).toHaveLength(1);
  });
});

test.each(["stop", "settle", "archive"] as const)(
  "a connection that breaks during a %s does no harm",
  async (how) => {
    for (const when of ["before", "after"] as const) {
      const world = await running();
      if (how !== "stop") world.t3.store.agents.finish(THREAD);
      let left = 1;
      world.t3.fault = ({ method }) => (method === "POST" && left-- > 0 ? when : null);

      expect(await world.executor.end(THREAD, how)).toBe("confirmed");
    }
  },
);

async function running(): Promise<T3World> {
  const world = openT3();
  await begin(world);
  return world;
}
