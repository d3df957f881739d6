// Stands in for vitest while the core's tests are loaded: keeps each test, to be run as often as there are mutants.
import { expect } from "vitest";

export { expect };

type Body = (...values: unknown[]) => unknown;

/** One case of a test, ready to run. */
export interface LoadedTest {
  readonly file: string;
  readonly run: () => unknown;
}

let loading = "";
let loaded: LoadedTest[] = [];

/** Loads the files' tests, in their order. */
export async function loadTests(
  files: readonly string[],
  load: (file: string) => Promise<unknown>,
): Promise<readonly LoadedTest[]> {
  loaded = [];
  for (const file of files) {
    loading = file;
    await load(file);
  }
  return loaded;
}

const keep = (run: () => unknown): void => void loaded.push({ file: loading, run });

/** A test, or with `each` one for each row of a table. */
export const test = Object.assign((_name: string, body: Body): void => keep(() => body()), {
  each:
    (rows: readonly unknown[]) =>
    (_name: string, body: Body): void => {
      for (const row of rows) keep(() => body(...(Array.isArray(row) ? row : [row])));
    },
});

export const it = test;

/** A group of tests. */
export const describe = Object.assign((_name: string, body: Body): void => void body(), {
  each:
    (rows: readonly unknown[]) =>
    (_name: string, body: Body): void => {
      for (const row of rows) body(...(Array.isArray(row) ? row : [row]));
    },
});
