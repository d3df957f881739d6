// What a complete run of the simulation must have exercised at least once, and why some codes cannot occur on this path.
import { HOLD_REASONS, RUN_REASONS } from "../../src/core/reasons.ts";
import { type FaultKind, FAULTS, fits } from "./faults.ts";

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
  no_edit_history: "GitHub has an edit history",
  not_selected: "only with --repo or --issue",
  budget_exhausted: "T3 reports no cost",
  ci_requested: "GitHub's checks start by themselves",
};

export function wantedReasons(): readonly string[] {
  const all = new Set([...Object.keys(HOLD_REASONS), ...Object.keys(RUN_REASONS)]);
  return [...all].filter((reason) => !Object.hasOwn(ELSEWHERE, reason));
}

/** Every place that afk can ask in this world. */
export const ENDPOINTS = [
  "bell.ring",
  ...["List", "ListPage", "Details", "Timeline", "Comments", "Edits", "States", "Commits", "History"].map(
    (name) => `github.${name}`,
  ),
  ...["Contexts", "Output", "add_comment", "edit_comment", "add_label", "remove_label"].map(
    (name) => `github.${name}`,
  ),
  ...["labels", "permission", "state", "delete_comment"].map((name) => `github.${name}`),
  ...["environment", "shell", "snapshot", "thread", "project.create"].map((name) => `t3.${name}`),
  ...["create", "turn.start", "turn.interrupt", "session.stop", "settle", "archive", "delete"].map(
    (name) => `t3.thread.${name}`,
  ),
] as const;

/** Every one of them with every fault that means something there. */
export function wantedPairs(): readonly (readonly [endpoint: string, kind: FaultKind])[] {
  return ENDPOINTS.flatMap((endpoint) =>
    FAULTS.filter((kind) => fits(kind, { endpoint })).map((kind) => [endpoint, kind] as const),
  );
}

export function wantedFaults(): readonly string[] {
  return wantedPairs().map((pair) => pair.join(" "));
}
