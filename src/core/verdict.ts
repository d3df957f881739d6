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
      /** `none`: no stage has seen the commit and none can be asked to, so there may be no CI at all. */
      readonly why: "running" | "request" | "held" | "none";
      readonly stage: string;
      readonly message: string;
      readonly stages: readonly string[];
    }
  | { readonly kind: "unknown"; readonly stage: string; readonly message: string };

/** Folds the stages in order: a failed stage is red and stops the folding, nothing yet is pending (DESIGN section 4). */
export function foldVerdict(readings: readonly StageReading[]): Verdict {
  const green: string[] = [];
  const messages: string[] = [];
  let unseenBy: string | null = null;
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
        if (verdict.value.canRequest)
          return {
            kind: "pending",
            why: "request",
            stage,
            message: `${stage} has not started yet`,
            stages: green,
          };
        unseenBy ??= stage;
    }
  }
  if (unseenBy === null && green.length > 0)
    return { kind: "green", message: messages.join("; "), stages: green };
  // Nothing was asked, or asked in vain: then nothing said that the commit is good.
  const stage = unseenBy ?? "CI";
  return {
    kind: "pending",
    why: green.length === 0 ? "none" : "running",
    stage,
    message: `${stage} has not seen the commit yet`,
    stages: green,
  };
}
