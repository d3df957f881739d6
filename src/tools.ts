// What observing and acting need: the adapters and the injected world, made once per tick.
import type { Digest, Signer } from "./core/digest.ts";
import type { Policy } from "./core/policy.ts";
import type { Log } from "./log.ts";
import type { Ci, Clock, Executor, Notifier, Tracker } from "./ports.ts";

/** One verdict stage under the name the configuration gives it. */
export interface Stage {
  readonly name: string;
  readonly ci: Ci;
}

export interface Tools {
  readonly tracker: Tracker;
  readonly executor: Executor;
  /** The executor's name in the configuration. */
  readonly executorKind: string;
  /** In fold order. */
  readonly stages: readonly Stage[];
  readonly notifiers: readonly Notifier[];
  readonly allowlist: readonly string[];
  readonly policyOf: (repo: string) => Policy;
  readonly digest: Digest;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the tick must end: no new decision is carried out after it. */
  readonly deadline: AbortSignal;
}
