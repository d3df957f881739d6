// All mutants of the core, the same for every process of one run.
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { type Mutant, mutantsOf } from "./mutants.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CORE = "src/core";

/** A file of the core, as JavaScript, with its mutants. */
export interface MutatedFile {
  readonly path: string;
  readonly code: string;
  readonly mutants: readonly Mutant[];
}

/** The files of the core in the order of their names; mutants are numbered through. */
export function readCore(): readonly MutatedFile[] {
  const files: MutatedFile[] = [];
  let next = 0;
  for (const name of namesIn(CORE, ".ts")) {
    const path = `${CORE}/${name}`;
    const code = stripTypeScriptTypes(readFileSync(ROOT + path, "utf8"));
    const mutants = mutantsOf(path, code, next);
    next += mutants.length;
    files.push({ path, code, mutants });
  }
  return files;
}

/** The test files of the core, in the order of their names. */
export function testFiles(): readonly string[] {
  return namesIn("test/core", ".test.ts").map((name) => `test/core/${name}`);
}

function namesIn(directory: string, ending: string): readonly string[] {
  return readdirSync(ROOT + directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .toSorted();
}
