// What a repo, an issue and a boolean may look like.
import { assert, oneof, property, string, stringMatching, tuple } from "fast-check";
import { expect, test } from "vitest";
import { readBoolean, readIssue, readRepo } from "../../src/config/words.ts";

test.each([
  ["Acme/API", "acme/api"],
  [" acme/.github ", "acme/.github"],
  ["git.example.org/acme/api", "git.example.org/acme/api"],
  ["local/my-repo", "local/my-repo"],
])("'%s' is the repo %s", (text, repo) => {
  expect(readRepo(text)).toBe(repo);
});

const NO_REPOS = [
  ["", "acme", "/api", "acme/", "acme//api", "a/b/c/d", "acme/..", "acme/.", "../api", "./api"],
  ["acme/a__b", "ac__me/api", "acme_/api", "acme/-x", "-acme/api", "acme/a b", "acme/a\u0000", "acme/ä"],
  ["https://github.com/acme/api", "local/acme/api", "host\\acme/api"],
].flat();

test.each(NO_REPOS)("'%s' is no repo", (text) => {
  expect(readRepo(text)).toBeNull();
});

test("whatever is accepted as a repo is one spelling, safe in a path, and its checkout is its own", () => {
  const part = stringMatching(/^[A-Za-z0-9._-]{1,6}$/);
  const name = oneof(tuple(part, part), tuple(part, part, part)).map((parts) => parts.join("/"));

  assert(
    property(oneof(name, string()), oneof(name, string()), (one, two) => {
      const [first, second] = [readRepo(one), readRepo(two)];
      if (first === null) return;
      expect(readRepo(first)).toBe(first);
      expect(first).toMatch(/^[a-z0-9._-]+(\/[a-z0-9._-]+){1,2}$/);
      expect(first.split("/")).not.toContain("..");
      expect(first).not.toContain("__");
      if (second === null || first.split("/").length > 2 || second.split("/").length > 2) return;
      if (first !== second) expect(first.replace("/", "__")).not.toBe(second.replace("/", "__"));
    }),
  );
});

test("an issue is a repo and a number from 1", () => {
  expect(readIssue("Acme/api#7")).toEqual({ repo: "acme/api", number: 7 });
  for (const text of ["acme/api", "acme/api#0", "acme/api#07", "#7", "acme#7", "acme/api#7x", "acme/api#1e3"])
    expect(readIssue(text)).toBeNull();
});

test("a boolean is one of ten words and never a guess", () => {
  expect(["TRUE", "1", " yes", "on"].map(readBoolean)).toEqual([true, true, true, true]);
  expect(["false", "0", "No", "off"].map(readBoolean)).toEqual([false, false, false, false]);
  expect(["", "2", "y", "null", "truee"].map(readBoolean)).toEqual([null, null, null, null, null]);
});
