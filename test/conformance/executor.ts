// What every executor must do, whatever runs the agents behind it; each adapter's test calls this with a driver.
import { describe, expect, test } from "vitest";
import type { NewThread, NewTurn, ThreadDetail } from "../../src/core/thread.ts";
import type { Executor } from "../../src/ports.ts";
import { eventually } from "../support/machine.ts";

/** A fresh world for one test. An agent hangs until it is told something else. */
export interface ExecutorDriver {
  readonly executor: Executor;
  /** The same world as another tick sees it. */
  readonly otherTick: Executor;
  readonly repo: string;
  readonly projectId: string;
  /** False: of equal messages sent at one moment several may be answered `sent`, though one was. */
  readonly sendsApart?: boolean;
  /** Ends the thread's current turn well. */
  finish(threadId: string): Promise<void>;
  /** Ends the thread's current turn badly. */
  fail(threadId: string): Promise<void>;
  /** Makes the agent say something, in a turn that goes on. */
  speak(threadId: string, text: string): Promise<void>;
}

const THREAD = "6f2c1f0e-7f55-5b1a-9d5e-0a1b2c3d4e5f";
const OTHER_THREAD = "c4d5e6f7-0819-5a2b-8c3d-4e5f60718293";
const FIRST_MESSAGE = "0d0c9b1e-2f0e-5e7c-8a3b-111111111111";
const SECOND_MESSAGE = "0d0c9b1e-2f0e-5e7c-8a3b-222222222222";

export function executorConformance(name: string, open: () => Promise<ExecutorDriver>): void {
  describe(`${name} as an executor`, () => {
    creating(open);
    sending(open);
    observing(open);
    ending(open);
  });
}

type Open = () => Promise<ExecutorDriver>;

function creating(open: Open): void {
  test("a created thread is listed, empty and live", async () => {
    const world = await open();

    const answer = await world.executor.create(newThread(world));

    expect(answer).toBe("created");
    const { threads } = await world.otherTick.listThreads("live");
    expect(threads).toMatchObject([{ id: THREAD, ending: "none", hasMessage: false }]);
  });

  test("of many that create one id at once exactly one succeeds", async () => {
    const world = await open();
    const ticks = [world.executor, world.otherTick, world.executor, world.otherTick, world.executor];

    const answers = await Promise.all(ticks.map((tick) => tick.create(newThread(world))));

    expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "exists")).toHaveLength(4);
  });

  test("an executor that has no threads says so, and always names itself the same way", async () => {
    const world = await open();

    const before = await world.executor.listThreads("all");
    await world.executor.create(newThread(world));
    const after = await world.otherTick.listThreads("all");

    expect(before.threads).toEqual([]);
    expect(await after.identify()).toBe(await before.identify());
  });
}

function sending(open: Open): void {
  test("a sent message is in the thread exactly as it was sent, and the thread runs", async () => {
    const world = await open();
    const text = `\`\`\`\n"quotes" $HOME \\ 'single' ü 🚀\n${"long line ".repeat(5_000)}\n`;
    await world.executor.create(newThread(world));

    const answer = await world.executor.send(newTurn(world, FIRST_MESSAGE, text));

    expect(answer).toBe("sent");
    const thread = await readThread(world);
    expect(thread.messages).toMatchObject([{ id: FIRST_MESSAGE, text }]);
    expect(thread).toMatchObject({ hasMessage: true, state: { kind: "running" } });
  });

  test("a message that is sent again is not sent twice", async () => {
    const world = await openWithTurn(open);

    const answer = await world.otherTick.send(newTurn(world, FIRST_MESSAGE));

    expect(answer).toBe("already_sent");
    expect((await readThread(world)).messages).toHaveLength(1);
  });

  test("of many that send one message at once exactly one sends it", async () => {
    const world = await open();
    await world.executor.create(newThread(world));
    const ticks = [world.executor, world.otherTick, world.executor, world.otherTick];

    const answers = await Promise.all(ticks.map((tick) => tick.send(newTurn(world, FIRST_MESSAGE))));

    const sent = answers.filter((answer) => answer === "sent");
    expect(sent.length).toBeGreaterThanOrEqual(1);
    if (world.sendsApart !== false) expect(sent).toHaveLength(1);
    expect(answers.every((answer) => answer === "sent" || answer === "already_sent")).toBe(true);
    expect((await readThread(world)).messages).toHaveLength(1);
  });

  test("a second message is refused while the first is at work, and accepted after it", async () => {
    const world = await openWithTurn(open);

    const early = await world.executor.send(newTurn(world, SECOND_MESSAGE));
    await world.finish(THREAD);
    await stateOf(world, "idle");
    const late = await world.executor.send(newTurn(world, SECOND_MESSAGE));

    expect([early, late]).toEqual(["busy", "sent"]);
    const thread = await readThread(world);
    expect(thread.messages.map((message) => message.id)).toEqual([FIRST_MESSAGE, SECOND_MESSAGE]);
    expect(thread.state.kind).toBe("running");
  });

  test("a thread that was never made takes no message", async () => {
    const world = await open();

    const answer = await world.executor.send(newTurn(world, FIRST_MESSAGE));

    expect(answer).toBe("gone");
    expect(await world.executor.readThread(THREAD)).toBeNull();
  });
}

