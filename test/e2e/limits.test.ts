// GitHub's limits in the middle of a tick: the tick ends in time with exit 3, and the next one repairs what it left.
import { describe, expect, it } from "vitest";
import { addServedRepo, writes } from "../support/attacks.ts";
import { type Fault, limited, type Made } from "../support/github/server.ts";
import {
  type ProductionWorld,
  productionWorld,
  READY,
  REPO,
  type Tick,
} from "../support/production-world.ts";

const isWrite = ({ method, path }: Made): boolean => method !== "GET" && path !== "/graphql";
const isQuery = ({ path }: Made): boolean => path === "/graphql";

/** From the given request of a kind on, GitHub answers nothing of that kind any more. */
function limitFrom(count: number, fits: (made: Made) => boolean, answer: () => Response): Fault {
  let seen = 0;
  return (made) => {
    if (!fits(made)) return null;
    seen += 1;
    return seen >= count ? answer() : null;
  };
}

/** How GitHub says no; `reset` is in seconds since the epoch. */
const LIMITS = ({ github }: ProductionWorld): Readonly<Record<string, () => Response>> => {
  const reset = Math.floor(github.state.now / 1000) + 1800;
  return {
    graphql: () => limited.graphql(reset),
    primary: () => limited.primary(reset),
    secondary: () => limited.secondary(60),
    silent: () => limited.secondary(null),
  };
};

function limit(world: ProductionWorld, how: string, count: number, fits: (made: Made) => boolean): void {
  const answer = LIMITS(world)[how];
  if (answer === undefined) throw new Error(`GitHub has no limit '${how}'.`);
  world.github.server.faults = [limitFrom(count, fits, answer)];
}

/** The tick said that GitHub limits it, and soon. */
function expectLimited({ code, report, stdout }: Tick): void {
  expect(code).toBe(3);
  const told = [...report.gaps, ...report.outcomes].map(({ message }) => message).join("\n");
  expect(told).toMatch(/limit/);
  expect(stdout).not.toContain("bug");
}

async function withIssue(environment: Readonly<Record<string, string>> = {}): Promise<ProductionWorld> {
  const world = await productionWorld(environment);
  world.github.open({ title: "Add sum", body: "Please.", labels: [READY] });
  return world;
}

function expectStartedOnce(world: ProductionWorld): void {
  expect(world.t3.store.agents.turns).toHaveLength(1);
  expect(world.labels(1)).toEqual([READY, "agent-in-progress"]);
  expect(world.card(1)).toMatchObject({ thread: world.thread(), outcome: null });
  expect(world.github.issue(1).comments).toHaveLength(1);
}

describe("a limit on queries", () => {
  it.each(["graphql", "secondary"])(
    "(%s) at any query of a poll starts nothing, and the next poll starts the run",
    async (how) => {
      const world = await withIssue();
      await world.afk("poll", "--dry-run");
      const queries = world.github.server.made.filter(isQuery).length;
      for (let count = 1; count <= queries + 1; count += 1) {
        limit(world, how, count, isQuery);
        const before = writes(world);

        const poll = await world.afk("poll");

        expectLimited(poll);
        expect(writes(world)).toEqual(before);
      }
      world.github.server.faults = [];

      expect((await world.afk("poll")).code).toBe(0);
      expectStartedOnce(world);
    },
  );

  it("in a watch ends no run, writes nothing, and the next watch goes on", async () => {
    const world = await withIssue();
    await world.afk("poll");
    world.t3.store.agents.finish(world.thread());
    world.skip(400);
    for (const count of [1, 2, 3]) {
      limit(world, "graphql", count, isQuery);
      const before = writes(world);

      expectLimited(await world.afk("watch"));

      expect(writes(world)).toEqual(before);
    }
    world.github.server.faults = [];

    await world.afk("watch");

    expect(world.labels(1)).toEqual(["ready-for-human"]);
  });
});

