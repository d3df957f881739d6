// Issues that wait for each other.
import { expect, test } from "vitest";
import { blockerCycles } from "../../src/core/cycles.ts";
import type { Blocker } from "../../src/core/issue.ts";
import { issue } from "../support/world.ts";

function waiting(number: number, ...blockers: readonly (number | Blocker)[]) {
  return issue({
    number,
    blockers: blockers.map((blocker) =>
      typeof blocker === "number" ? { name: `acme/shop#${blocker}`, state: "open" } : blocker,
    ),
  });
}

test("issues that wait for each other are named, directly or around", () => {
  const found = blockerCycles([waiting(1, 2), waiting(2, 3, 9), waiting(3, 1), waiting(4, 1)]);

  expect(Object.fromEntries(found)).toEqual({
    "acme/shop#1": ["acme/shop#2"],
    "acme/shop#2": ["acme/shop#3"],
    "acme/shop#3": ["acme/shop#1"],
  });
});

test("an issue that waits for itself is a cycle", () => {
  expect([...blockerCycles([waiting(1, 1)]).keys()]).toEqual(["acme/shop#1"]);
});

test("a chain, a diamond, and a way back over a closed blocker are none", () => {
  const closed = { name: "acme/shop#1", state: "closed" } as const;

  expect(blockerCycles([waiting(1, 2, 3), waiting(2, 4), waiting(3, 4), waiting(4, closed)]).size).toBe(0);
});
