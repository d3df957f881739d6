// Issues that wait for each other.
import { expect, test } from "vitest";
import { blockerCycles, circlesOf } from "../../src/core/cycles.ts";
import { type Blocker, type IssueDetail, issueName } from "../../src/core/issue.ts";
import { fc } from "../support/fast-check.ts";
import { blocker, issue } from "../support/world.ts";

function waiting(number: number, ...blockers: readonly (number | Blocker)[]) {
  return issue({
    number,
    blockers: blockers.map((one) => (typeof one === "number" ? blocker(`acme/shop#${one}`) : one)),
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
  expect([...blockerCycles([waiting(1, 1)])]).toEqual([["acme/shop#1", ["acme/shop#1"]]]);
});

test("a blocker is known by its name however it is written, and named as repos are compared", () => {
  const issues = [waiting(1, blocker("Acme/Shop#2")), waiting(2, 1)];

  expect(Object.fromEntries(blockerCycles(issues))).toEqual({
    "acme/shop#1": ["acme/shop#2"],
    "acme/shop#2": ["acme/shop#1"],
  });
});

test("a chain, a diamond, and a way back over a closed blocker are none", () => {
  const closed = blocker("acme/shop#1", "closed");

  expect(blockerCycles([waiting(1, 2, 3), waiting(2, 4), waiting(3, 4), waiting(4, closed)]).size).toBe(0);
});

/** What is meant, said without regard to its cost: every way is tried from every blocker. */
function cyclesByTrial(issues: readonly IssueDetail[]): Readonly<Record<string, readonly string[]>> {
  const blockers = new Map(issues.map((one) => [issueName(one), one.blockers.map(({ name }) => name)]));
  const leads = (from: string, to: string, tried: Set<string>): boolean =>
    from === to ||
    (!tried.has(from) && (blockers.get(from) ?? []).some((next) => leads(next, to, tried.add(from))));
  const found = [...blockers].map(
    ([name, own]) => [name, own.filter((other) => leads(other, name, new Set()))] as const,
  );
  return Object.fromEntries(found.filter(([, own]) => own.length > 0));
}

test("of any issues, just those blockers are named that lead back", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(numbers, { maxLength: 8 }), (lists) => {
      const issues = lists.map((blockers, index) => waiting(index + 1, ...blockers));

      expect(Object.fromEntries(blockerCycles(issues))).toEqual(cyclesByTrial(issues));
    }),
  );
});

/** How many ways are looked at in a circle of so many, which is one chain from wherever one starts. */
function looksAround(size: number): number {
  let looks = 0;
  function* counted(name: string): Generator<string> {
    looks += 1;
    yield name;
  }
  const ways = Array.from({ length: size }, (_, index) => {
    const next = `${(index + 1) % size}`;
    return [`${index}`, { [Symbol.iterator]: () => counted(next) }] as const;
  });

  expect(new Set(circlesOf(new Map(ways)).values()).size).toBe(1);
  return looks;
}

test("a long chain takes twice as many steps when it is twice as long, and no deeper stack", () => {
  expect(looksAround(100)).toBe(200);
  expect(looksAround(50_000)).toBe(100_000);
});
