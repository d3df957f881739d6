// README names every variable there is, so that nobody must read the source to find one.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { variableRows } from "./support/variable-table.ts";

const README = new URL("../README.md", import.meta.url);

test.skipIf(!existsSync(README))("README names every variable in backticks", async () => {
  const text = readFileSync(README, "utf8");

  const missing = (await variableRows())
    .map((row) => row.name)
    .filter((name) => !text.includes(`\`${name}\``));

  expect(missing).toEqual([]);
});
