// Runs to which neither label nor live thread leads: poll gives them their label or their last writes, and leaves all others alone.
import { describe, expect, test } from "vitest";
import { type Forgotten, decideForgotten } from "../../src/core/forgotten.ts";
import type { IssueDetail } from "../../src/core/issue.ts";
import { known, unknown } from "../../src/core/observation.ts";
import { RUN_REASONS } from "../../src/core/reasons.ts";
import type { WatchedIssue } from "../../src/core/watch.ts";
import {
  after,
  card,
  deepFrozen,
  facts,
  idAt,
  issue,
  placed,
  policy,
  reading,
  REPO,
  signer,
} from "../support/world.ts";

function decide(
  part: Partial<WatchedIssue> & { detailPart?: Partial<IssueDetail> } = {},
  rest: Partial<Forgotten> = {},
) {
  const { detailPart = {}, ...own } = part;
  const watched: WatchedIssue = {
    ref: { repo: REPO, number: 7 },
    now: after(600),
    detail: known(issue(detailPart)),
    card: reading(card()),
    live: [],
    thread: known(null),
    landed: unknown("transport", "not asked"),
    stages: [],
    facts,
    ...own,
  };
  const context = {
    policyOf: () => policy(),
    signer,
    executor: { kind: "process", id: "executor-1" },
    setup: { stageCount: 1, reportsCost: true },
  };
  return decideForgotten(deepFrozen({ issue: watched, abandoned: false, ...rest }), context);
}

const ended = card({ outcome: "handed_over", reason: "handed_over", stop: "confirmed" });
const rung = card({ ...ended, rang: ["needs-human"] });

describe("a run that goes on", () => {
  test("gets the label that a dead tick forgot, and its card stays as it is", () => {
    expect(decide()).toEqual({
      action: "adopt",
      reason: "adopted",
      repo: REPO,
      issue: 7,
      thread: idAt(),
      url: null,
      message: RUN_REASONS.adopted,
      record: null,
    });
  });

  test.each<[string, Parameters<typeof decide>]>([
    ["that has its label", [{ detailPart: { labels: ["ready-for-agent", "agent-in-progress"] } }]],
    ["that a person took over", [{}, { abandoned: true }]],
    ["that watch sees by its thread", [{ live: [placed()] }]],
    ["whose issue is closed", [{ detailPart: { open: false } }]],
    ["whose issue could not be read", [{ detail: unknown("transport", "No answer.") }]],
    ["whose issue is gone", [{ detail: known(null) }]],
    ["without a card", [{ card: { kind: "absent" } }]],
    ["whose card was not read", [{ card: null }]],
  ])("%s is left alone", (_, args) => {
    expect(decide(...args)).toBeNull();
  });
});

describe("a run that has ended", () => {
  test("is finished where the bell did not ring", () => {
    expect(decide({ card: reading(ended) })).toMatchObject({
      action: "wait",
      reason: "finishing",
      thread: idAt(),
    });
  });

  test("is finished where the ready label was left until the bell rang", () => {
    expect(decide({ card: reading(rung) })).toMatchObject({ reason: "finishing" });
  });

  test.each<[string, Parameters<typeof decide>]>([
    [
      "that watch sees by its label",
      [{ card: reading(ended), detailPart: { labels: ["ready-for-agent", "agent-in-progress"] } }],
    ],
    ["whose issue was armed again", [{ card: reading(card({ ...ended, armed: "arming-0" })) }]],
    ["whose ready label is gone", [{ card: reading(rung), detailPart: { labels: [], arming: null } }]],
  ])("%s is left alone", (_, args) => {
    expect(decide(...args)).toBeNull();
  });
});
