// The exit code of a tick (DESIGN section 7): the worst of what went wrong.
import { describe, expect, test } from "vitest";
import {
  exitCode,
  exitCodeOf,
  noRequests,
  type ReportedOutcome,
  type TickReport,
} from "../../src/core/report.ts";
import type { FailureKind, Gap } from "../../src/core/observation.ts";
import { fc } from "../support/fast-check.ts";
import { NOON, REPO } from "../support/world.ts";

const WORST_FIRST: readonly (readonly [FailureKind, number])[] = [
  ["bug", 1],
  ["config", 2],
  ["contract", 4],
  ["transport", 3],
];

function report(part: Partial<TickReport> = {}): TickReport {
  return {
    command: "poll",
    at: NOON,
    dryRun: false,
    decisions: [],
    outcomes: [],
    gaps: [],
    requests: noRequests,
    disabled: null,
    interrupted: false,
    ...part,
  };
}

function outcome(part: Partial<ReportedOutcome> = {}): ReportedOutcome {
  return { repo: REPO, issue: 7, action: "wait", result: "failed", reason: "", message: "", ...part };
}

describe("the exit code", () => {
  test.each(WORST_FIRST)("of %s alone is %i", (kind, code) => {
    expect(exitCodeOf([kind])).toBe(code);
  });

  test("of several failures is the worst one's, in the order 1, 2, 4, 3, 0", () => {
    fc.assert(
      fc.property(fc.subarray([...WORST_FIRST]), (failures) => {
        const kinds = failures.map(([kind]) => kind).toReversed();

        expect(exitCodeOf(kinds)).toBe(failures[0]?.[1] ?? 0);
      }),
    );
  });

  test("of a tick in which nothing failed is 0, whatever was done, skipped or left alone", () => {
    const outcomes = [outcome({ result: "done" }), outcome({ result: "skipped", kind: "bug" })];

    expect(exitCode(report({ outcomes }))).toBe(0);
  });

  test("counts what could not be read", () => {
    const gap: Gap = { on: REPO, kind: "transport", message: "" };

    expect(exitCode(report({ gaps: [gap] }))).toBe(3);
  });

  test("counts a failed action by its kind, and one without a kind as a bug", () => {
    expect(exitCode(report({ outcomes: [outcome({ kind: "contract" })] }))).toBe(4);
    expect(exitCode(report({ outcomes: [outcome()] }))).toBe(1);
  });

  test("of a tick that had to end early is 3, unless something worse happened", () => {
    expect(exitCode(report({ interrupted: true }))).toBe(3);
    expect(exitCode(report({ interrupted: true, outcomes: [outcome({ kind: "config" })] }))).toBe(2);
  });
});

test("a tick that made no request counts none", () => {
  expect(noRequests).toEqual({ total: 0, tracker: 0, executor: 0, ci: 0, notifier: 0 });
});
