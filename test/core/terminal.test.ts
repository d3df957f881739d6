// The last writes of a run: each until it is done, none twice, and none against a person.
import { describe, expect, test } from "vitest";
import type { Card } from "../../src/core/card.ts";
import type { IssueDetail, IssueEvent } from "../../src/core/issue.ts";
import {
  bellKind,
  failedRings,
  mayRemoveInProgress,
  missingRing,
  missingTrackerSteps,
  rangAfter,
  type TrackerStep,
  waitsForRing,
} from "../../src/core/terminal.ts";
import { after, arming, card, issue, policy, SHA } from "../support/world.ts";

const limits = policy();
const WORKING = ["ready-for-agent", "agent-in-progress"];

function missing(of: Card, on: IssueDetail): readonly TrackerStep[] {
  return missingTrackerSteps(of, on, limits);
}

/** The issue after one step was made, as the tracker would show it. */
function made(step: TrackerStep, on: IssueDetail, at: number): IssueDetail {
  const event = (part: Omit<IssueEvent, "at">): readonly IssueEvent[] => [...on.events, { ...part, at }];
  const without = (label: string): readonly string[] => on.labels.filter((other) => other !== label);
  switch (step) {
    case "close":
      return { ...on, open: false, events: event({ kind: "closed" }) };
    case "reopen":
      return { ...on, open: true, events: event({ kind: "reopened" }) };
    case "add_human":
      return {
        ...on,
        labels: [...on.labels, limits.humanLabel],
        events: event({ kind: "labeled", label: limits.humanLabel }),
      };
    case "remove_ready":
      return {
        ...on,
        labels: without(limits.readyLabel),
        arming: null,
        events: event({ kind: "unlabeled", label: limits.readyLabel }),
      };
  }
}

const closedByCommit: IssueEvent = { kind: "closed", at: after(100), commit: SHA };

describe("a step that leads the next tick away", () => {
  test.each<[TrackerStep, boolean]>([
    ["close", true],
    ["remove_ready", true],
    ["reopen", false],
    ["add_human", false],
  ])("%s waits for the bell where the in-progress label is not there: %s", (step, waits) => {
    expect(waitsForRing(step, issue(), limits)).toBe(waits);
    expect(waitsForRing(step, issue({ labels: WORKING }), limits)).toBe(false);
  });
});

function permutations<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length === 0) return [[]];
  return all.flatMap((one, index) => permutations(all.toSpliced(index, 1)).map((rest) => [one, ...rest]));
}

describe("what is missing on the tracker", () => {
  test.each<[string, Partial<Card>, Partial<IssueDetail>, readonly TrackerStep[]]>([
    ["nothing while the run has no outcome", {}, {}, []],
    ["close after success", { outcome: "close_success" }, {}, ["close", "remove_ready"]],
    [
      "nothing but the label when the commit closed it",
      { outcome: "close_success" },
      { open: false, events: [closedByCommit] },
      ["remove_ready"],
    ],
    ["the human label before a push", { outcome: "escalate_prepush" }, {}, ["add_human", "remove_ready"]],
    [
      "reopen what a commit closed and was not good",
      { outcome: "freeze_escalate" },
      { open: false, events: [closedByCommit] },
      ["reopen", "add_human", "remove_ready"],
    ],
    [
      "not reopen what a person closed",
      { outcome: "freeze_escalate" },
      { open: false, events: [{ kind: "closed", at: after(100) }] },
      ["add_human", "remove_ready"],
    ],
    [
      "the human label, though somebody removed one during the run",
      { outcome: "freeze_escalate" },
      { events: [{ kind: "unlabeled", label: "ready-for-human", at: after(100) }] },
      ["add_human", "remove_ready"],
    ],
    [
      "the human label, though another label was added during the run",
      { outcome: "freeze_escalate" },
      { events: [{ kind: "labeled", label: "bug", at: after(100) }] },
      ["add_human", "remove_ready"],
    ],
    ["only the ready label for a person who took over", { outcome: "handed_over" }, {}, ["remove_ready"]],
    [
      "a close that somebody made before the run",
      { outcome: "close_success" },
      { events: [{ kind: "closed", at: after(0) }] },
      ["close", "remove_ready"],
    ],
    [
      "not reopen what a commit closed before the run",
      { outcome: "freeze_escalate" },
      { open: false, events: [{ ...closedByCommit, at: after(0) }] },
      ["add_human", "remove_ready"],
    ],
    [
      "not reopen what nobody is known to have closed",
      { outcome: "freeze_escalate" },
      { open: false },
      ["add_human", "remove_ready"],
    ],
    [
      "not a ready label that nobody is known to have applied",
      { outcome: "handed_over" },
      { arming: null },
      [],
    ],
    ["only the ready label when the issue is gone", { outcome: "issue_gone" }, {}, ["remove_ready"]],
    ["nothing of a ready label that is gone", { outcome: "handed_over" }, { labels: [], arming: null }, []],
    [
      "not a ready label that was applied again",
      { outcome: "close_success" },
      { arming: arming({ id: "arming-2" }) },
      ["close"],
    ],
  ])("%s", (_, of, on, steps) => {
    expect(missing(card(of), issue({ labels: WORKING, ...on }))).toEqual(steps);
  });

  const endings = (["close_success", "escalate_prepush", "freeze_escalate", "handed_over"] as const).flatMap(
    (outcome) => [
      { outcome, start: issue({ labels: WORKING }) },
      { outcome, start: issue({ labels: WORKING, open: false, events: [closedByCommit] }) },
    ],
  );

  test.each(endings)(
    "after $outcome is nothing once it was made, in whatever order",
    ({ outcome, start }) => {
      const ended = card({ outcome });
      const steps = missing(ended, start);

      for (const order of permutations(steps)) {
        let at = 1000;
        let now = start;
        for (const step of order) now = made(step, now, after((at += 1)));
        expect(missing(ended, now)).toEqual([]);
      }
    },
  );

  test.each(endings)("after $outcome is the rest when a tick died in between", ({ outcome, start }) => {
    const ended = card({ outcome });
    const steps = missing(ended, start);

    for (const [index, step] of steps.entries())
      expect(missing(ended, made(step, start, after(1000)))).toEqual(steps.toSpliced(index, 1));
  });
});

