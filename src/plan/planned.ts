// What one command wants to do, before anything is done.
import type { Gap } from "../core/observation.ts";
import type { Decision } from "../core/plan.ts";

export interface Planned {
  readonly decisions: readonly Decision[];
  readonly gaps: readonly Gap[];
  /** Null: not known, or there was no run that needed it. */
  readonly executorId: string | null;
}
