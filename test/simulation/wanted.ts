// What a complete run of the simulation must have exercised at least once, and why some codes cannot occur on this path.
import { HOLD_REASONS, RUN_REASONS } from "../../src/core/reasons.ts";
import { FAULTS } from "./faults.ts";

export const ACTIONS = [
  "dispatch",
  "hold",
  "adopt",
  "abandon",
  "discard",
  "wait",
  "close_success",
  "escalate_prepush",
  "freeze_escalate",
  "fix_forward",
  "resume",
  "ask_human",
] as const;

export const ANTECEDENTS = "S1 S2 S3 S4 S5 S6 S8 S9 S10 S11 S12 S14 L1 L2 L3 L4 L5 L6".split(" ");

/** Reason codes that need something which this world does not have. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  not_allowlisted: "hold: only with --repo or --issue; the same code of abandon is counted",
  no_edit_history: "GitHub has an edit history",
  not_selected: "only with --repo or --issue",
  renamed: "no deed renames a repo",
  rate_limited: "no answer says that the hour is nearly used up",
  issue_gone: "no deed deletes an issue",
  budget_exhausted: "T3 reports no cost",
  ci_requested: "GitHub's checks start by themselves",
  ci_held: "no deed makes a check wait for an approval",
  finishing: "reported under the reason of the outcome or as finishing",
};

export function wantedReasons(): readonly string[] {
  const all = new Set([...Object.keys(HOLD_REASONS), ...Object.keys(RUN_REASONS)]);
  return [...all].filter((reason) => !Object.hasOwn(ELSEWHERE, reason));
}

/** Every place that was asked with every fault that means something there. */
export function wantedFaults(endpoints: readonly string[]): readonly string[] {
  return endpoints.flatMap((endpoint) =>
    FAULTS.filter((kind) => !["stale", "partial"].includes(kind) || /^github\.[A-Z]/.test(endpoint)).map(
      (kind) => `${endpoint} ${kind}`,
    ),
  );
}
