// What the built command loads: a disabled tick is one file without packages for networks, schemas or command lines.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { buildLauncher } from "./support/launcher.ts";

test("a disabled tick loads no adapter, no zod, no ky and no commander", () => {
  const dist = join(dirname(buildLauncher()), "..", "dist");

  const meta = JSON.parse(readFileSync(join(dist, "meta.json"), "utf8")) as {
    readonly outputs: Readonly<Record<string, { readonly entryPoint?: string; readonly inputs: object }>>;
  };
  const start = Object.values(meta.outputs).find(({ entryPoint }) => entryPoint === "src/main.ts");
  const inputs = Object.keys(start?.inputs ?? {});
  const heavy = /node_modules\/(?:zod|ky|commander|yaml)\/|^src\/(?:trackers|executors|ci|notifiers)\//;

  expect(inputs).toContain("src/inert.ts");
  expect(inputs.filter((path) => heavy.test(path))).toEqual([]);
  expect(existsSync(join(dist, "LICENSES.txt"))).toBe(true);
});
