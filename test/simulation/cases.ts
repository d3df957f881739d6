// The histories that once broke an invariant, each in a file of its own; the bounded run plays them all again.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { History } from "./history.ts";

const DIRECTORY = new URL("cases/", import.meta.url);

export interface Case {
  /** What was wrong, and what mended it. */
  readonly about: string;
  readonly invariant: string;
  readonly found: string;
  readonly history: History;
}

export function readCases(): readonly (Case & { readonly name: string })[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => ({ ...(JSON.parse(readFileSync(new URL(name, DIRECTORY), "utf8")) as Case), name }));
}

export function writeCase(name: string, found: Case): void {
  writeFileSync(new URL(`${name}.json`, DIRECTORY), `${JSON.stringify(found, null, 2)}\n`);
}
