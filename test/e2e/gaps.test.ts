// What cannot be read of a run is a gap of the report with its exit code, and the run waits.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { WholeWorld } from "../support/whole-world.ts";

async function started(): Promise<WholeWorld> {
  const world = new WholeWorld();
  onTestFinished(() => world.remove());
  world.issue(1, "give up");
  await world.afk("poll");
  await world.quiet();
  world.skip(400);
  return world;
}

it("says when the record of a turn is damaged: exit 4", async () => {
  const world = await started();
  const thread = String(world.card(1)?.["thread"]);
  writeFileSync(join(world.checkout, ".afk", "runs", thread, "turns", "1", "turn.json"), "not JSON");

  const watch = await world.afk("watch", "--json");

  expect(watch.code).toBe(4);
  expect(JSON.parse(watch.stdout)).toMatchObject({
    decisions: [{ action: "wait", reason: "executor_unknown" }],
    gaps: [{ on: "local/shop#1 thread", kind: "contract" }],
  });
});

it("says when the branch cannot be compared with where the run began: the run waits", async () => {
  const world = await started();
  world.git(world.checkout, "remote", "set-url", "origin", join(world.root, "moved-away.git"));

  const watch = await world.afk("watch", "--json");

  expect(watch.code).toBe(3);
  expect(JSON.parse(watch.stdout)).toMatchObject({
    decisions: [{ action: "wait", reason: "commits_unknown" }],
  });
  expect(watch.stdout).toContain("moved-away.git");
});
