// However requests overlap and connections break, one id makes one thread, and one message runs one turn.
import { describe, expect, test } from "vitest";
import { AfkError } from "../../../src/errors.ts";
import type { Executor } from "../../../src/ports.ts";
import { fc } from "../../support/fast-check.ts";
import { executorOf, newThread, newTurn, openT3, THREAD, type T3World } from "./support.ts";

const OTHER_LANE = "c4d5e6f7-0819-5a2b-8c3d-4e5f60718293";

test("of six ticks that create one thread at once exactly one is told that it did, in any order of requests", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { t3, deps } = openT3();
      const fetch = scheduler.scheduleFunction(t3.fetch);
      const ticks = Array.from({ length: 6 }, () => executorOf({ ...deps, fetch }));

      const answers = await scheduler.waitFor(Promise.all(ticks.map((tick) => tick.create(newThread()))));

      expect(answers.toSorted()).toEqual(["created", "exists", "exists", "exists", "exists", "exists"]);
      expect(madeBy(t3)).toEqual(["project.create", "thread.create"]);
    }),
    { numRuns: 60 },
  );
});

test("two lanes that start at once share the project of their repo", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { t3, deps } = openT3();
      const fetch = scheduler.scheduleFunction(t3.fetch);
      const threads = [newThread(), newThread(OTHER_LANE)];

      const answers = await scheduler.waitFor(
        Promise.all(threads.map((thread) => executorOf({ ...deps, fetch }).create(thread))),
      );

      expect(answers).toEqual(["created", "created"]);
      expect(madeBy(t3)).toEqual(["project.create", "thread.create", "thread.create"]);
    }),
    { numRuns: 40 },
  );
});

test("ticks that send one message at once run one turn, in any order of requests", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { t3, deps, executor } = openT3();
      await executor.create(newThread());
      const fetch = scheduler.scheduleFunction(t3.fetch);
      const ticks = Array.from({ length: 4 }, () => executorOf({ ...deps, fetch }));

      await scheduler.waitFor(Promise.all(ticks.map((tick) => tick.send(newTurn()))));

      expect(t3.store.agents.turns).toHaveLength(1);
    }),
    { numRuns: 40 },
  );
});

/** A dispatch makes these requests: two for the project, one for the thread, and two for the turn. */
const REQUESTS = [0, 1, 2, 3, 4, 5];

describe.each(["before", "after"] as const)("a connection that breaks %s the server acted", (when) => {
  test.each(REQUESTS)(
    "once, at request %i: the dispatch, or the next one, makes one thread and one turn",
    async (at) => {
      const world = openT3();
      breakRequests(world, when, (index) => index === at);

      await dispatchAndRepair(world);

      expectOneRun(world);
    },
  );

  test.each(REQUESTS)(
    "for good, from request %i on: the next tick makes one thread and one turn",
    async (at) => {
      const world = openT3();
      breakRequests(world, when, (index) => index >= at);

      await dispatchAndRepair(world);

      expectOneRun(world);
    },
  );
});

test("whatever breaks in three ticks, there is never a second thread or turn", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(null, "before", "after"), { maxLength: 20 }),
      async (faults) => {
        const world = openT3();
        const left = [...faults];
        world.t3.fault = () => left.shift() ?? null;

        for (let tick = 0; tick < 3; tick += 1) await dispatch(executorOf(world.deps));
        left.length = 0;
        await dispatch(executorOf(world.deps));

        expectOneRun(world);
      },
    ),
    { numRuns: 100 },
  );
});

test.each(["before", "after"] as const)(
  "a creation whose connection breaks %s the act is still told apart",
  async (when) => {
    const { t3, executor, deps } = openT3();
    let isBroken = false;
    t3.fault = ({ body }) => {
      if (isBroken || !body.includes("thread.create")) return null;
      isBroken = true;
      return when;
    };

    expect(await executor.create(newThread())).toBe("created");
    expect(await executorOf(deps).create(newThread())).toBe("exists");
  },
);

test("a real socket that breaks behind the server's back makes no second thread or turn", async () => {
  const world = openT3();
  const settings = { AFK_T3_URL: await world.t3.serve() };
  const executor = executorOf({ ...world.deps, fetch }, settings);
  const broken = new Set<string>();
  world.t3.fault = ({ method, body }) => {
    if (method === "GET" || broken.has(body)) return null;
    broken.add(body);
    return "after";
  };

  const answers = [await executor.create(newThread()), await executor.send(newTurn())];

  expect(answers).toEqual(["created", "sent"]);
  expectOneRun(world);
});

function breakRequests({ t3 }: T3World, when: "before" | "after", which: (index: number) => boolean): void {
  let index = -1;
  t3.fault = () => (which((index += 1)) ? when : null);
}

async function dispatchAndRepair(world: T3World): Promise<void> {
  await dispatch(world.executor);
  world.t3.fault = () => null;
  await dispatch(executorOf(world.deps));
}

/** What a tick does; a failure ends it, and the next one begins anew. */
async function dispatch(executor: Executor): Promise<void> {
  try {
    await executor.create(newThread());
    await executor.send(newTurn());
  } catch (error) {
    if (!(error instanceof AfkError) || error.kind !== "transport") throw error;
  }
}

function expectOneRun({ t3 }: T3World): void {
  expect(madeBy(t3)).toEqual(["project.create", "thread.create", "thread.turn.start"]);
  expect(t3.store.row(THREAD).messages).toHaveLength(1);
  expect(t3.store.agents.turns).toHaveLength(1);
}

function madeBy({ store }: T3World["t3"]): readonly string[] {
  return store.done.map(({ type }) => type);
}
