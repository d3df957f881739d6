// What became of carrying out one decision.
import type { Unknown } from "../core/observation.ts";

export interface ActResult {
  /** `skipped`: a fresh read showed that it is not needed or not right any more; that is no failure. */
  readonly result: "done" | "skipped";
  readonly reason: string;
  readonly message: string;
  /** Something on the way failed and everything that could be done without it was done. */
  readonly problem?: Unknown;
}

export function done(reason: string, message: string, problem?: Unknown): ActResult {
  return { result: "done", reason, message, ...(problem === undefined ? {} : { problem }) };
}

export function skipped(reason: string, message: string): ActResult {
  return { result: "skipped", reason, message };
}

/** Why a tick does nothing more about a run: see `CardWriter.write`. */
export const ENDED_MEANWHILE = "Another tick ended the run meanwhile; the next tick goes on from there.";
