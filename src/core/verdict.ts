// What CI and the rollout say about one commit, and how the stages fold into one verdict.
import type { Observation } from "./observation.ts";

export interface Failure {
  readonly name: string;
  readonly url: string | null;
  /** The last lines of its output; empty when they cannot be had. */
  readonly log: string;
}

/** One stage's word on one commit. */
export type StageVerdict =
  /** Nothing has started for this commit. `canRequest`: we may start it ourselves. */
  | { readonly kind: "none"; readonly canRequest: boolean }
  | { readonly kind: "pending"; readonly message: string }
  /** A person must approve the job. */
  | { readonly kind: "held"; readonly message: string; readonly url: string | null }
  | { readonly kind: "green"; readonly message: string; readonly url: string | null }
  | { readonly kind: "red"; readonly failures: readonly Failure[] };

/** The words of the stages that were asked, in fold order; reading stops at the first that is not green. */
export interface StageReading {
  readonly stage: string;
  readonly verdict: Observation<StageVerdict>;
}

/** All stages together. `green` names the stages that said so. */
export type Verdict =
  | { readonly kind: "green"; readonly message: string; readonly stages: readonly string[] }
  | { readonly kind: "red"; readonly stage: string; readonly failures: readonly Failure[] }
  | {
      readonly kind: "pending";
      /** `none`: no stage has seen the commit and none can be asked to. */
      readonly why: "running" | "request" | "held" | "none";
      readonly stage: string;
      readonly message: string;
      readonly stages: readonly string[];
    }
  | { readonly kind: "unknown"; readonly stage: string; readonly message: string };

/** Folds the stages in order: a failed stage is red and stops the folding, nothing yet is pending (DESIGN section 4). */
export function foldVerdict(readings: readonly StageReading[]): Verdict {
  // Nothing was asked, so nothing said that the commit is good.
  if (readings.length === 0) return noneYet("CI", false, []);
  const green: string[] = [];
  const messages: string[] = [];
  for (const { stage, verdict } of readings) {
    if (!verdict.known) return { kind: "unknown", stage, message: verdict.message };
    switch (verdict.value.kind) {
      case "green":
        green.push(stage);
        messages.push(verdict.value.message);
        break;
      case "red":
        return { kind: "red", stage, failures: verdict.value.failures };
      case "pending":
        return { kind: "pending", why: "running", stage, message: verdict.value.message, stages: green };
      case "held":
        return { kind: "pending", why: "held", stage, message: verdict.value.message, stages: green };
      case "none":
        return noneYet(stage, verdict.value.canRequest, green);
    }
  }
  return { kind: "green", message: messages.join("; "), stages: green };
}

function noneYet(stage: string, canRequest: boolean, green: readonly string[]): Verdict {
  if (canRequest)
    return { kind: "pending", why: "request", stage, message: `${stage} has not started yet`, stages: green };
  const why = green.length === 0 ? "none" : "running";
  return { kind: "pending", why, stage, message: `${stage} has not seen the commit yet`, stages: green };
}
