// The names of all adapters' variables: written down once, so that a tick with a whole cluster's variables stays small.
import { expect, test } from "vitest";
import { everyAdapterVariable } from "../../src/config/adapters.ts";
import { judgeNames } from "../../src/config/names.ts";
import { settableNames } from "../../src/config/parse.ts";
import type { Sources } from "../../src/config/sources.ts";
import { registries } from "../../src/registries.ts";

test("the written names are those that the adapters declare", async () => {
  const declared = settableNames(await everyAdapterVariable(registries));

  expect(registries.names).toEqual([...new Set(declared)].toSorted());
});

function environment(...names: readonly string[]): Sources {
  const values = new Map(names.map((name) => [name, "anything"]));
  const list = [{ where: "in the environment", isFile: false, values }];
  return { list, repos: [], problems: [], warnings: [], cwd: "/nowhere" };
}

test("variables of adapters that are not chosen are unused, and no adapter is loaded to know them", async () => {
  const unloadable = () => Promise.reject(new Error("loaded"));
  const closed = { ...registries, trackers: { github: unloadable }, executors: { t3: unloadable } };

  const verdict = await judgeNames(environment("AFK_T3_URL", "AFK_GITHUB_TOKEN_FILE"), {}, closed);

  expect(verdict).toEqual({ problems: [], warnings: [], unused: ["AFK_T3_URL", "AFK_GITHUB_TOKEN_FILE"] });
});

test("a misspelt variable of an adapter that is not chosen is still told with the right name", async () => {
  const verdict = await judgeNames(environment("AFK_T3_URI", "AFK_T3_TOKEN"), {}, registries);

  expect(verdict.warnings).toEqual([
    "AFK_T3_URI in the environment is not known to afk; did you mean AFK_T3_URL?",
  ]);
  expect(verdict.unused).toEqual(["AFK_T3_TOKEN"]);
});