describe("a limit on writes", () => {
  it.each([
    ["primary", 1],
    ["secondary", 2],
  ] as const)(
    "(%s) at write %i of a dispatch is repaired by the next poll, without a second turn",
    async (how, count) => {
      const world = await withIssue();
      limit(world, how, count, isWrite);

      expectLimited(await world.afk("poll"));
      world.github.server.faults = [];
      world.skip(30);
      const repair = await world.afk(count === 1 ? "poll" : "watch");

      expect(repair.code).toBe(0);
      expectStartedOnce(world);
    },
  );

  it("at any write of a run's end is repaired by the next watch, with one card", async () => {
    for (let count = 1; ; count += 1) {
      const world = await withIssue();
      await world.afk("poll");
      const sha = world.push("SUCCESS");
      world.t3.store.agents.finish(world.thread());
      world.skip(400);
      limit(world, count % 2 === 0 ? "primary" : "silent", count, isWrite);

      const cut = await world.afk("watch");
      const wasCut = cut.code !== 0;
      if (wasCut) expectLimited(cut);
      world.github.server.faults = [];
      world.skip(30);
      const repair = await world.afk("watch");

      expect(repair.code).toBe(0);
      expect(world.github.issue(1)).toMatchObject({ open: false, labels: [] });
      expect(world.card(1)).toMatchObject({ outcome: "close_success", commit: sha });
      expect(world.t3.store.row(world.thread()).archivedAt).not.toBeNull();
      expect(world.github.issue(1).comments).toHaveLength(1);
      if (!wasCut) {
        expect(count).toBeGreaterThan(4);
        return;
      }
    }
  });
});

describe("how long a tick waits for GitHub", () => {
  it.each([
    ["2", "1", 3],
    ["5", "3", 3],
    ["3600", "90", 3],
    ["1", "90", 0],
  ] as const)(
    "when asked for %s s with AFK_TICK_MAX_SECONDS=%s, it ends with %i",
    async (retryAfter, most, code) => {
      const world = await withIssue({ AFK_TICK_MAX_SECONDS: most });
      let isUsed = false;
      world.github.server.faults = [
        (made) => {
          if (isUsed || !isQuery(made)) return null;
          isUsed = true;
          return limited.secondary(Number(retryAfter));
        },
      ];
      const from = performance.now();

      const poll = await world.afk("poll");

      expect(poll.code).toBe(code);
      // The process's own start is in it.
      expect(performance.now() - from).toBeLessThan(4000);
      expect(world.t3.store.agents.turns).toHaveLength(code === 0 ? 1 : 0);
    },
  );
});

describe("one repo of two", () => {
  it.each([
    ["SERVICE_UNAVAILABLE", 3],
    ["FORBIDDEN", 2],
    ["NOT_FOUND", 2],
  ] as const)("that answers %s is named as a gap, and the other is served", async (type, code) => {
    const world = await withIssue();
    const other = addServedRepo(world, "acme/other");
    const name = REPO.replace("acme/shop", other);
    world.github.open({ title: "Add product", labels: [READY] }, other);
    world.github.repo(other).error = { type, message: "Not now." };

    const poll = await world.afk("poll");

    expect(poll.code).toBe(code);
    expect(poll.report.gaps.map(({ on }) => on)).toEqual([name]);
    expectStartedOnce(world);
    world.github.repo(other).error = null;
    expect((await world.afk("poll")).code).toBe(0);
    expect(world.t3.store.agents.turns).toHaveLength(2);
  });

  it("keeps a run of it alive: a watch decides nothing about what it could not read", async () => {
    const world = await withIssue();
    await world.afk("poll");
    addServedRepo(world, "acme/other");
    world.push("SUCCESS");
    world.t3.store.agents.finish(world.thread());
    world.skip(400);
    world.github.repo().error = { type: "SERVICE_UNAVAILABLE", message: "Not now." };
    const before = writes(world);

    const watch = await world.afk("watch");

    expect(watch.code).toBe(3);
    expect(new Set(watch.report.gaps.map(({ on }) => on.replace(/#.*/, "")))).toEqual(new Set([REPO]));
    expect(writes(world)).toEqual(before);
    world.github.repo().error = null;
    await world.afk("watch");
    expect(world.card(1)).toMatchObject({ outcome: "close_success" });
  });
});

it("starts nothing when the labeler's permission could not be read", async () => {
  const world = await withIssue();
  limit(world, "primary", 1, ({ path }) => path.includes("/collaborators/"));

  const poll = await world.afk("poll");

  expect(poll.report.decisions).toMatchObject([{ action: "hold", reason: "untrusted_label" }]);
  expect(poll.stderr).toMatch(/maria may do could not be read.*limit/);
  expect(world.t3.store.agents.turns).toEqual([]);
  world.github.server.faults = [];
  expect((await world.afk("poll")).report.decisions).toMatchObject([{ action: "dispatch" }]);
});
