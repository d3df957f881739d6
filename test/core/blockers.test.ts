// What an issue's text says about its blockers.
import { describe, expect, it } from "vitest";
import { parseTextBlockers } from "../../src/core/blockers.ts";
import { codePoint, fc } from "../support/fast-check.ts";

const repo = "acme/shop";

function names(body: string, inRepo = repo): readonly string[] {
  return parseTextBlockers(body, inRepo).map((blocker) => `${blocker.repo}#${blocker.number}`);
}

describe("parseTextBlockers", () => {
  it.each([
    ["Blocked by #3", ["acme/shop#3"]],
    ["blocked by other/Tool#12.", ["other/tool#12"]],
    ["BLOCKED  BY: #3", ["acme/shop#3"]],
    ["  - Blocked by #3", ["acme/shop#3"]],
    ["* [ ] Blocked by #3", ["acme/shop#3"]],
    ["1. Blocked by #3 because of the schema", ["acme/shop#3"]],
    ["**Blocked by:** #3", ["acme/shop#3"]],
    ["Blocked by #3, #4 and other/tool#5", ["acme/shop#3", "acme/shop#4", "other/tool#5"]],
    ["Blocked by #3, and #4 & #5", ["acme/shop#3", "acme/shop#4", "acme/shop#5"]],
    ["Blocked by #3\r\nBlocked by #3\r\nBlocked by #4", ["acme/shop#3", "acme/shop#4"]],
    ["Blocked by host.example/a/b#3", ["host.example/a/b#3"]],
    ["Blocked by other.tools/a-b_c#3", ["other.tools/a-b_c#3"]],
    ["Blocked\tby#3", ["acme/shop#3"]],
    ["Blocked by:#3", ["acme/shop#3"]],
    ["-   Blocked by #3", ["acme/shop#3"]],
    ["12)\t+ 123456789. Blocked by #3", ["acme/shop#3"]],
    ["- [x]  Blocked by #3", ["acme/shop#3"]],
    ["[X] Blocked by #3", ["acme/shop#3"]],
    ["___Blocked by___: #3", ["acme/shop#3"]],
    ["**Blocked by**:** #3", ["acme/shop#3"]],
    [
      "Blocked by #3 \t,  AND  #4  and  #5\t&\t #6 and #7,#8",
      [3, 4, 5, 6, 7, 8].map((n) => `acme/shop#${n}`),
    ],
    ["Blocked by #3 and#4", ["acme/shop#3"]],
    ["Blocked by #3, andy #4", ["acme/shop#3"]],
    ["Blocked by #3, #4x", ["acme/shop#3"]],
    ["Blocked by #3 #4", ["acme/shop#3"]],
  ])("reads %j", (body, expected) => {
    expect(names(body)).toEqual(expected);
  });

  it.each([
    "This is blocked by #3",
    "Not blocked by #3",
    "Blocked by the weather, see #3",
    "Blocked by #3abc",
    "Blocked by #3-4",
    "Blocked by tool#3",
    "Blocked by a/b/c/d#3",
    "Blocked by a b/c#3",
    "Blocked by #",
    "Blockedby #3",
    "-Blocked by #3",
    "1234567890. Blocked by #3",
    "[ ]Blocked by #3",
    "[-] Blocked by #3",
    "[ x] Blocked by #3",
    "****Blocked by #3",
    "Blocked bystander #3",
    "Blocked by\n#3",
    "```\nBlocked by #3\n```",
    "~~~text\nBlocked by #3\n```\nBlocked by #4\n~~~",
    "````\n```\nBlocked by #3\n````",
    "```\nBlocked by #3, in a fence that nobody closed",
  ])("finds nothing in %j", (body) => {
    expect(names(body)).toEqual([]);
  });

  it("reads on after a fence and does not take code within a line for one", () => {
    expect(names("```\nx\n```\nBlocked by #3")).toEqual(["acme/shop#3"]);
    expect(names("``` a ``` b\nBlocked by #3")).toEqual(["acme/shop#3"]);
  });

  it("completes a name with the host of the repo", () => {
    expect(names("Blocked by Other/tool#5, #6", "git.example/acme/shop")).toEqual([
      "git.example/other/tool#5",
      "git.example/acme/shop#6",
    ]);
    expect(names("Blocked by Other.example/a/tool#5", "git.example/acme/shop")).toEqual([
      "other.example/a/tool#5",
    ]);
  });

  it("keeps a number that no issue can have, so that it blocks", () => {
    expect(parseTextBlockers("Blocked by #99999999999999999999", repo)).toEqual([
      { repo, number: Number.MAX_SAFE_INTEGER },
    ]);
  });

  it("finds every reference that is written by the rule, whatever stands around it", () => {
    const reference = fc.tuple(
      fc.constantFrom("", "other/tool", "a.b/c-d_e"),
      fc.integer({ min: 1, max: 1e9 }),
    );
    const line = fc.tuple(
      fc.constantFrom("", "  ", "- ", "* ", "12) ", "\t+ [x] "),
      fc.constantFrom("Blocked by ", "blocked by: ", "BLOCKED\tBY "),
      fc.array(reference, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(", ", ",", " and ", ", and "),
    );
    const prose = fc.string().map((text) => `said: ${text.replaceAll(/[\r\n`~]/g, " ")}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(prose, line), { maxLength: 5 }), (blocks) => {
        const expected = new Set<string>();
        const lines: string[] = [];
        for (const [before, [marker, words, references, separator]] of blocks) {
          const written = references.map(([name, number]) => `${name}#${number}`);
          for (const [name, number] of references) expected.add(`${name === "" ? repo : name}#${number}`);
          lines.push(before, marker + words + written.join(separator));
        }

        expect(names(lines.join("\n"))).toEqual([...expected]);
      }),
    );
  });

  it("answers for any text at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), (body) => {
        for (const blocker of parseTextBlockers(`Blocked by ${body}`, repo))
          expect(Number.isSafeInteger(blocker.number)).toBe(true);
      }),
    );
  });

  // Were the time not in proportion to the length, none of these would end before the runner gives up on it.
  it.each([
    ["Blocked by ", "#1, ", 1],
    ["", "- ", 0],
    ["Blocked by ", "a/", 0],
    ["", "Blocked by #1 and ", 1],
    ["Blocked by #1", " ", 1],
    ["", "``` ", 0],
    ["", "1. ", 0],
    ["Blocked by #", "1", 0],
    ["", "Blocked by #1\n", 1],
  ])("comes to the end of 500 KB of %j and then %j", (start, repeated, blockers) => {
    const body = start + repeated.repeat(Math.ceil(5e5 / repeated.length));

    expect(parseTextBlockers(body, repo)).toHaveLength(blockers);
  });
});