function observing(open: Open): void {
  test("a turn that ends well leaves the thread idle since then", async () => {
    const world = await openWithTurn(open);

    await world.finish(THREAD);

    const thread = await stateOf(world, "idle");
    expect(thread.since).toBeGreaterThanOrEqual(thread.createdAt);
  });

  test("a turn that ends badly is an error with a sentence", async () => {
    const world = await openWithTurn(open);

    await world.fail(THREAD);

    const thread = await stateOf(world, "error");
    expect(thread.state).toMatchObject({ message: expect.stringMatching(/\w/) });
  });

  test("what the agent said last can be read while it works", async () => {
    const world = await openWithTurn(open);

    await world.speak(THREAD, "I found the cause.");

    const thread = await eventually(
      () => readThread(world),
      (read) => read.lastWords.includes("I found the cause."),
    );
    expect(thread.state.kind).toBe("running");
    expect(thread.lastActivityAt).toBeGreaterThanOrEqual(thread.createdAt);
  });

  test("two threads do not disturb each other", async () => {
    const world = await openWithTurn(open);
    await world.executor.create(newThread(world, OTHER_THREAD));

    const answer = await world.executor.send({ ...newTurn(world, SECOND_MESSAGE), threadId: OTHER_THREAD });
    await world.finish(THREAD);
    await stateOf(world, "idle");

    expect(answer).toBe("sent");
    expect((await world.executor.readThread(OTHER_THREAD))?.state.kind).toBe("running");
  });
}

function ending(open: Open): void {
  test("a stop ends the agent's work, and stopping again changes nothing", async () => {
    const world = await openWithTurn(open);

    await eventually(
      () => world.executor.end(THREAD, "stop"),
      (answer) => answer === "confirmed",
    );
    const again = await world.otherTick.end(THREAD, "stop");

    expect(again).toBe("confirmed");
    expect((await readThread(world)).state.kind).not.toBe("running");
  });

  test("a settled thread can still be read", async () => {
    const world = await openWithTurn(open);
    await world.finish(THREAD);
    await stateOf(world, "idle");

    await world.executor.end(THREAD, "settle");

    expect(await readThread(world)).toMatchObject({ ending: "settled", messages: [{ id: FIRST_MESSAGE }] });
  });

  test("an archived thread is put away, and its id is never free again", async () => {
    const world = await openWithTurn(open);
    await world.finish(THREAD);
    await stateOf(world, "idle");

    await world.executor.end(THREAD, "archive");

    expect(await world.otherTick.readThread(THREAD)).toBeNull();
    expect(await world.executor.send(newTurn(world, SECOND_MESSAGE))).toBe("gone");
    expect(await world.executor.create(newThread(world))).toBe("exists");
    const { threads } = await world.executor.listThreads("all");
    expect(threads).toMatchObject([{ id: THREAD, ending: "archived" }]);
  });

  test("an empty thread can be deleted, and its id is never free again", async () => {
    const world = await open();
    await world.executor.create(newThread(world));

    const answer = await world.executor.end(THREAD, "delete");

    expect(answer).toBe("confirmed");
    expect(await world.otherTick.readThread(THREAD)).toBeNull();
    expect(await world.executor.send(newTurn(world, FIRST_MESSAGE))).toBe("gone");
    expect(await world.executor.create(newThread(world))).toBe("exists");
    const { threads } = await world.executor.listThreads("all");
    expect(threads).toMatchObject([{ id: THREAD, ending: "deleted" }]);
  });

  test("a thread that has a message is never deleted", async () => {
    const world = await openWithTurn(open);

    await world.executor.end(THREAD, "delete");

    expect((await readThread(world)).messages).toHaveLength(1);
  });
}

function newThread(world: ExecutorDriver, threadId = THREAD): NewThread {
  return { threadId, projectId: world.projectId, repo: world.repo, title: `${world.repo}#7: A title` };
}

function newTurn(world: ExecutorDriver, messageId: string, text = "Do it."): NewTurn {
  return { threadId: THREAD, repo: world.repo, messageId, text, budgetUsd: null };
}

async function openWithTurn(open: Open): Promise<ExecutorDriver> {
  const world = await open();
  await world.executor.create(newThread(world));
  await world.executor.send(newTurn(world, FIRST_MESSAGE));
  return world;
}

async function readThread(world: ExecutorDriver): Promise<ThreadDetail> {
  const thread = await world.executor.readThread(THREAD);
  if (thread === null) throw new Error("The thread is gone.");
  return thread;
}

function stateOf(world: ExecutorDriver, kind: ThreadDetail["state"]["kind"]): Promise<ThreadDetail> {
  return eventually(
    () => readThread(world),
    (thread) => thread.state.kind === kind,
  );
}
