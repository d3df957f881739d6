// The production path over real HTTP: the built command against GitHub and T3 doubles that are held to what was recorded.
import { describe, expect, it } from "vitest";
import { type ProductionWorld, productionWorld, READY } from "../support/production-world.ts";

/** A world in which the issue 1 was dispatched and its agent works. */
async function started(environment: Readonly<Record<string, string>> = {}): Promise<ProductionWorld> {
  const world = await productionWorld(environment);
  world.github.open({ title: "Add sum", body: "Please add sum.", labels: [READY] });
  const poll = await world.afk("poll");
  expect(poll.stderr).toBe("");
  expect(poll.report.decisions).toMatchObject([{ issue: 1, action: "dispatch" }]);
  expect(poll.code).toBe(0);
  return world;
}

/** What watch decides about the issue 1, and what became of it. */
async function watch(world: ProductionWorld): Promise<string> {
  const { code, report, stderr } = await world.afk("watch");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(report.outcomes.every(({ result }) => result === "done")).toBe(true);
  return report.decisions.map(({ action, reason }) => `${action} ${reason}`).join(", ");
}

describe("a run on GitHub and T3", () => {
  it("goes from ready through red and a fix-forward to closed", async () => {
    const world = await started();
    const thread = world.thread();
    expect(world.labels(1)).toEqual([READY, "agent-in-progress"]);
    expect(world.card(1)).toMatchObject({ thread, issue: 1, lane: 0, slot: 1, outcome: null });

    expect(await watch(world)).toBe("wait agent_busy");
    const red = world.push("FAILURE");
    world.t3.store.agents.finish(thread);
    world.skip(200);
    expect(await watch(world)).toBe("fix_forward ci_red");
    expect(world.card(1)).toMatchObject({ attempts: 1, commit: red, redShas: [red] });
    expect(world.t3.store.agents.turns.at(-1)?.text).toContain("expected 3, got 4");

    const green = world.push("SUCCESS", "Mend it");
    world.t3.store.agents.finish(thread);
    world.skip(200);
    expect(await watch(world)).toBe("close_success verified");
    expect(world.github.issue(1)).toMatchObject({ open: false, stateReason: "completed", labels: [] });
    expect(world.card(1)).toMatchObject({ outcome: "close_success", commit: green, stop: "confirmed" });
    expect(world.t3.store.row(thread).archivedAt).not.toBeNull();
    expect(await watch(world)).toBe("");
    expect(world.github.server.violations).toEqual([]);
  });

  it("is frozen when it never gets green, and the repo waits for a person", async () => {
    const world = await started({ AFK_FIX_FORWARD_MAX_ATTEMPTS: "1" });
    const thread = world.thread();

    world.push("FAILURE");
    world.t3.store.agents.finish(thread);
    world.skip(200);
    expect(await watch(world)).toBe("fix_forward ci_red");
    world.push("FAILURE", "Try again");
    world.t3.store.agents.finish(thread);
    world.skip(200);
    expect(await watch(world)).toBe("freeze_escalate attempts_exhausted");

    expect(world.github.issue(1).open).toBe(true);
    expect(world.labels(1)).toEqual(["ready-for-human"]);
    expect(world.t3.store.row(thread)).toMatchObject({ archivedAt: null, settledOverride: "settled" });
    world.github.open({ title: "Another", labels: [READY] });
    const poll = await world.afk("poll");
    expect(poll.report.decisions).toMatchObject([{ issue: 2, action: "hold", reason: "base_red" }]);
    expect(poll.report.decisions[0]?.message).toContain("127.0.0.1/acme/shop#1");
  });

  it("is handed to a person when the agent ends without a commit", async () => {
    const world = await started();

    world.t3.store.agents.finish(world.thread(), "I cannot do this.");
    world.skip(400);
    expect(await watch(world)).toBe("escalate_prepush nothing_pushed");

    expect(world.labels(1)).toEqual(["ready-for-human"]);
    const comment = world.github.issue(1).comments[0]?.body;
    expect(comment).toContain("I cannot do this.");
  });

  it("is resumed once when the model's service fails, and then handed to a person", async () => {
    const world = await started();

    world.t3.store.agents.finish(world.thread(), "API Error: 529 overloaded");
    world.skip(400);
    expect(await watch(world)).toBe("resume agent_failed");
    expect(world.t3.store.agents.turns).toHaveLength(2);
    world.t3.store.agents.finish(world.thread(), "API Error: 529 overloaded");
    world.skip(400);
    expect(await watch(world)).toBe("escalate_prepush agent_failed");
  });

  it("asks for a person once when the agent waits, and gives up when nobody answers", async () => {
    const world = await started();

    world.t3.store.agents.ask(world.thread(), "user-input");
    world.skip(200);
    expect(await watch(world)).toBe("ask_human waiting_for_human");
    world.skip(60);
    expect(await watch(world)).toBe("wait waiting_for_human");
    world.skip(86_400);
    expect(await watch(world)).toBe("escalate_prepush no_answer");
    expect(world.t3.store.agents.atWork.size).toBe(0);
  });

  it("is stopped when the agent falls silent", async () => {
    const world = await started();

    world.skip(1900);
    expect(await watch(world)).toBe("escalate_prepush stalled");

    expect(world.t3.store.agents.atWork.size).toBe(0);
    expect(world.card(1)).toMatchObject({
      outcome: "escalate_prepush",
      reason: "stalled",
      stop: "confirmed",
    });
  });

  it("is handed to a person when the thread is gone", async () => {
    const world = await started();
    const threadId = world.thread();

    world.t3.store.dispatch({ type: "thread.delete", commandId: "a-person", threadId });
    world.skip(400);
    expect(await watch(world)).toBe("escalate_prepush thread_lost");
    expect(world.labels(1)).toEqual(["ready-for-human"]);
  });

  it("is settled after a server restart that left its turn running for ever", async () => {
    const world = await started();

    world.t3.store.agents.restart();
    world.skip(1900);
    expect(await watch(world)).toBe("escalate_prepush stalled");
    expect(world.card(1)).toMatchObject({ stop: "confirmed" });
  });

  it("starts a turn again that the server accepted and lost, once", async () => {
    const world = await productionWorld();
    world.t3.store.loseTurns(true);
    world.github.open({ title: "Add sum", labels: [READY] });
    await world.afk("poll");
    expect(world.t3.store.agents.turns).toHaveLength(0);

    world.t3.store.loseTurns(false);
    world.skip(400);
    expect(await watch(world)).toBe("resume agent_failed");
    expect(world.t3.store.agents.turns).toHaveLength(1);
    expect(world.t3.store.agents.turns[0]?.text).toMatch(/^afk-turn \S+ resume=1 \S+\n\nafk-run /);
  });

  it("opens an issue again that a closing keyword closed while its commit is red", async () => {
    const world = await started({ AFK_FIX_FORWARD_MAX_ATTEMPTS: "0" });

    world.push("FAILURE", "Closes #1");
    expect(world.github.issue(1).open).toBe(false);
    world.t3.store.agents.finish(world.thread());
    world.skip(200);
    expect(await watch(world)).toBe("freeze_escalate attempts_exhausted");

    expect(world.github.issue(1).open).toBe(true);
    expect(world.labels(1)).toEqual(["ready-for-human"]);
  });
});

