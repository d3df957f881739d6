// What the built command loads, in files, packages and bytes: as little as the configuration and the moment need.
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { buildLauncher } from "./support/launcher.ts";
import { filesLoadedBy } from "./support/loaded-files.ts";
import { productionWorld, READY } from "./support/production-world.ts";

const launcher = buildLauncher();
const dist = join(dirname(launcher), "..", "dist");
const meta = JSON.parse(readFileSync(join(dist, "meta.json"), "utf8")) as {
  readonly outputs: Readonly<Record<string, { readonly inputs: object }>>;
};
const inputsOf = new Map(
  Object.entries(meta.outputs).map(([path, output]) => [basename(path), Object.keys(output.inputs)]),
);

const KILOBYTE = 1000;

/** What went into the files of the build among these. */
function inputs(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => inputsOf.get(basename(file)) ?? []);
}

/** The packages among the inputs. */
function packages(files: readonly string[]): readonly string[] {
  const names = inputs(files).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

function bytes(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}

test.each([["poll"], ["watch"], ["--version"]])(
  "a disabled tick and the version load one file without packages: %s",
  async (command) => {
    const { files, stdout } = await filesLoadedBy(launcher, [command]);

    expect(stdout).toMatch(/disabled|^\d+\.\d+\.\d+\n$/);
    expect(files.map((file) => basename(file))).toEqual(["afk.js", "main.js"]);
    expect(packages(files)).toEqual([]);
    expect(inputs(files)).toContain("src/inert.ts");
    expect(bytes(files)).toBeLessThan(20 * KILOBYTE);
    expect(existsSync(join(dist, "LICENSES.txt"))).toBe(true);
  },
);

test("a tick on GitHub and T3 that finds nothing loads at most 150 kB, and only zod and ky", async () => {
  const world = await productionWorld();

  const { files, stdout } = await filesLoadedBy(launcher, ["poll"], world.environment);

  expect(stdout).toContain("nothing to do");
  expect(packages(files)).toEqual(["ky", "zod"]);
  expect(inputs(files)).not.toContain("src/work.ts");
  expect(inputs(files).filter((path) => /\/(?:local|process|woodpecker|kubernetes)\b/.test(path))).toEqual(
    [],
  );
  expect(files.length).toBeLessThan(16);
  expect(bytes(files)).toBeLessThan(150 * KILOBYTE);
});

test("a tick that starts an agent loads what it needs for that, and no other package", async () => {
  const world = await productionWorld();
  world.github.open({ title: "Add sum", labels: [READY] });

  const { files } = await filesLoadedBy(launcher, ["poll"], world.environment);

  expect(world.t3.store.agents.turns).toHaveLength(1);
  expect(packages(files)).toEqual(["ky", "zod"]);
  expect(inputs(files)).toContain("src/act/dispatch.ts");
  expect(bytes(files)).toBeLessThan(260 * KILOBYTE);
});

test("help loads commander, and neither zod nor ky", async () => {
  const { files, stdout } = await filesLoadedBy(launcher, ["--help"]);

  expect(stdout).toContain("Usage: afk");
  expect(packages(files)).toEqual(["commander"]);
});
