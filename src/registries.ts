// The four families of adapters together; importing this loads none of them.
import type { Adapter, Registry } from "./adapter.ts";
import { adapterNames } from "./adapter-names.ts";
import { stages } from "./ci/index.ts";
import { AfkError } from "./errors.ts";
import { executors } from "./executors/index.ts";
import { notifiers } from "./notifiers/index.ts";
import type { Ci, Executor, Notifier, Tracker } from "./ports.ts";
import { trackers } from "./trackers/index.ts";

export interface Registries {
  readonly trackers: Registry<Tracker>;
  readonly executors: Registry<Executor>;
  readonly stages: Registry<Ci>;
  readonly notifiers: Registry<Notifier>;
  /** The names under which variables of these adapters can be set, where they are known without loading all adapters. */
  readonly names?: readonly string[];
}

/** The adapters of this version. */
export const registries: Registries = { trackers, executors, stages, notifiers, names: adapterNames };

/** Loads one adapter by a name that the configuration has already checked. */
export function loadAdapter<Port>(registry: Registry<Port>, kind: string): Promise<Adapter<Port>> {
  const load = Object.hasOwn(registry, kind) ? registry[kind] : undefined;
  if (load === undefined) throw new AfkError("config", `There is no adapter '${kind}': see afk --help.`);
  return load();
}
