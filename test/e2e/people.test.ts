// People and switches beside the loop: what a person changes wins and stays, and what an operator sets holds at once.
import { describe, expect, it } from "vitest";
import { eventually } from "../support/machine.ts";
import {
  A_WHILE_SECONDS,
  decided,
  processesOf,
  reportOf,
  started,
  storyWorld,
  turnFile,
  verified,
} from "../support/stories.ts";
import type { WholeWorld } from "../support/whole-world.ts";

interface Point {
  readonly point: string;
  readonly title: string;
  readonly reach: (world: WholeWorld) => Promise<void>;
}

const POINTS: readonly Point[] = [
  { point: "while the agent works", title: "hang", reach: (world) => started(world) },
  { point: "before CI is asked", title: "land", reach: (world) => started(world) },
  { point: "when the commit is red", title: "land red", reach: (world) => verified(world) },
  { point: "when the commit is green", title: "land", reach: (world) => verified(world) },
];

interface Change {
  readonly change: string;
  readonly make: (world: WholeWorld) => void;
  /** The front matter that stays: afk takes away only what it put there, and the ready label of this arming. */
  readonly stays: string;
}

const LABELS = "[ready-for-agent, agent-in-progress]";

const CHANGES: readonly Change[] = [
  {
    change: "removes the in-progress label",
    make: (world) => world.edit(1, LABELS, "[ready-for-agent, mine]"),
    stays: "\nlabels: [mine]\n",
  },
  {
    change: "adds the human label",
    make: (world) => world.edit(1, LABELS, "[ready-for-agent, agent-in-progress, ready-for-human]"),
    stays: "\nlabels: [ready-for-human]\n",
  },
  {
    change: "closes the issue",
    make: (world) => world.edit(1, `labels: ${LABELS}`, `labels: ${LABELS}\nstate: closed`),
    stays: "\nlabels: []\nstate: closed\n",
  },
];

describe.each(POINTS)("a person who steps in $point", ({ title, reach }) => {
  it.each(CHANGES)(
    "and $change keeps the issue: the agent is stopped, nothing is put back",
    async ({ make, stays }) => {
      const world = storyWorld();
      world.issue(1, title);
      await reach(world);
      const turns = world.starts.length;
      make(world);

      const watched = await world.afk("watch", "--json");
      await world.settle();

      expect(watched.code, watched.stdout).toBe(0);
      expect(await processesOf(world)).toEqual([]);
      expect(world.card(1)).toMatchObject({
        outcome: "handed_over",
        reason: "handed_over",
        stop: "confirmed",
      });
      expect(world.front(1)).toBe(stays);
      expect(world.starts).toHaveLength(turns);
    },
  );
});

describe("a person who applies the ready label", () => {
  it("again after a run gets a new run", async () => {
    const world = storyWorld();
    world.issue(1, "give up");
    await world.settle();
    const first = world.card(1);

    world.edit(1, "ready-for-human", "ready-for-agent");
    await world.settle();

    expect(world.starts).toHaveLength(2);
    expect(world.card(1)?.["thread"]).not.toBe(first?.["thread"]);
    expect(world.card(1)).toMatchObject({ slot: 2, outcome: "escalate_prepush" });
    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
  });

  it("and takes a run back while it is there gets no second one for the same arming", async () => {
    const world = storyWorld();
    world.issue(1, "give up");
    await started(world);
    world.skip(A_WHILE_SECONDS);
    // A tick that dies right after it wrote the outcome leaves the ready label of the ended run where it was.
    const restore = world.snapshot();
    for (let at = 1; world.card(1)?.["outcome"] == null; at += 1) {
      restore();
      await world.faulty({ at, fault: "kill" }, "watch");
    }
    const left = world.front(1);
    world.edit(1, ", agent-in-progress", "");

    const polled = await world.afk("poll", "--json");
    await world.settle();

    expect(left).toContain(LABELS);
    expect(decided(polled)).toEqual(["1 hold in_progress"]);
    expect(reportOf(polled).decisions[0]?.gates?.map(({ reason }) => reason)).toContain("already_ran");
    expect(polled.stdout).toContain("remove the label and apply it again");
    expect(world.starts).toHaveLength(1);
    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
  });
});

describe("the switches", () => {
  it("AFK_HALT stops every run and hands it over, and nothing new starts", async () => {
    const world = storyWorld({ AFK_MAX_PER_REPO: "2" });
    world.issue(1, "hang");
    world.issue(2, "land");
    world.issue(3, "give up");
    await started(world, 1);
    await eventually(
      () => turnFile(world, "status.json", 1, 2),
      (status) => status.includes('"phase":"exited"'),
    );
    world.environment = { ...world.environment, AFK_HALT: "true" };
    world.skip(A_WHILE_SECONDS);

    const polled = await world.afk("poll");
    const watched = await world.afk("watch", "--json");

    expect([polled.code, polled.stdout]).toEqual([0, expect.stringContaining("AFK_HALT is on")]);
    expect(watched.code, watched.stdout).toBe(0);
    expect(await processesOf(world, 1)).toEqual([]);
    expect(world.card(1)).toMatchObject({ outcome: "escalate_prepush", reason: "halted" });
    expect(world.card(2)).toMatchObject({ outcome: "freeze_escalate", reason: "halted" });
    expect([1, 2, 3].map((number) => world.front(number))).toEqual([
      "\nlabels: [ready-for-human]\n",
      "\nlabels: [ready-for-human]\n",
      "\nlabels: [ready-for-agent]\n",
    ]);
    expect(world.starts).toHaveLength(2);
  });

  it("AFK_KILL_SWITCH keeps poll from starting anything, while watch finishes what there is", async () => {
    const world = storyWorld();
    world.issue(1, "land");
    await started(world);
    world.issue(2, "land");
    world.environment = { AFK_KILL_SWITCH: "true" };
    const before = world.fingerprint();

    const polled = await world.afk("poll");
    const afterPoll = world.fingerprint();
    for (let round = 0; round < 3; round += 1) {
      world.skip(A_WHILE_SECONDS);
      await world.afk("watch");
      await world.afk("poll");
      await world.quiet();
    }

    expect([polled.code, polled.stdout]).toEqual([0, expect.stringContaining("AFK_KILL_SWITCH is on")]);
    expect(afterPoll).toBe(before);
    expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
    expect(world.front(2)).toBe("\nlabels: [ready-for-agent]\n");
    expect(world.starts.map(({ issue }) => issue)).toEqual(["1"]);
  });
});
