// The configuration as the rest of the command uses it: checked, complete, and without raw text.
import type { Disabled } from "../core/report.ts";
import type { Policy } from "../core/policy.ts";
import type { Ci, Executor, Notifier, Tracker } from "../ports.ts";
import type { Secret } from "../secret.ts";
import type { Chosen } from "./adapters.ts";

export interface Config {
  /** Lower case. */
  readonly allowlist: readonly string[];
  /** What would end this command before it does anything; only `--check` gets this far with it. */
  readonly disabled: Disabled | null;
  readonly policyOf: (repo: string) => Policy;
  /** The first signs, all verify. */
  readonly stateKeys: readonly Secret[];
  /** No AFK_STATE_KEY was given, so `stateKeys` holds a key that everybody knows. */
  readonly usesKnownKey: boolean;
  readonly tickMaxSeconds: number;
  readonly tracker: Chosen<Tracker>;
  readonly executor: Chosen<Executor>;
  /** The stages in fold order. */
  readonly ci: readonly Chosen<Ci>[];
  readonly notify: readonly Chosen<Notifier>[];
  /** The directory that holds a repo's checkout. */
  readonly workspaceOf: (repo: string) => string;
  /** What is legal and probably not meant, one sentence each. */
  readonly warnings: readonly string[];
  /** Names that are set and belong to adapters that are not chosen. */
  readonly unused: readonly string[];
}
