// The real registries, each of whose adapters is imported at most once: an import of what is loaded still has its price.
import { type Registries, registries } from "../../src/registries.ts";

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => (loading ??= load());
}

function loadedOnce<T>(
  family: Readonly<Record<string, () => Promise<T>>>,
): Readonly<Record<string, () => Promise<T>>> {
  return Object.fromEntries(Object.entries(family).map(([kind, load]) => [kind, once(load)]));
}

export const loadedRegistries: Registries = {
  ...registries,
  trackers: loadedOnce(registries.trackers),
  executors: loadedOnce(registries.executors),
  stages: loadedOnce(registries.stages),
  notifiers: loadedOnce(registries.notifiers),
};
