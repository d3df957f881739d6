// The planted bugs still have their places in the product: one that has lost its place would not be looked for.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";

test.each(MUTANTS)("$name can be planted: $about", ({ patches }) => {
  for (const { file, find, put } of patches) {
    const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8");

    expect(source.split(find), `${find} in ${file}`).toHaveLength(2);
    expect(put).not.toBe(find);
  }
});
