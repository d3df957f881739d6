// Judges variable names that nobody reads: a misspelt limit must not silently be the default.
import type { Variables } from "../adapter.ts";
import type { Registries } from "../registries.ts";
import { everyAdapterVariable } from "./adapters.ts";
import { settableNames } from "./parse.ts";
import type { Problem } from "./problems.ts";
import { nearest } from "./problems.ts";
import type { Source, Sources } from "./sources.ts";

export interface NameVerdict {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** Variables of adapters that the configuration does not name. */
  readonly unused: readonly string[];
}

/**
 * Finds names that no variable has: a mistake in a file, and only a warning in the environment, where a cluster puts
 * names of its own. `variables` are those that are read.
 */
export async function judgeNames(
  sources: Sources,
  variables: Variables,
  registries: Registries,
): Promise<NameVerdict> {
  const read = settableNames(variables);
  const strangers = sources.list.flatMap((source) =>
    namesOf(source).filter(({ name }) => !read.includes(name)),
  );
  if (strangers.length === 0) return { problems: [], warnings: [], unused: [] };
  // A cluster gives every tick the variables of all adapters: where each is a known one, no other adapter is loaded.
  if (strangers.every(({ name }) => registries.names?.includes(name) === true))
    return { problems: [], warnings: [], unused: strangers.map(({ name }) => name) };
  const existing = settableNames({ ...(await everyAdapterVariable(registries)), ...variables });
  const unknown = strangers.filter(({ name }) => !existing.includes(name));
  const sentences = unknown.map(({ name, source }) => {
    const meant = nearest(name.toUpperCase(), existing);
    return { name, source, hint: meant === null ? "see afk --help and README" : `did you mean ${meant}?` };
  });
  return {
    problems: sentences
      .filter(({ source }) => source.isFile)
      .map(({ name, source, hint }) => ({
        variable: name,
        found: `found ${source.where}`,
        legal: `there is no such variable: ${hint.replace(/\?$/, "")}`,
      })),
    warnings: sentences
      .filter(({ source }) => !source.isFile)
      .map(({ name, source, hint }) => `${name} ${source.where} is not known to afk; ${hint}`),
    unused: strangers.filter(({ name }) => existing.includes(name)).map(({ name }) => name),
  };
}

/** The names of a source that could be meant for afk: in the config file that is every name. */
function namesOf(source: Source) {
  const names = [...source.values.keys()];
  const ours = source.isOurs ? names : names.filter((name) => /^afk_/i.test(name));
  return ours.map((name) => ({ name, source }));
}
