// The reason codes: the gates and rows of DESIGN each have one, and each says in a sentence what to do about it.
import { describe, expect, test } from "vitest";
import { HOLD_REASONS, RUN_REASONS } from "../../src/core/reasons.ts";

/** DESIGN section 3, the gates in their order (the switches, which need no issue, left out). */
const GATES =
  "not_allowlisted not_ready in_progress already_ran with_human card_unreadable untrusted_label untrusted_label_self " +
  "edited_after_label no_edit_history blocked blocker_unreadable open_sub_issues base_red repo_frozen " +
  "repo_busy fleet_full tick_full executor_unknown renamed";

/** What DESIGN section 4 names. */
const RUNS = "handed_over issue_gone halted card_missing";

describe.each([
  ["holding an issue", HOLD_REASONS, GATES],
  ["a run", RUN_REASONS, RUNS],
] as const)("the reasons of %s", (_, reasons, named) => {
  test("hold every code of DESIGN", () => {
    expect(Object.keys(reasons)).toEqual(expect.arrayContaining(named.split(" ")));
  });

  test.each(Object.entries(reasons))("%s is explained in whole sentences of one line", (_code, text) => {
    expect(text).toMatch(/^(?:[A-Z]|--)[^\n]{10,}\.$/);
  });
});
