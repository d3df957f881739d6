// The bounded part of the simulation: every cut of every scenario, some overlaps, a short swarm, and all cases ever found.
import { beforeAll, describe, expect, it } from "vitest";
import { readCases } from "./cases.ts";
import { createCoverage, type Coverage } from "./coverage.ts";
import { historyOf } from "./swarm.ts";
import { ACTIONS, ANTECEDENTS } from "./wanted.ts";
import { inWorkers, type Report } from "./workers.ts";

// In processes of their own: the trap takes the clock away from everything, also from the test runner.
const TIMEOUT = 60_000;

function failures(reports: readonly Report[]): readonly string[] {
  return reports
    .flatMap(({ findings }) => findings)
    .map(({ name, invariant, message }) => `${invariant} (${name}): ${message}`);
}

describe("the simulation", () => {
  let exhaustive: readonly Report[];
  let swarm: readonly Report[];
  let cases: readonly Report[];
  let facts: readonly Report[];
  beforeAll(async () => {
    const bounded = ["exhaustive", "--bounded", "--stride", "47", "--worker"];
    const [first, second, third, fourth, fifth] = await inWorkers([
      [...bounded, "0/2"],
      [...bounded, "1/2"],
      ["swarm", "--ticks", "600", "--seed", "1", "--worker", "0/1"],
      ["cases", "--worker", "0/1"],
      ["facts", "--worker", "0/1"],
    ]);
    exhaustive = [first, second].filter((report) => report !== undefined);
    swarm = [third].filter((report) => report !== undefined);
    cases = [fourth].filter((report) => report !== undefined);
    facts = [fifth].filter((report) => report !== undefined);
  }, TIMEOUT);

  it("finds no violation when ticks are cut and overlap", () => {
    expect(failures(exhaustive)).toEqual([]);
  });

  it("finds no violation in a short swarm", () => {
    expect(failures(swarm)).toEqual([]);
  });

  it("finds no plan that gets bolder when a read fails", () => {
    expect(failures(facts)).toEqual([]);
    expect(facts.reduce((all, { ticks }) => all + ticks, 0)).toBeGreaterThan(1000);
  });

  it("finds nothing in the cases that were found before", () => {
    expect(failures(cases)).toEqual([]);
    expect(cases.reduce((all, { played }) => all + played, 0)).toBe(readCases().length);
  });

  it("exercises every action and gives every promise its chance to break", () => {
    const coverage: Coverage = createCoverage();
    for (const report of [...exhaustive, ...swarm]) coverage.merge(report.coverage);

    expect(coverage.missing("action", ACTIONS)).toEqual([]);
    expect(coverage.missing("antecedent", ANTECEDENTS)).toEqual([]);
  });

  it("makes the same history of the same seed", () => {
    expect(historyOf(7, 20)).toEqual(historyOf(7, 20));
    expect(historyOf(7, 20)).not.toEqual(historyOf(8, 20));
  });
});
