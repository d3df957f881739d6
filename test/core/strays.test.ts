// Live threads of ours that are nobody's run: empty ones, doubles, and those of repos that left the allowlist.
import { describe, expect, test } from "vitest";
import { RUN_REASONS } from "../../src/core/reasons.ts";
import { abandonedThread, decideOrphan, duplicate } from "../../src/core/strays.ts";
import { after, idAt, placed, placeOf, policy, REPO, thread } from "../support/world.ts";

const limits = policy({ tickMaxSeconds: 90 });
const url = "https://executor.example/threads/1";
const common = { repo: REPO, issue: null, thread: idAt(), url };

function orphan(hasMessage: boolean) {
  return { thread: thread({ hasMessage }), place: placeOf(), run: null };
}

describe("a thread whose issue nobody could name", () => {
  test("is removed once it is empty and older than two ticks", () => {
    expect(decideOrphan(orphan(false), after(181), limits)).toEqual({
      ...common,
      action: "discard",
      reason: "empty_thread",
      message: RUN_REASONS.empty_thread,
    });
  });

  test.each([0, 180])("is left alone while it is empty and %i s old", (seconds) => {
    expect(decideOrphan(orphan(false), after(seconds), limits)).toEqual({
      ...common,
      action: "hold",
      reason: "starting",
      message: RUN_REASONS.starting,
      gates: [],
    });
  });

  test("is kept for a person when it has a message, however old it is", () => {
    expect(decideOrphan(orphan(true), after(1e6), limits)).toEqual({
      ...common,
      action: "hold",
      reason: "card_unreadable",
      message:
        "The thread's first message could not be read or is not one that afk signed: check AFK_STATE_KEY, or stop the thread.",
      gates: [],
    });
  });
});

describe("a thread to be stopped", () => {
  test("because its repo left the allowlist is named with its issue, if that is known", () => {
    const decision = { ...common, action: "abandon", reason: "not_allowlisted" };
    const message = RUN_REASONS.not_allowlisted;

    expect(abandonedThread(placed({ thread: thread() }))).toEqual({ ...decision, issue: 7, message });
    expect(abandonedThread(orphan(true))).toEqual({ ...decision, message });
  });

  test("because it is a second one of its issue says so", () => {
    expect(duplicate(placed({ thread: thread() }))).toEqual({
      ...common,
      issue: 7,
      action: "abandon",
      reason: "duplicate",
      message: RUN_REASONS.duplicate,
    });
  });
});
