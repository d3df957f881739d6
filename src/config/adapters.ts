// Loads the adapters that the configuration names, and no others, and parses their variables.
import type { Adapter, Registry, Settings, Variables } from "../adapter.ts";
import type { Ci, Executor, Notifier, Tracker } from "../ports.ts";
import type { Registries } from "../registries.ts";
import { loadAdapter } from "../registries.ts";
import { parseVariables } from "./parse.ts";
import type { Problem } from "./problems.ts";
import type { Sources } from "./sources.ts";
import type { GlobalSettings } from "./variables.ts";

/** An adapter with its own settings; complete when the configuration had no problems. */
export interface Chosen<Port> {
  readonly kind: string;
  readonly adapter: Adapter<Port>;
  readonly settings: Settings<Variables>;
}

export interface ChosenAdapters {
  /** Null where the kind itself is not legal. */
  readonly tracker: Chosen<Tracker> | null;
  readonly executor: Chosen<Executor> | null;
  readonly ci: readonly Chosen<Ci>[];
  readonly notify: readonly Chosen<Notifier>[];
  /** The variables of all of them. */
  readonly variables: Variables;
  readonly problems: readonly Problem[];
}

export async function chooseAdapters(
  settings: Partial<GlobalSettings>,
  registries: Registries,
  sources: Sources,
): Promise<ChosenAdapters> {
  const problems: Problem[] = [];
  const variables: Record<string, Variables[string]> = {};
  async function choose<Port>(registry: Registry<Port>, kind: string): Promise<Chosen<Port>> {
    const adapter = await loadAdapter(registry, kind);
    const parsed = parseVariables(adapter.variables, sources);
    // Two adapters may share a variable; its mistake is told once.
    problems.push(...parsed.problems.filter((problem) => !Object.hasOwn(variables, problem.variable)));
    Object.assign(variables, adapter.variables);
    return { kind, adapter, settings: parsed.settings };
  }
  const { AFK_TRACKER: tracker, AFK_EXECUTOR: executor, AFK_CI: ci = [], AFK_NOTIFY: notify = [] } = settings;
  return {
    tracker: tracker === undefined ? null : await choose(registries.trackers, tracker),
    executor: executor === undefined ? null : await choose(registries.executors, executor),
    ci: await inOrder(ci, (kind) => choose(registries.stages, kind)),
    notify: await inOrder(notify, (kind) => choose(registries.notifiers, kind)),
    variables,
    problems,
  };
}

/** One after another, so that problems are told in the order of the configuration. */
async function inOrder<T>(
  kinds: readonly string[],
  load: (kind: string) => Promise<T>,
): Promise<readonly T[]> {
  const loaded: T[] = [];
  for (const kind of kinds) loaded.push(await load(kind));
  return loaded;
}

/** The variables of every adapter there is, by name: only needed to judge names that nobody chosen knows. */
export async function everyAdapterVariable(registries: Registries): Promise<Variables> {
  const { trackers, executors, stages, notifiers } = registries;
  const families: readonly Registry<unknown>[] = [trackers, executors, stages, notifiers];
  const loads = families.flatMap((family) => Object.values(family));
  const adapters = await Promise.all(loads.map((load) => load()));
  return Object.fromEntries(adapters.flatMap((adapter) => Object.entries(adapter.variables)));
}
