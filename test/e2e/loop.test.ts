// Whole runs from the ready label to their end, with real agents, git and CI: every way a run can end by itself.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/machine.ts";
import {
  A_WHILE_SECONDS,
  cardText,
  decided,
  processesOf,
  started,
  storyWorld,
  threadOf,
  turnFile,
} from "../support/stories.ts";
import type { WholeWorld } from "../support/whole-world.ts";

const NOISY_CI = 'if grep -rqx red feature-*.txt; then echo "the feature is red, make it green"; exit 1; fi';

describe("a run that lands", () => {
  it("closes its issue when the commit is verified, and leaves nothing behind", async () => {
    const world = storyWorld();
    world.issue(1, "land");

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
    expect(world.card(1)).toMatchObject({ outcome: "close_success", reason: "verified", attempts: 0 });
    expect(world.card(1)?.["commit"]).toBe(headOf(world));
    expect(world.git(world.checkout, "log", "-1", "--format=%B", headOf(world))).toContain(
      `AFK-Run: ${threadOf(world)}\nRefs #1`,
    );
    expect(world.starts).toHaveLength(1);
    expect(existsSync(worktreeOf(world))).toBe(false);
    expect(world.git(world.checkout, "branch", "--list", "afk/*")).toBe("");
  });

  it("is fixed forward when CI is red: the agent gets the failing output, and the mended commit closes it", async () => {
    const world = storyWorld({ AFK_CI_COMMAND: NOISY_CI });
    world.issue(1, "land red");

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
    expect(world.card(1)).toMatchObject({ outcome: "close_success", attempts: 1 });
    expect(world.starts.map(({ turn }) => turn)).toEqual(["1", "2"]);
    expect(world.read("heard/1-2")).toContain("the feature is red, make it green");
    expect(world.read("heard/1-2")).toContain(String(world.card(1)?.["redShas"]));
  });

  it("is frozen when it stays red: a person gets the open issue, the broken state and the worktree", async () => {
    const world = storyWorld({ AFK_CI_COMMAND: NOISY_CI, AFK_FIX_FORWARD_MAX_ATTEMPTS: "2" });
    world.issue(1, "land red for ever");

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
    expect(world.card(1)).toMatchObject({
      outcome: "freeze_escalate",
      reason: "attempts_exhausted",
      attempts: 2,
      stop: "confirmed",
      commit: headOf(world),
    });
    expect(world.starts).toHaveLength(3);
    expect(world.read(`shop/.afk/runs/${threadOf(world)}/worktree/feature-1.txt`)).toBe("red\n");
    expect(cardText(world)).toContain("the feature is red, make it green");
  });

  it("is frozen when it has spent its budget and is still red", async () => {
    const world = storyWorld({ AFK_BUDGET_USD: "2" });
    world.issue(1, "land red and spend");

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
    expect(world.card(1)).toMatchObject({
      outcome: "freeze_escalate",
      reason: "budget_exhausted",
      spentUsd: 2.5,
      attempts: 0,
    });
    expect(world.starts).toHaveLength(1);
  });
});

describe("a run that lands nothing", () => {
  it("is handed to a person with the agent's last words", async () => {
    const world = storyWorld();
    world.issue(1, "give up");

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
    expect(world.card(1)).toMatchObject({ outcome: "escalate_prepush", reason: "nothing_pushed" });
    expect(cardText(world)).toContain("I give up.");
    expect(world.git(world.checkout, "log", "--format=%s", headOf(world))).toBe("Start\n");
  });

  it.each([
    { what: "silence", settings: { AFK_STALL_SECONDS: "300" }, reason: "stalled" },
    {
      what: "time",
      settings: { AFK_STALL_SECONDS: "9000", AFK_RUN_MAX_SECONDS: "300" },
      reason: "run_timeout",
    },
  ])("is stopped for its $what, and its process is dead", async ({ settings, reason }) => {
    const world = storyWorld(settings);
    world.issue(1, "hang");
    await started(world);
    const before = await processesOf(world);
    world.skip(A_WHILE_SECONDS);

    await world.afk("watch");

    expect(before.length).toBeGreaterThan(0);
    expect(await processesOf(world)).toEqual([]);
    expect(world.card(1)).toMatchObject({ outcome: "escalate_prepush", reason, stop: "confirmed" });
    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
  });

  it("is resumed once after its agent was killed, and handed to a person after the second time", async () => {
    const world = storyWorld();
    world.issue(1, "hang");
    await started(world);

    await killAgent(world, 1);
    const resumed = await world.afk("watch", "--json");
    await eventually(
      () => world.starts.length,
      (count) => count === 2,
    );
    const between = world.card(1);
    await killAgent(world, 2);
    const ended = await world.afk("watch", "--json");

    expect(decided(resumed)).toEqual(["1 resume agent_failed"]);
    expect(between).toMatchObject({ resumes: 1, outcome: null });
    expect(world.read("heard/1-2")).toContain("Your last turn ended early");
    expect(decided(ended)).toEqual(["1 escalate_prepush agent_failed"]);
    expect(world.card(1)).toMatchObject({ resumes: 1, outcome: "escalate_prepush" });
    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
    expect(world.starts).toHaveLength(2);
  });
});

