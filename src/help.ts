// The texts of --help: what the options mean, examples, exit codes, and the adapters there are.
import type { Registries } from "./registries.ts";

/** What follows the list of options. */
export function helpText(registries: Registries): string {
  return `
Examples:
  afk poll --dry-run         show what would be started, and why the rest is not
  afk watch --json           drive the runs there are, one JSON document on stdout
  afk poll --check           see whether configuration, tokens and labels are right

Exit codes:
  0  the tick ran, also when there was nothing to do
  2  usage, configuration or credentials: a person must act
  3  something was unreachable or rate limited: the next tick may work
  4  something answered in a way afk does not know
  1  a bug in afk
  The worst one wins: 1, 2, 4, 3, 0.

Adapters:
  AFK_TRACKER   ${kinds(registries.trackers)}
  AFK_EXECUTOR  ${kinds(registries.executors)}
  AFK_CI        ${kinds(registries.stages)}
  AFK_NOTIFY    ${kinds(registries.notifiers)}

Everything else is set by variables: the environment, a .env file, or a JSON file named by AFK_CONFIG. See README.md.
`;
}

function kinds(registry: object): string {
  return Object.keys(registry).join(" | ");
}
