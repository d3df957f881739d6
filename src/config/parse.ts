// Parses tables of variables out of the sources; mistakes are collected, never thrown.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Settings, Variable, Variables } from "../adapter.ts";
import { AfkError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { readsSecret } from "./parsers.ts";
import type { Problem } from "./problems.ts";
import { quoted } from "./problems.ts";
import type { Found, Source } from "./sources.ts";
import { find } from "./sources.ts";

export interface Place {
  readonly list: readonly Source[];
  readonly cwd: string;
}

export interface Parsed<V extends Variables> {
  /** What could be parsed; complete when there are no problems. */
  readonly settings: Partial<Settings<V>>;
  readonly problems: readonly Problem[];
}

/** Parses every variable of a table; secrets may be given as `X_FILE`. */
export function parseVariables<V extends Variables>(variables: V, place: Place): Parsed<V> {
  const settings: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const parsed = parseVariable(name, variable, place);
    if ("problem" in parsed) problems.push(parsed.problem);
    else settings[name] = parsed.value;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value came out of its own variable's parser
  return { settings: settings as Partial<Settings<V>>, problems };
}

/** The names under which a table's variables can be set, `X_FILE` included. */
export function settableNames(variables: Variables): readonly string[] {
  return Object.entries(variables).flatMap(([name, variable]) => [
    ...(readsSecret(variable.parse) ? [name, `${name}_FILE`] : [name]),
    ...(variable.orElse === undefined ? [] : [variable.orElse]),
  ]);
}

type OneParsed = { readonly value: unknown } | { readonly problem: Problem };

function parseVariable(name: string, variable: Variable<unknown>, place: Place): OneParsed {
  const direct = find(place.list, name);
  if (!readsSecret(variable.parse)) return parseText(name, variable, direct, false);
  const file = find(place.list, `${name}_FILE`);
  const { orElse } = variable;
  const other = orElse === undefined || direct !== null ? null : find(place.list, orElse);
  if (file === null)
    return parseText(other === null ? name : (orElse ?? name), variable, direct ?? other, true);
  if (direct !== null)
    return {
      problem: {
        variable: name,
        found: `found ${name} ${direct.where} and ${name}_FILE ${file.where}`,
        legal: "expected only one of them",
      },
    };
  return parseFile(name, variable, resolve(place.cwd, file.text), file);
}

function parseText(
  name: string,
  variable: Variable<unknown>,
  found: Found | null,
  isSecret: boolean,
): OneParsed {
  const result = variable.parse.safeParse(found?.text);
  if (result.success) return { value: result.data };
  const legal = result.error.issues.map((issue) => issue.message).join("; ");
  const shown = isSecret ? "[redacted]" : quoted(found?.text ?? "");
  return {
    problem: { variable: name, found: found === null ? "not set" : `found ${shown} ${found.where}`, legal },
  };
}

function parseFile(name: string, variable: Variable<unknown>, path: string, named: Found): OneParsed {
  const label = `${name}_FILE`;
  const where = `in ${named.text} (named ${named.where})`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    const found = `found ${quoted(named.text)} ${named.where}`;
    return { problem: { variable: label, found, legal: "expected a file that can be read" } };
  }
  const first = parseText(label, variable, { text, where }, true);
  if ("problem" in first || !(first.value instanceof Secret)) return first;
  return { value: new Secret(() => reread(label, variable, path)) };
}

/** Tokens rotate: the file is read at each use. */
function reread(label: string, variable: Variable<unknown>, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new AfkError("config", `The file of ${label} cannot be read any more: mount it again.`, {
      cause: error,
    });
  }
  const result = variable.parse.safeParse(text);
  if (result.success && result.data instanceof Secret) return result.data.reveal();
  throw new AfkError(
    "config",
    `The file of ${label} no longer holds a legal value: write the secret into it.`,
  );
}
