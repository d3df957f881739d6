// Kills the command at every kind of write of every kind of tick, or at every single one (`npm run test:whole`): no issue is started twice, none is lost, no lane stays locked.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CRASH_SCENARIOS, crashProblems } from "../support/crash-scenarios.ts";
import { WRITES } from "../support/faulty-afk.ts";
import { tellingWrites } from "../support/telling-writes.ts";
import { WholeWorld } from "../support/whole-world.ts";

// Each has a world of its own, and most of its time it waits for processes: several at once.
describe.concurrent.each(CRASH_SCENARIOS)("killed during $name", (scenario) => {
  let world: WholeWorld;
  let restore: () => void;
  let writes = 0;
  let cuts: readonly number[] = [];

  beforeAll(async () => {
    world = new WholeWorld();
    scenario.titles.forEach((title, index) => world.issue(index + 1, title));
    await scenario.prepare(world);
    restore = world.snapshot();
    const clean = await world.faulty({ at: null, fault: "kill" }, scenario.command);
    writes = Number(WRITES.exec(clean.stderr)?.[1]);
    cuts = tellingWrites(clean.stderr);
    await world.quiet();
  });
  afterAll(() => world.remove());

  it("writes something that can be cut", () => {
    expect(cuts.length).toBeGreaterThan(3);
    expect(cuts.at(-1)).toBeLessThanOrEqual(writes);
  });

  it("ends as if nothing had happened, whichever write was the last", async () => {
    const shapes = new Set<string>();
    for (const at of cuts) {
      restore();

      const killed = await world.faulty({ at, fault: "kill" }, scenario.command);
      expect(killed.code, `write ${at} of ${writes}`).toBeNull();
      await world.quiet();
      // Kills between two writes that leave the same things behind have the same future.
      const shape = world.shape();
      if (shapes.has(shape)) continue;
      shapes.add(shape);
      await world.settle();

      expect(crashProblems(world, scenario), `killed before write ${at} of ${writes}`).toEqual([]);
    }
    expect(shapes.size).toBeGreaterThan(2);
  }, 300_000);
});
