// Reads the places where variables can be set, in the order in which they win; judges no value.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "./problems.ts";
import { isProtected } from "./safety.ts";
import { readConfigFile } from "./config-file.ts";

export interface Source {
  /** As it stands in a sentence: `in the environment`, `in .env`. */
  readonly where: string;
  readonly isFile: boolean;
  /** Holds nothing but variables of afk, so that every name in it must be known. */
  readonly isOurs?: boolean;
  readonly values: ReadonlyMap<string, string>;
}

/** The values that the config file holds for one repo, before anybody has looked at them. */
export interface RepoValues {
  readonly repo: string;
  readonly values: ReadonlyMap<string, string>;
}

export interface Sources {
  /** The first that has a variable wins. */
  readonly list: readonly Source[];
  readonly repos: readonly RepoValues[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** What relative paths are relative to. */
  readonly cwd: string;
}

export interface SourceInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The value of --env-file; null: `.env` in the working directory, if there is one. */
  readonly envFile: string | null;
}

export interface Found {
  readonly text: string;
  readonly where: string;
}

/** Reads the environment, the `.env` file and the config file; what cannot be read is among the problems. */
export async function readSources(input: SourceInput): Promise<Sources> {
  const environment: Source = {
    where: "in the environment",
    isFile: false,
    values: defined(input.environment),
  };
  const envFile = await readEnvFile(input);
  const named = find([environment, envFile.source], "AFK_CONFIG");
  const file = readConfigFile(named, input.cwd);
  return {
    list: [environment, envFile.source, file.source],
    repos: file.repos,
    problems: [...envFile.problems, ...file.problems],
    warnings: envFile.warnings,
    cwd: input.cwd,
  };
}

function defined(environment: SourceInput["environment"]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, text] of Object.entries(environment)) if (text !== undefined) values.set(name, text);
  return values;
}

/** The value that wins, and where it stands; null when nobody set it. */
export function find(list: readonly Source[], name: string): Found | null {
  for (const { values, where } of list) {
    const text = values.get(name);
    if (text !== undefined) return { text, where };
  }
  return null;
}

interface EnvFile {
  readonly source: Source;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

async function readEnvFile({ envFile, cwd }: SourceInput): Promise<EnvFile> {
  const name = envFile ?? ".env";
  const where = `in ${name}`;
  let text: string;
  try {
    text = readFileSync(resolve(cwd, name), "utf8");
  } catch (error) {
    const problem = {
      variable: name,
      found: "the file cannot be read",
      legal: "expected a readable file of NAME=value lines",
    };
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    // Nobody has to have a `.env`, but a file that was named must be there.
    const problems = isAbsent && envFile === null ? [] : [problem];
    return { source: { where, isFile: true, values: new Map() }, problems, warnings: [] };
  }
  // Only `parse`: dotenv's `config` prints, and obeys variables of its own.
  const { parse } = await import("dotenv");
  const entries = Object.entries(parse(text));
  const ignored = entries.map(([key]) => key).filter((key) => envFile === null && isProtected(key));
  return {
    source: { where, isFile: true, values: new Map(entries.filter(([key]) => !ignored.includes(key))) },
    problems: [],
    warnings: ignored.map(
      (key) =>
        `${key} in .env is ignored: whoever can put a file into the working directory must not decide what ` +
        "afk may touch. Set it in the environment, or name the file with --env-file.",
    ),
  };
}
