// A secret may have a second name that a platform sets; its own name, or its own file, comes first.
import { expect, test } from "vitest";
import { parseVariables } from "../../src/config/parse.ts";
import { secret } from "../../src/config/parsers.ts";
import { Secret } from "../../src/secret.ts";
import { directoryWith } from "../support/directory.ts";

const variables = {
  AFK_GITHUB_TOKEN: { about: "The token.", parse: secret(), orElse: "GITHUB_TOKEN" },
} as const;

async function read(values: Readonly<Record<string, string>>) {
  const cwd = await directoryWith({ "token.txt": "from the file\n" });
  const source = { where: "in the environment", isFile: false, values: new Map(Object.entries(values)) };
  const { settings, problems } = parseVariables(variables, { list: [source], cwd });
  const token = settings.AFK_GITHUB_TOKEN;
  return token instanceof Secret ? token.reveal() : problems.map(({ variable }) => variable);
}

test.each([
  [{ GITHUB_TOKEN: "theirs" }, "theirs"],
  [{ GITHUB_TOKEN: "theirs", AFK_GITHUB_TOKEN: "ours" }, "ours"],
  [{ GITHUB_TOKEN: "theirs", AFK_GITHUB_TOKEN_FILE: "token.txt" }, "from the file"],
  [{}, ["AFK_GITHUB_TOKEN"]],
  [{ GITHUB_TOKEN: "" }, ["GITHUB_TOKEN"]],
  [{ GITHUB_TOKEN: "theirs", AFK_GITHUB_TOKEN: "" }, ["AFK_GITHUB_TOKEN"]],
])("%o is %o", async (values, expected) => {
  expect(await read(values)).toEqual(expected);
});
