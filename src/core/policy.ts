// The limits and names that decisions obey: the part of the configuration that the core may see.
import type { Permission } from "./issue.ts";

/** Per repo: the global values with the repo's own on top. Seconds, dollars and counts (DESIGN section 6). */
export interface Policy {
  readonly readyLabel: string;
  readonly inProgressLabel: string;
  readonly humanLabel: string;
  readonly halted: boolean;
  readonly trustedPermission: Permission;
  /** Logins in lower case; a bot as `name[bot]`. */
  readonly trustedActors: readonly string[];
  readonly agentActors: readonly string[];
  readonly maxPerRepo: number;
  readonly maxInFlight: number;
  readonly maxDispatchPerTick: number;
  readonly budgetUsd: number;
  readonly fixForwardMaxAttempts: number;
  readonly fixForwardMaxSeconds: number;
  readonly resumeMaxAttempts: number;
  readonly runMaxSeconds: number;
  readonly stallSeconds: number;
  readonly ciMaxSeconds: number;
  readonly humanWaitSeconds: number;
  readonly tickMaxSeconds: number;
  readonly noCi: "park" | "green";
}