describe("a person takes over", () => {
  const deeds: readonly [string, (world: ProductionWorld) => void][] = [
    ["removes the in-progress label", ({ github }) => github.unlabel(1, "agent-in-progress")],
    ["applies the human label", ({ github }) => github.label(1, "ready-for-human")],
    ["closes the issue", ({ github }) => github.close(1)],
  ];
  const moments: readonly [string, (world: ProductionWorld) => void][] = [
    ["while the agent works", () => undefined],
    ["after a red push", (world) => void world.push("FAILURE")],
    [
      "after a green push",
      (world) => {
        world.push("SUCCESS");
        world.t3.store.agents.finish(world.thread());
      },
    ],
  ];
  const cases = moments.flatMap(([when, prepare]) =>
    deeds.map(([what, act]) => ({ when, what, prepare, act })),
  );

  it.each(cases)("$when and $what: the agent stops and nothing is undone", async ({ prepare, act }) => {
    const world = await started();
    prepare(world);
    world.skip(10);
    act(world);
    const { open, labels } = structuredClone(world.github.issue(1));
    world.skip(200);

    expect(await watch(world)).toBe("wait handed_over");

    expect(world.github.issue(1).open).toBe(open);
    expect(world.labels(1)).toEqual(
      labels.filter((label) => label !== READY && label !== "agent-in-progress"),
    );
    expect(world.card(1)).toMatchObject({ outcome: "handed_over", stop: "confirmed" });
    expect(world.t3.store.agents.atWork.size).toBe(0);
    expect(await watch(world)).toBe("");
  });
});

it("stops the agent of a repo that left the allowlist, also on a GitHub Enterprise Server", async () => {
  const world = await started();
  world.environment["AFK_ALLOWLIST"] = "127.0.0.1/acme/other";
  const before = world.t3.store.agents.atWork.size;

  const watched = await world.afk("watch");

  expect(watched.report.decisions).toMatchObject([
    { action: "abandon", reason: "not_allowlisted", thread: world.thread() },
  ]);
  expect([before, world.t3.store.agents.atWork.size]).toEqual([1, 0]);
  expect(world.github.issue(1).open).toBe(true);
});

describe("the number of requests", () => {
  it("is one to the tracker and one to the executor when nothing is ready and nothing in flight", async () => {
    const world = await productionWorld();

    const poll = await world.afk("poll");
    const watched = await world.afk("watch");

    const quiet = { total: 2, tracker: 1, executor: 1, ci: 0, notifier: 0 };
    expect(poll.report.requests).toEqual(quiet);
    expect(watched.report.requests).toEqual(quiet);
  });

  it("of a run under way is a few reads more, and nothing is written", async () => {
    const world = await started();
    const before = world.github.server.made.length;

    const watched = await world.afk("watch");

    // List, details, the labeler's permission, commits; the threads, and which server it is.
    expect(watched.report.requests).toEqual({ total: 6, tracker: 4, executor: 2, ci: 0, notifier: 0 });
    const made = world.github.server.made.slice(before);
    expect(made.every(({ path, method }) => path === "/graphql" || method === "GET")).toBe(true);
  });
});
