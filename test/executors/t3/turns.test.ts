// Threads and turns on a T3 server: whose project, which ids, and what becomes of a turn that nobody took up.
import { describe, expect, test } from "vitest";
import { projectId } from "../../../src/core/identity.ts";
import { digest } from "../../../src/digest.ts";
import { Secret } from "../../../src/secret.ts";
import { failureOf } from "../../support/failure.ts";
import { TOKEN, type T3Double } from "../../support/t3/server.ts";
import {
  begin,
  executorOf,
  FIRST,
  newThread,
  newTurn,
  openT3,
  PROJECT,
  readThread,
  REPO,
  ROOT,
  SECOND,
  THREAD,
} from "./support.ts";

const V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MINUTES_3 = 180_000;

describe("a thread", () => {
  test("is made in its repo's project, with the configured model and nobody to ask", async () => {
    const { t3, executor } = openT3({}, { AFK_T3_INSTANCE: "mine", AFK_T3_MODEL: "small" });

    await executor.create(newThread());

    const [project, thread] = t3.store.done;
    const model = { instanceId: "mine", model: "small" };
    expect(project).toMatchObject({
      projectId: PROJECT,
      title: REPO,
      workspaceRoot: ROOT,
      defaultModelSelection: model,
    });
    expect(thread).toMatchObject({
      threadId: THREAD,
      projectId: PROJECT,
      title: "acme/shop#7: A title",
      modelSelection: model,
      runtimeMode: "full-access",
      interactionMode: "default",
      branch: null,
      worktreePath: null,
    });
    expect([project?.commandId, thread?.commandId]).toEqual([
      expect.stringMatching(V5),
      expect.stringMatching(V5),
    ]);
  });

  test("goes into the project that a person made for the directory, whatever slash it ends with", async () => {
    const { t3, executor } = openT3();
    makeProject(t3, "a-persons", `${ROOT}/`);

    await executor.create(newThread());

    expect(t3.store.row(THREAD).projectId).toBe("a-persons");
  });

  test("gets a project of the next generation when the last was deleted", async () => {
    const { t3, executor } = openT3();
    for (const id of [PROJECT, projectId(digest, REPO, 2)]) {
      makeProject(t3, id, ROOT);
      t3.store.dispatch({ type: "project.delete", commandId: `delete ${id}`, projectId: id });
    }

    await executor.create(newThread());

    expect(t3.store.row(THREAD).projectId).toBe(projectId(digest, REPO, 3));
  });

  test("is not made in a project of ours that works elsewhere", async () => {
    const { t3, executor } = openT3();
    makeProject(t3, PROJECT, "/old/acme__shop");

    const failure = await failureOf(executor.create(newThread()));

    expect(failure.kind).toBe("config");
    expect(failure.message).toContain("works in /old/acme__shop, not in /data/acme__shop");
  });

  test("is not made where T3's machine has no checkout", async () => {
    const { executor } = openT3({ isDirectory: () => false });

    const failure = await failureOf(executor.create(newThread()));

    expect([failure.kind, failure.message]).toEqual([
      "config",
      "T3 has no directory /data/acme__shop for acme/shop: clone the repo there on T3's machine, or correct AFK_WORKSPACE_BASE.",
    ]);
  });

  test("that exists changes nothing, not even by a failed command", async () => {
    const { t3, executor } = openT3();
    await executor.create(newThread());
    const before = t3.requests.length;

    expect(await executor.create({ ...newThread(), title: "Another" })).toBe("exists");

    expect(t3.requests.slice(before).every(({ method }) => method === "GET")).toBe(true);
  });

  test.each([
    [500, { reason: "orchestration_dispatch_failed" }],
    // As versions before 0.0.25 say it.
    [400, { error: "Failed to dispatch orchestration command." }],
  ])("that T3 refuses with %i for reasons of its own is not tried for ever", async (status, body) => {
    const { t3, deps } = openT3();
    let posts = 0;
    const refusing: typeof fetch = (input, init) => {
      if (new Request(input, init).method === "GET") return t3.fetch(input, init);
      posts += 1;
      return Promise.resolve(Response.json(body, { status }));
    };

    const failure = await failureOf(executorOf({ ...deps, fetch: refusing }).create(newThread()));

    expect([failure.kind, posts]).toEqual(["transport", 3]);
    expect(failure.message).toContain("did not carry out project.create");
  });
});

