// What must change nothing, changes nothing: dry runs at every stage, repeated ticks of a world at rest, narrowed ticks.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/machine.ts";
import { A_WHILE_SECONDS, decided, processesOf, started, storyWorld, verified } from "../support/stories.ts";
import type { WholeWorld } from "../support/whole-world.ts";

interface Stage {
  readonly stage: string;
  readonly title: string;
  readonly reach: (world: WholeWorld) => Promise<void>;
  /** What the two commands would do then. */
  readonly poll: readonly string[];
  readonly watch: readonly string[];
}

async function landed(world: WholeWorld): Promise<void> {
  await started(world);
  world.skip(A_WHILE_SECONDS);
}

async function ended(world: WholeWorld): Promise<void> {
  await world.settle();
}

const STAGES: readonly Stage[] = [
  {
    stage: "that is ready",
    title: "land",
    reach: async () => undefined,
    poll: ["1 dispatch ready"],
    watch: [],
  },
  {
    stage: "whose agent works",
    title: "hang",
    reach: (world) => started(world),
    poll: ["1 hold in_progress"],
    watch: ["1 wait agent_busy"],
  },
  {
    stage: "that landed",
    title: "land",
    reach: landed,
    poll: ["1 hold in_progress"],
    watch: ["1 wait ci_requested"],
  },
  {
    stage: "that is green",
    title: "land",
    reach: (world) => verified(world),
    poll: ["1 hold in_progress"],
    watch: ["1 close_success verified"],
  },
  {
    stage: "that is red",
    title: "land red",
    reach: (world) => verified(world),
    poll: ["1 hold in_progress"],
    watch: ["1 fix_forward ci_red"],
  },
  {
    stage: "whose agent gave up",
    title: "give up",
    reach: landed,
    poll: ["1 hold in_progress"],
    watch: ["1 escalate_prepush nothing_pushed"],
  },
  { stage: "that ended", title: "land", reach: ended, poll: [], watch: [] },
];

describe("--dry-run", () => {
  it.each(STAGES)("tells what would happen to an issue $stage, and changes nothing", async (row) => {
    const world = storyWorld();
    world.issue(1, row.title);
    await row.reach(world);
    const before = world.fingerprint();

    const poll = await world.afk("poll", "--dry-run", "--json");
    const watch = await world.afk("watch", "--dry-run", "--json");
    const polledText = await world.afk("poll", "--dry-run");
    const check = await world.afk("watch", "--check");

    expect(world.fingerprint()).toBe(before);
    expect([poll.code, watch.code, check.code]).toEqual([0, 0, 0]);
    expect(decided(poll)).toEqual(row.poll);
    expect(decided(watch)).toEqual(row.watch);
    expect(polledText.stdout).toContain("dry run, nothing was changed");
  });
});

describe("a world at rest", () => {
  it.each([
    { what: "everything is closed", title: "land", settings: {} },
    { what: "a person has the issue", title: "give up", settings: {} },
    { what: "a run is frozen", title: "land red for ever", settings: { AFK_FIX_FORWARD_MAX_ATTEMPTS: "0" } },
  ])("is not written to when $what", async ({ title, settings }) => {
    const world = storyWorld(settings);
    world.issue(1, title);
    world.issue(2, "land", ["labels: [ready-for-agent]", "blocked_by: [9]"]);
    await world.settle();

    await expectNoWrites(world);
  });

  it("is not written to while an agent works and while CI is at work", async () => {
    const world = storyWorld({
      AFK_MAX_PER_REPO: "2",
      AFK_CI_COMMAND: "exec sleep 600",
      AFK_CI_MAX_SECONDS: "99999",
    });
    world.issue(1, "land");
    await started(world, 1);
    world.issue(2, "hang");
    await started(world, 2);
    world.skip(A_WHILE_SECONDS);
    await world.afk("watch");
    const commit = world.git(join(world.root, "shop.git"), "rev-parse", "main").trim();
    const job = join("shop", ".afk", "ci", commit, "1", "status.json");
    await eventually(
      () => existsSync(join(world.root, job)) && world.read(job).includes('"phase":"running"'),
      (isAtWork) => isAtWork,
    );

    await expectNoWrites(world);

    world.environment = { ...world.environment, AFK_HALT: "true" };
    await world.afk("watch");
    expect(await processesOf(world, 2)).toEqual([]);
  });
});

async function expectNoWrites(world: WholeWorld): Promise<void> {
  const before = world.fingerprint();
  for (let round = 0; round < 3; round += 1) {
    await world.afk("poll");
    await world.afk("watch");
    world.skip(60);
  }
  expect(world.fingerprint()).toBe(before);
}

describe("--repo and --issue", () => {
  it("start only what was named, and say of the rest that it was left out", async () => {
    const world = storyWorld({ AFK_MAX_PER_REPO: "2" });
    world.issue(1, "give up");
    world.issue(2, "give up");

    const polled = await world.afk("poll", "--json", "--issue", "local/shop#2");
    await world.quiet();

    expect(decided(polled)).toEqual(["1 hold not_selected", "2 dispatch ready"]);
    expect(world.starts.map(({ issue }) => issue)).toEqual(["2"]);
    expect(world.front(1)).toBe("\nlabels: [ready-for-agent]\n");
  });

  it("do not make a lane free that another issue holds", async () => {
    const world = storyWorld();
    world.issue(1, "hang");
    await started(world);
    world.issue(2, "give up");

    const polled = await world.afk("poll", "--json", "--issue", "local/shop#2");

    expect(decided(polled)).toEqual(["1 hold in_progress", "2 hold repo_busy"]);
    expect(world.starts).toHaveLength(1);
  });

  it("watch only what was named", async () => {
    const world = storyWorld({ AFK_MAX_PER_REPO: "2" });
    world.issue(1, "give up");
    world.issue(2, "give up");
    await started(world, 1);
    await started(world, 2);
    world.skip(A_WHILE_SECONDS);

    const watched = await world.afk("watch", "--json", "--issue", "local/shop#1");

    expect(decided(watched)).toEqual(["1 escalate_prepush nothing_pushed", "2 hold not_selected"]);
    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
    expect(world.front(2)).toBe("\nlabels: [ready-for-agent, agent-in-progress]\n");
  });

  it("name a repo that is not in the allowlist: nothing is done, and that is said", async () => {
    const world = storyWorld();
    world.issue(1, "land");
    const before = world.fingerprint();

    const polled = await world.afk("poll", "--json", "--repo", "local/other");

    expect(polled.code).toBe(0);
    expect(decided(polled)).toEqual(["1 hold not_selected", "null hold not_allowlisted"]);
    expect(world.fingerprint()).toBe(before);
  });
});
