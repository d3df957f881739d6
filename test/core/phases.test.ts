// The checklist that people see on the card.
import { expect, test } from "vitest";
import { checklist, type PhaseFacts } from "../../src/core/phases.ts";
import { card, SHA } from "../support/world.ts";

const green = { kind: "green", message: "", stages: ["build"] } as const;
const pending = { kind: "pending", why: "running", stage: "deploy", message: "", stages: ["build"] } as const;
const red = { kind: "red", stage: "build", failures: [] } as const;
const claimed = new Set(["tests-red", "green"]);

test.each<[string, Partial<PhaseFacts>, string]>([
  ["a run that has just begun", {}, "[x] worktree, [~] pushed, [ ] ci, [ ] done"],
  [
    "commits that claim the first test",
    { claimed: new Set(["tests-red"]) },
    "[x] worktree, [x] tests-red, [~] pushed, [ ] ci, [ ] done",
  ],
  [
    "commits that claim phases we do not know, or that are not theirs to claim",
    { claimed: new Set(["party", "done", "deployed"]) },
    "[x] worktree, [~] pushed, [ ] ci, [ ] done",
  ],
  ["a pushed commit", { card: card({ commit: SHA }) }, "[x] worktree, [x] pushed, [~] ci, [ ] done"],
  [
    "a red commit",
    { card: card({ commit: SHA }), verdict: red },
    "[x] worktree, [x] pushed, [~] ci, [ ] done",
  ],
  [
    "a commit that no stage has passed yet",
    { card: card({ commit: SHA }), verdict: { ...pending, stages: [] }, stageCount: 2 },
    "[x] worktree, [x] pushed, [~] ci, [ ] deployed, [ ] done",
  ],
  [
    "a commit that is built and not deployed",
    { card: card({ commit: SHA }), verdict: pending, stageCount: 2 },
    "[x] worktree, [x] pushed, [x] ci, [~] deployed, [ ] done",
  ],
  [
    "a green commit",
    { card: card({ commit: SHA }), verdict: green, stageCount: 2 },
    "[x] worktree, [x] pushed, [x] ci, [x] deployed, [~] done",
  ],
  [
    "success",
    { card: card({ commit: SHA, outcome: "close_success" }), claimed, stageCount: 2 },
    "[x] worktree, [x] tests-red, [x] green, [x] pushed, [x] ci, [x] deployed, [x] done",
  ],
  [
    "a run that ended without success: nothing is current any more",
    { card: card({ outcome: "escalate_prepush" }) },
    "[x] worktree, [ ] pushed, [ ] ci, [ ] done",
  ],
])("%s", (_, part, expected) => {
  const list = checklist({ card: card(), verdict: null, claimed: new Set(), stageCount: 1, ...part });

  expect(list).toEqual(expected.split(", ").map((line) => `- ${line}`));
});
