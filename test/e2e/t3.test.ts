// Whole runs on a T3 server: from the ready label over its threads and turns to the closed or handed over issue.
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished, expect, test } from "vitest";
import { run } from "../../src/cli.ts";
import { registries } from "../../src/registries.ts";
import { createT3, TOKEN, type T3Double } from "../support/t3/server.ts";
import { WholeWorld } from "../support/whole-world.ts";

test("a run that lands closes its issue, and its thread is archived after its session stopped", async () => {
  const { world, t3, afk, skip } = open();
  world.issue(1, "land");

  await afk("poll");
  const { threadId, text } = onlyTurn(t3);
  land(world, threadId);
  t3.store.agents.finish(threadId);
  for (let round = 0; round < 4; round += 1) {
    skip(400);
    await afk("watch");
  }

  expect(text).toMatch(new RegExp(`^afk-run ${threadId} local/shop#1 `));
  expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
  expect(world.card(1)).toMatchObject({ outcome: "close_success", executor: "t3", stop: "confirmed" });
  const row = t3.store.row(threadId);
  expect([row.session?.status, row.archivedAt === null]).toEqual(["stopped", false]);
  expect(t3.store.done.filter(({ type }) => type === "project.create")).toMatchObject([
    { workspaceRoot: world.checkout },
  ]);
});

test("a turn that was lost is sent again once, and a second loss goes to a person with the thread settled", async () => {
  const { world, t3, afk, skip } = open();
  world.issue(1, "land");
  t3.store.loseTurns(true);

  await afk("poll");
  skip(400);
  await afk("watch");
  const sent = t3.store.done.filter(({ type }) => type === "thread.turn.start");
  for (let round = 0; round < 6; round += 1) {
    skip(400);
    await afk("watch");
  }

  expect(sent).toHaveLength(2);
  expect(t3.store.done.filter(({ type }) => type === "thread.turn.start")).toHaveLength(2);
  expect(world.front(1)).toContain("ready-for-human");
  const threadId = sent[0]?.type === "thread.turn.start" ? sent[0].threadId : "";
  expect(t3.store.row(threadId)).toMatchObject({ settledOverride: "settled" });
  expect(t3.store.row(threadId).messages.map(({ role }) => role)).toEqual(["user", "user"]);
});

test("a model that is overloaded gets one more turn on the same thread", async () => {
  const { world, t3, afk, skip } = open();
  world.issue(1, "land");
  await afk("poll");
  const { threadId } = onlyTurn(t3);

  t3.store.agents.finish(threadId, "API Error: 529 overloaded");
  skip(400);
  await afk("watch");

  expect(t3.store.agents.turns.map((turn) => turn.threadId)).toEqual([threadId, threadId]);
  expect(t3.store.agents.turns[1]?.text).toContain("ended early");
});

test("a tick with nothing to do asks T3 one thing and changes nothing", async () => {
  const { t3, afk } = open();

  const report = await afk("watch");

  expect(report).toMatchObject({ requests: { total: 1, executor: 1 } });
  expect(t3.requests.every(({ method }) => method === "GET")).toBe(true);
});

test("a server that was exchanged for an empty one is unknown, and the run is not given up", async () => {
  const { world, t3, afk, skip, exchange } = open();
  world.issue(1, "land");
  await afk("poll");
  exchange("another-store");
  skip(400);

  await afk("watch");

  expect(world.card(1)).toMatchObject({ outcome: null });
  expect(t3.store.agents.atWork.size).toBe(1);
});

function open() {
  const world = new WholeWorld();
  onTestFinished(() => world.remove());
  let skipped = 0;
  const now = (): number => Date.now() + skipped;
  let t3 = createT3({ now });
  const first = t3;
  const settings = { AFK_EXECUTOR: "t3", AFK_T3_URL: "http://127.0.0.1:3773", AFK_T3_TOKEN: TOKEN };
  async function afk(command: string): Promise<Readonly<Record<string, unknown>>> {
    let stdout = "";
    const silent = { write: () => undefined, isTTY: false, columns: undefined };
    await run([command, "--json"], {
      stdout: { ...silent, write: (text) => void (stdout += text) },
      stderr: silent,
      environment: { ...process.env, ...world.settings, ...settings },
      cwd: world.checkout,
      clock: {
        now,
        sleep: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
      },
      fetch: (input, init) => t3.fetch(input, init),
      signals: { onTerminate: () => () => undefined },
      registries,
    });
    await world.quiet();
    return JSON.parse(stdout);
  }
  return {
    world,
    t3: first,
    afk,
    skip: (seconds: number) => void (skipped += seconds * 1000),
    exchange: (environmentId: string) => void (t3 = createT3({ now, environmentId })),
  };
}

function onlyTurn({ store }: T3Double): { readonly threadId: string; readonly text: string } {
  expect(store.agents.turns).toHaveLength(1);
  return store.agents.turns[0] ?? { threadId: "", text: "" };
}

/** What a good agent does. */
function land(world: WholeWorld, threadId: string): void {
  world.write("shop/feature-1.txt", "green\n");
  world.git(world.checkout, "add", "--all");
  world.git(world.checkout, "commit", "--quiet", "--message", `Work\n\nAFK-Run: ${threadId}\nRefs #1`);
  world.git(world.checkout, "push", "--quiet", "origin", "main");
}
