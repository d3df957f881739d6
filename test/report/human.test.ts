// What a person reads after a tick: on a terminal, in a pipe, and with --quiet.
import { expect, test } from "vitest";
import type { FailureKind, Gap } from "../../src/core/observation.ts";
import type { ReportedDecision, ReportedOutcome, TickReport } from "../../src/core/report.ts";
import { exitCode, noRequests } from "../../src/core/report.ts";
import { humanReport } from "../../src/report/human.ts";
import { tickDocument } from "../../src/report/json.ts";
import { NOW } from "../support/command-line.ts";

const PIPE = { stdout: { isTTY: false, columns: undefined }, quiet: false };

const HOLD: ReportedDecision = {
  repo: "acme/api",
  issue: 7,
  action: "hold",
  reason: "blocked",
  message: "Blocked by acme/api#3,\nwhich is open.",
  thread: null,
  url: "https://example.org/7",
};

const FAILED = {
  repo: "acme/api",
  issue: 8,
  action: "dispatch",
  result: "failed",
  reason: "ready",
  message: "The executor refused.",
  kind: "contract",
} as const satisfies ReportedOutcome;

function report(changes: Partial<TickReport> = {}): TickReport {
  const empty = { decisions: [], outcomes: [], gaps: [], requests: noRequests };
  return {
    ...empty,
    command: "poll",
    at: NOW,
    dryRun: false,
    disabled: null,
    interrupted: false,
    ...changes,
  };
}

test("in a pipe each decision is one line, and the last line sums up", () => {
  const text = humanReport(report({ decisions: [HOLD, { ...HOLD, issue: 8, action: "dispatch" }] }), PIPE);

  expect(text.split("\n")).toEqual([
    "acme/api#7 hold (blocked): Blocked by acme/api#3,\\nwhich is open.",
    "acme/api#8 dispatch (blocked): Blocked by acme/api#3,\\nwhich is open.",
    "poll: 1 hold, 1 dispatch, 0 requests.",
    "",
  ]);
});

test("on a terminal decisions are a table that no line of is wider than the terminal", () => {
  const long = { ...HOLD, message: `${"word ".repeat(40)}${"x".repeat(90)}` };

  for (const columns of [40, 80, 120]) {
    const text = humanReport(report({ decisions: [HOLD, long] }), {
      stdout: { isTTY: true, columns },
      quiet: false,
    });
    const lines = text.trimEnd().split("\n");

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(text.replaceAll(/\s+/g, "")).toContain("x".repeat(60));
  }
});

test("a wide terminal gets the columns under their names", () => {
  const text = humanReport(report({ decisions: [HOLD] }), {
    stdout: { isTTY: true, columns: 100 },
    quiet: false,
  });

  expect(text.split("\n").slice(0, 2)).toEqual([
    "ISSUE       ACTION  REASON   MESSAGE",
    "acme/api#7  hold    blocked  Blocked by acme/api#3,\\nwhich is open.",
  ]);
});

test("--quiet tells only what went wrong, and nothing when nothing did", () => {
  const gaps = [{ on: "executor", kind: "transport", message: "Away." }] as const;

  expect(humanReport(report({ decisions: [HOLD] }), { ...PIPE, quiet: true })).toBe("");
  expect(humanReport(report({ decisions: [HOLD], gaps, outcomes: [FAILED] }), { ...PIPE, quiet: true })).toBe(
    "failed: acme/api#8 dispatch (ready): The executor refused.\nunknown: executor (transport): Away.\n",
  );
});

test("a dry run and an early end are said in the summary", () => {
  const text = humanReport(report({ dryRun: true, interrupted: true }), PIPE);

  expect(text).toBe(
    "poll (dry run, nothing was changed): nothing to do, 0 requests. The tick had to end early; the next one goes on.\n",
  );
});

function gap(kind: FailureKind): Gap {
  return { on: "executor", kind, message: "" };
}

test("the exit code is the worst of gaps, failures and interruption", () => {
  expect(exitCode(report())).toBe(0);
  expect(exitCode(report({ interrupted: true }))).toBe(3);
  expect(exitCode(report({ interrupted: true, outcomes: [FAILED] }))).toBe(4);
  expect(exitCode(report({ gaps: [gap("transport"), gap("config")], outcomes: [FAILED] }))).toBe(2);
  expect(exitCode(report({ gaps: [gap("bug"), gap("config")] }))).toBe(1);
  expect(exitCode(report({ outcomes: [{ ...FAILED, result: "skipped" }] }))).toBe(0);
});

test("the document has every field of the contract and only adds to it", () => {
  const gates = [{ reason: "blocked", message: "…" }];

  const document: unknown = JSON.parse(
    tickDocument(report({ decisions: [{ ...HOLD, gates }], outcomes: [FAILED] })),
  );

  expect(document).toEqual({
    schema: 1,
    command: "poll",
    at: "2026-11-21T08:00:00.000Z",
    dryRun: false,
    decisions: [{ ...HOLD, gates }],
    outcomes: [FAILED],
    gaps: [],
    requests: noRequests,
  });
});