test("the token is read anew for every request", async () => {
  let token = "old";
  const { t3, executor } = openT3({}, { AFK_T3_TOKEN: new Secret(() => token) });
  t3.tokens.delete(TOKEN);
  t3.tokens.set("new", ["orchestration:read", "orchestration:operate"]);

  const failure = await failureOf(executor.listThreads("live"));
  token = "new";

  expect(failure.message).toContain("AFK_T3_TOKEN is not valid any more");
  expect((await executor.listThreads("live")).threads).toEqual([]);
});

describe("a turn that was accepted and never taken up", () => {
  test("counts as running for 180 s and as lost then", async () => {
    const world = openT3();
    world.t3.store.loseTurns(true);
    await begin(world);

    const early = await readThread(world);
    const again = await world.executor.send(newTurn());
    world.clock.move(MINUTES_3);
    const late = await readThread(world);

    expect([early.state.kind, again]).toEqual(["running", "already_sent"]);
    expect(late.state).toMatchObject({ kind: "error", cause: "lost_turn", mayPass: true });
    expect((await world.executor.listThreads("live")).threads).toMatchObject([
      { state: { cause: "lost_turn" } },
    ]);
  });

  test("does not keep a further message from being sent, which runs once", async () => {
    const world = openT3();
    world.t3.store.loseTurns(true);
    await begin(world);
    world.clock.move(MINUTES_3);
    world.t3.store.loseTurns(false);

    const answers = [
      await world.executor.send(newTurn(SECOND, "Do it.")),
      await world.executor.send(newTurn(SECOND, "Do it.")),
      await world.executor.send(newTurn(FIRST, "Do it.")),
    ];

    expect(answers).toEqual(["sent", "already_sent", "already_sent"]);
    expect(world.t3.store.agents.turns).toEqual([{ threadId: THREAD, messageId: SECOND, text: "Do it." }]);
    expect((await readThread(world)).messages).toMatchObject([{ id: FIRST }, { id: SECOND }]);
  });

  test("is followed by one further message when two ticks send it at once", async () => {
    const world = openT3();
    world.t3.store.loseTurns(true);
    await begin(world);
    world.clock.move(MINUTES_3);
    world.t3.store.loseTurns(false);

    await Promise.all([world.executor.send(newTurn(SECOND)), executorOf(world.deps).send(newTurn(SECOND))]);

    expect(world.t3.store.agents.turns).toHaveLength(1);
  });

  test("and whose further message is lost too shows as running again before that counts as lost", async () => {
    const world = openT3();
    world.t3.store.loseTurns(true);
    await begin(world);
    world.clock.move(MINUTES_3);

    const answer = await world.executor.send(newTurn(SECOND));

    expect(answer).toBe("sent");
    expect((await readThread(world)).state.kind).toBe("running");
    expect((await world.executor.listThreads("live")).threads).toMatchObject([
      { state: { kind: "running" } },
    ]);
  });

  test("and that somebody starts anew under its own message id shows as running again", async () => {
    const world = openT3();
    world.t3.store.loseTurns(true);
    await begin(world);
    world.clock.move(MINUTES_3);

    const first = world.t3.store.done.find(({ type }) => type === "thread.turn.start");
    if (first === undefined) throw new Error("No turn was sent.");
    world.t3.store.dispatch({ ...first, commandId: "somebody's" });

    expect((await readThread(world)).state.kind).toBe("running");
    expect((await world.executor.listThreads("live")).threads).toMatchObject([
      { state: { kind: "running" } },
    ]);
  });
});

test("a thread that a person archived gets no turn, although T3 would accept it", async () => {
  const world = openT3();
  await begin(world);
  world.t3.store.agents.finish(THREAD);
  world.t3.store.dispatch({ type: "thread.archive", commandId: "a person", threadId: THREAD });

  expect(await world.executor.send(newTurn(SECOND))).toBe("gone");
  expect(world.t3.store.row(THREAD).messages.filter(({ role }) => role === "user")).toHaveLength(1);
});

test("an agent that waits for a person is busy", async () => {
  const world = openT3();
  await begin(world);
  world.t3.store.agents.ask(THREAD, "user-input");

  expect(await world.executor.send(newTurn(SECOND))).toBe("busy");
  expect((await readThread(world)).state).toEqual({
    kind: "waiting",
    message: "The agent asked a question and waits.",
  });
});

function makeProject({ store }: T3Double, id: string, workspaceRoot: string): void {
  const command = { projectId: id, title: "Shop", workspaceRoot, createdAt: "now" };
  store.dispatch({ type: "project.create", commandId: `make ${id}`, ...command });
}
