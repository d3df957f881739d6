// Turns one question to an adapter into an observation: only here does a throw become "unknown" (DESIGN section 5).
import type { Gap, Observation } from "../core/observation.ts";
import { toUnknown } from "../errors.ts";

/** Asks; what is thrown becomes an unknown observation with its kind and sentence. */
export async function ask<T>(question: () => Promise<T>): Promise<Observation<T>> {
  try {
    return { known: true, value: await question() };
  } catch (error) {
    return toUnknown(error);
  }
}

/** An unknown observation as a gap of the report; nothing when it is known. */
export function gapOf(on: string, observation: Observation<unknown>): readonly Gap[] {
  return observation.known ? [] : [{ on, kind: observation.kind, message: observation.message }];
}
