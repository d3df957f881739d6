// A full or read-only disk at every kind of write, or at every single one (`npm run test:whole`): a sentence with path and remedy, nothing lost, and a world that goes on.
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asAnybody } from "../support/anybody.ts";
import { INJECTED, WRITES } from "../support/faulty-afk.ts";
import type { Ran } from "../support/small-process.ts";
import { tellingWrites } from "../support/telling-writes.ts";
import { WholeWorld } from "../support/whole-world.ts";

interface Scenario {
  readonly name: string;
  readonly command: "poll" | "watch";
  readonly title: string;
  /** Brings the world to the moment just before the tick that fails. */
  readonly prepare: (world: WholeWorld) => Promise<void>;
  /** The issue's front matter and its card's outcome when all is over. */
  readonly ending: readonly [front: string, outcome: string];
}

async function verified(world: WholeWorld): Promise<void> {
  await world.afk("poll");
  await world.quiet();
  world.skip(400);
  await world.afk("watch");
  await world.quiet();
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "a dispatch",
    command: "poll",
    title: "give up",
    prepare: async () => undefined,
    ending: ["\nlabels: [ready-for-human]\n", "escalate_prepush"],
  },
  {
    name: "a close",
    command: "watch",
    title: "land",
    prepare: verified,
    ending: ["\nlabels: []\nstate: closed\n", "close_success"],
  },
];

const REMEDIES = {
  ENOSPC: "the disk is full, so make room",
  EROFS: "the file system is read-only, so mount it for writing",
} as const;

describe.each(SCENARIOS)("a disk that cannot be written at $name", ({ command, title, prepare, ending }) => {
  let world: WholeWorld;
  let restore: () => void;
  let writes = 0;
  let cuts: readonly number[] = [];

  beforeAll(async () => {
    world = new WholeWorld();
    world.issue(1, title);
    await prepare(world);
    restore = world.snapshot();
    const clean = await world.faulty({ at: null, fault: "ENOSPC" }, command);
    writes = Number(WRITES.exec(clean.stderr)?.[1]);
    cuts = tellingWrites(clean.stderr);
    await world.quiet();
  }, 60_000);
  afterAll(() => world.remove());

  it("is told with path and remedy, and forgotten once it is mended, at whichever write it begins", async () => {
    expect(cuts.length).toBeGreaterThan(3);
    expect(cuts.at(-1)).toBeLessThanOrEqual(writes);
    const shapes = new Set<string>();
    for (const [index, at] of cuts.entries()) {
      restore();
      const fault = index % 2 === 0 ? "EROFS" : "ENOSPC";
      const what = `${fault} from write ${at} of ${writes}`;

      const failed = await world.faulty({ at, fault }, command);
      const text = world.read("shop/.afk/issues/1.md");
      await world.quiet();
      expectTold(failed, world.root, REMEDIES[fault], what);
      expect(text, what).toMatch(/^---\nlabels: .*\n(state: closed\n)?---\n# [a-z ]+\n\nPlease\.\n$/);

      // What leaves the same things behind has the same future.
      const shape = world.shape();
      if (shapes.has(shape)) continue;
      shapes.add(shape);
      await world.settle();

      expect(
        world.starts.map(({ issue, turn }) => `${issue} ${turn}`),
        what,
      ).toEqual(["1 1"]);
      expect([world.front(1), world.card(1)?.["outcome"]], what).toEqual(ending);
      expect(readdirSync(join(world.checkout, ".afk", "issues")).toSorted(), what).toEqual(["1", "1.md"]);
    }
    expect(shapes.size).toBeGreaterThan(1);
  }, 300_000);
});

function expectTold(failed: Ran, root: string, remedy: string, what: string): void {
  const injected = Number(INJECTED.exec(failed.stderr)?.[1]);
  const told = `${failed.stdout}${failed.stderr}`;
  // Behind the last write that matters there is nothing that could fail.
  expect(failed.code, `${what}:\n${told}`).toBe(injected === 0 ? 0 : 2);
  expect(told, what).not.toMatch(/afk has a bug|^ +at /m);
  if (injected > 0)
    expect(told, what).toMatch(new RegExp(`Cannot \\w[\\w ]* ${root}/\\S+ \\(\\w+\\): ${remedy}\\.`));
}

describe("a directory without the right to write", () => {
  it.each(["shop/.afk/issues", "shop/.afk"])(
    "is told with path and remedy, and changes nothing: %s",
    async (directory) => {
      const world = new WholeWorld();
      try {
        world.issue(1, "give up");
        const afk = asAnybody(world);
        chmodSync(join(world.root, directory), 0o555);

        const failed = await afk("poll");
        await world.quiet();
        const front = world.front(1);
        chmodSync(join(world.root, directory), 0o755);
        const mended = await afk("poll");
        await world.quiet();

        expect(failed.code, failed.stdout).toBe(2);
        expect(failed.stdout).toMatch(
          new RegExp(
            `Cannot \\w+ ${world.root}/${directory}/\\S+ \\(EACCES\\): give the user that runs afk the right to it`,
          ),
        );
        expect(front).toBe("\nlabels: [ready-for-agent]\n");
        expect(mended.code, mended.stdout).toBe(0);
        expect(world.starts).toHaveLength(1);
        expect(world.card(1)?.["outcome"]).toBeNull();
      } finally {
        world.remove();
      }
    },
  );
});