describe("several issues", () => {
  it("wait for their blockers and then run", async () => {
    const world = storyWorld();
    world.issue(1, "land", ["labels: [ready-for-agent]", "blocked_by: [2]"]);
    world.issue(2, "land");

    const first = await world.afk("poll", "--json");
    await world.quiet();
    await world.settle();

    expect(decided(first)).toEqual(["1 hold blocked", "2 dispatch ready"]);
    expect(world.starts.map(({ issue }) => issue)).toEqual(["2", "1"]);
    expect([world.front(1), world.front(2)]).toEqual([
      "\nlabels: []\nblocked_by: [2]\nstate: closed\n",
      "\nlabels: []\nstate: closed\n",
    ]);
  });

  it("run in the order of their priority, and then of their number", async () => {
    const world = storyWorld();
    world.issue(1, "give up");
    world.issue(2, "give up", ["labels: [ready-for-agent]", "priority: 3"]);
    world.issue(3, "give up", ["labels: [ready-for-agent, 'priority:p0']"]);

    await world.settle();

    expect(world.starts.map(({ issue }) => issue)).toEqual(["3", "2", "1"]);
  });

  it("are held behind a frozen run until a person has dealt with it", async () => {
    const world = storyWorld({ AFK_FIX_FORWARD_MAX_ATTEMPTS: "0" });
    world.issue(1, "land red for ever");
    world.issue(2, "give up");
    await world.settle();

    const held = await world.afk("poll", "--json");
    world.edit(1, "[ready-for-human]", "[]");
    world.edit(1, "---\n#", "state: closed\n---\n#");
    mend(world);
    await world.settle();

    expect(decided(held)).toEqual(["2 hold base_red"]);
    expect(held.stdout).toContain("repo_frozen");
    expect(world.starts.map(({ issue }) => issue)).toEqual(["1", "2"]);
  });
});

describe("a repository without a remote", () => {
  it("gets the commit on its local branch, and the person's tree and index stay as they are", async () => {
    const world = storyWorld({}, { remote: false });
    world.issue(1, "land");
    world.write("shop/notes.txt", "not yet committed\n");
    world.write("shop/staged.txt", "staged\n");
    world.git(world.checkout, "add", "staged.txt");
    const before = mine(world);
    const head = world.git(world.checkout, "rev-parse", "main");

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
    expect(mine(world)).toEqual(before);
    expect(world.git(world.checkout, "rev-parse", "main^")).toBe(head);
    expect(world.git(world.checkout, "show", "main:feature-1.txt")).toBe("green\n");
    expect(existsSync(join(world.checkout, "feature-1.txt"))).toBe(false);
  });
});

function headOf(world: WholeWorld): string {
  return world.git(join(world.root, "shop.git"), "rev-parse", "main").trim();
}

function worktreeOf(world: WholeWorld): string {
  return join(world.checkout, ".afk", "runs", threadOf(world), "worktree");
}

/** Kills the agent's process as the system would, and lets afk's clock pass the time in which that may be a mistake. */
async function killAgent(world: WholeWorld, turn: number): Promise<void> {
  const status = (): { child: { pid: number } | null; phase: string } =>
    JSON.parse(turnFile(world, "status.json", turn));
  const { child } = await eventually(status, (seen) => seen.child !== null);
  process.kill(-(child?.pid ?? 0), "SIGKILL");
  await eventually(status, (seen) => seen.phase === "exited");
  world.skip(A_WHILE_SECONDS);
}

/** What a person would miss or notice: files, index, and what is checked out. */
function mine(world: WholeWorld): readonly string[] {
  return ["shop/notes.txt", "shop/staged.txt", "shop/.gitignore", "shop/.git/index", "shop/.git/HEAD"].map(
    (path) => world.read(path),
  );
}

/** A person lands a commit that makes the branch green again. */
function mend(world: WholeWorld): void {
  world.git(world.checkout, "pull", "--quiet", "origin", "main");
  world.write("shop/feature-1.txt", "green\n");
  world.git(world.checkout, "commit", "--quiet", "--all", "--message", "Mend");
  world.git(world.checkout, "push", "--quiet", "origin", "main");
}
