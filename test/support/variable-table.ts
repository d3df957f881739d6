// The Markdown tables of all variables, as README shows them.
import type { Registry, Variable, Variables } from "../../src/adapter.ts";
import { readsSecret } from "../../src/config/parsers.ts";
import { variableGroups } from "../../src/config/variables.ts";
import { Secret } from "../../src/secret.ts";
import { registries } from "../../src/registries.ts";

export interface VariableRow {
  readonly name: string;
  readonly group: string;
  /** As text for people. */
  readonly fallback: string;
  readonly about: string;
}

/** Every variable of afk and of its adapters, with the group of DESIGN section 6 it belongs to. */
export async function variableRows(): Promise<readonly VariableRow[]> {
  const groups = Object.entries(variableGroups(registries)).map(([group, variables]) =>
    rows(group, variables),
  );
  const families: readonly [string, Registry<unknown>][] = [
    ["tracker", registries.trackers],
    ["executor", registries.executors],
    ["ci", registries.stages],
    ["doorbell", registries.notifiers],
  ];
  const adapters = families.flatMap(([group, family]) =>
    Object.values(family).map(async (load) => rows(group, (await load()).variables)),
  );
  return [...groups, ...(await Promise.all(adapters))].flat();
}

function rows(group: string, variables: Variables): readonly VariableRow[] {
  return Object.entries(variables).map(([name, variable]) => ({
    name,
    group,
    fallback: fallbackOf(variable),
    about: readsSecret(variable.parse)
      ? `${variable.about} Secret: may be given as \`${name}_FILE\`.`
      : variable.about,
  }));
}

function fallbackOf(variable: Variable<unknown>): string {
  const unset = variable.parse.safeParse(undefined);
  if (!unset.success) return "required";
  const words = Array.isArray(unset.data) ? unset.data : [unset.data];
  const texts = words.filter((word) => word !== null && !(word instanceof Secret));
  return texts.length === 0 ? "" : `\`${texts.join(",")}\``;
}

export function markdown(variables: readonly VariableRow[]): string {
  const groups = [...new Set(variables.map((row) => row.group))];
  const tables = groups.map((group) => {
    const lines = variables
      .filter((row) => row.group === group)
      .map(({ name, fallback, about }) => `| \`${name}\` | ${fallback} | ${about.replaceAll("|", "\\|")} |`);
    return [
      `**${group}**`,
      "",
      "| variable | default | what it is for |",
      "|---|---|---|",
      ...lines,
      "",
    ].join("\n");
  });
  return tables.join("\n");
}
