// Loads the configuration, or says why the tick is disabled before anything else of it is judged.
import type { CommandName, Disabled } from "../core/report.ts";
import type { Registries } from "../registries.ts";
import type { Config } from "./config.ts";
import { ConfigError } from "./problems.ts";
import { resolveConfig } from "./resolve.ts";
import type { SourceInput } from "./sources.ts";
import { readSources } from "./sources.ts";
import { alwaysChecked, readSwitches } from "./switches.ts";

export interface LoadInput extends SourceInput {
  readonly command: CommandName;
  /** Validate everything, also when a switch disables the tick. */
  readonly check: boolean;
  readonly registries: Registries;
}

export type Loaded =
  | { readonly kind: "disabled"; readonly disabled: Disabled; readonly warnings: readonly string[] }
  | { readonly kind: "ready"; readonly config: Config };

/** @throws ConfigError with every mistake at once; a disabled tick judges only its switches and the files they stand in. */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const sources = await readSources(input);
  const switches = readSwitches(sources, input.command);
  if (switches.disabled !== null && !input.check) {
    const problems = sources.problems.filter((problem) => alwaysChecked(problem.variable, input.envFile));
    if (problems.length > 0) throw new ConfigError(problems);
    const warnings = [...sources.warnings, ...switches.warnings];
    return { kind: "disabled", disabled: switches.disabled, warnings };
  }
  return { kind: "ready", config: await resolveConfig(sources, switches.disabled, input) };
}