describe("what a person undid is not done again", () => {
  test("a person opened the issue again after success", () => {
    const events: IssueEvent[] = [
      { kind: "closed", at: after(1000) },
      { kind: "reopened", at: after(2000) },
    ];

    expect(missing(card({ outcome: "close_success" }), issue({ labels: [], arming: null, events }))).toEqual(
      [],
    );
  });

  test("a person removed the human label", () => {
    const events: IssueEvent[] = [
      { kind: "labeled", label: "ready-for-human", at: after(1000) },
      { kind: "unlabeled", label: "ready-for-human", at: after(2000) },
    ];

    expect(
      missing(card({ outcome: "freeze_escalate" }), issue({ labels: [], arming: null, events })),
    ).toEqual([]);
  });

  test("a person closed what was opened again", () => {
    const events: IssueEvent[] = [
      closedByCommit,
      { kind: "reopened", at: after(200) },
      { kind: "closed", at: after(300), commit: SHA },
    ];
    const closed = issue({ labels: ["ready-for-human"], arming: null, open: false, events });

    expect(missing(card({ outcome: "freeze_escalate" }), closed)).toEqual([]);
  });

  test("but what happened before the dispatch was another run's", () => {
    const events: IssueEvent[] = [
      { kind: "labeled", label: "ready-for-human", at: after(-200) },
      { kind: "closed", at: after(-150) },
    ];

    expect(missing(card({ outcome: "freeze_escalate" }), issue({ events }))).toContain("add_human");
    expect(missing(card({ outcome: "close_success" }), issue({ events }))).toContain("close");
  });
});

describe("the bell of an ended run", () => {
  test.each([
    ["close_success", "verified", "done"],
    ["freeze_escalate", "ci_timeout", "frozen"],
    ["freeze_escalate", "halted", "needs-human"],
    ["escalate_prepush", "nothing_pushed", "needs-human"],
    ["handed_over", "handed_over", "needs-human"],
    ["issue_gone", "issue_gone", "needs-human"],
    [null, null, null],
  ] as const)("%s because of %s is %s", (outcome, reason, kind) => {
    const ended = card({ outcome, reason });

    expect(bellKind(ended)).toBe(kind);
    expect(missingRing(ended)).toBe(kind);
  });

  test("rings once", () => {
    const ended = card({ outcome: "close_success", rang: ["waiting"] });
    const rung = card({ ...ended, rang: rangAfter(ended, "done", true) });

    expect(rung.rang).toEqual(["waiting", "done"]);
    expect(missingRing(rung)).toBeNull();
  });

  test("is tried in three ticks and then given up", () => {
    let ended = card({ outcome: "close_success" });
    const tries: (string | null)[] = [];

    for (let tick = 0; tick < 4; tick += 1) {
      tries.push(missingRing(ended));
      ended = { ...ended, rang: rangAfter(ended, "done", false) };
    }

    expect(tries).toEqual(["done", "done", "done", null]);
  });

  test("that rang after a failure leaves no count behind", () => {
    const once = card({ outcome: "close_success", rang: ["done:failed:1"] });

    expect(rangAfter(once, "done", true)).toEqual(["done"]);
  });

  test("counts the failures of its own kind, the highest of two cards", () => {
    const both = card({ rang: ["done:failed:1", "waiting:failed:3", "done:failed:2"] });

    expect(failedRings(both, "done")).toBe(2);
    expect(failedRings(both, "frozen")).toBe(0);
    expect(rangAfter(both, "done", false)).toEqual(["waiting:failed:3", "done:failed:3"]);
  });
});

test.each([
  ["confirmed", true],
  ["unsupported", true],
  ["unconfirmed", false],
] as const)("the in-progress label goes last: a stop that is %s lets it go: %s", (stop, expected) => {
  const ended = card({ outcome: "freeze_escalate", stop });

  expect(mayRemoveInProgress(ended, issue({ labels: WORKING }), limits)).toBe(expected);
  expect(mayRemoveInProgress(ended, issue({ labels: [] }), limits)).toBe(false);
});
