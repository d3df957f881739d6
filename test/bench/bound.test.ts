// The fewest requests of a tick, counted by hand from DESIGN section 9.
import { expect, it } from "vitest";
import { type Bound, fewestRequests } from "./bound.ts";
import type { Fleet } from "./fleet-options.ts";

const CASES: readonly (readonly ["poll" | "watch", Fleet, Bound])[] = [
  // A quiet tick: ceil(repos / 50) + 1.
  ["poll", { repos: 1, issues: 0, runs: "one" }, { lists: 1, details: 0, branches: 0, executor: 1 }],
  ["poll", { repos: 1000, issues: 0, runs: "one" }, { lists: 20, details: 0, branches: 0, executor: 1 }],
  // Ten repos have one issue each, and the others none.
  ["poll", { repos: 100, issues: 10, runs: "one" }, { lists: 2, details: 1, branches: 1, executor: 2 }],
  [
    "poll",
    { repos: 1000, issues: 10_000, runs: "one" },
    { lists: 20, details: 500, branches: 50, executor: 2 },
  ],
  // 100 issues are in the first list; the other 150 are two pages, and one issue is in progress.
  ["poll", { repos: 1, issues: 250, runs: "one" }, { lists: 3, details: 13, branches: 1, executor: 2 }],
  ["watch", { repos: 1, issues: 250, runs: "one" }, { lists: 3, details: 1, branches: 1, executor: 2 }],
  // The pages of both labels share their requests.
  ["watch", { repos: 1, issues: 250, runs: "all" }, { lists: 3, details: 13, branches: 1, executor: 2 }],
  // Six repos of 101: twelve lists have a second page, ten of which are one request.
  ["watch", { repos: 6, issues: 606, runs: "all" }, { lists: 3, details: 31, branches: 1, executor: 2 }],
];

it.each(CASES)("%s over %j", (command, fleet, bound) => {
  expect(fewestRequests(command, fleet)).toEqual(bound);
});
