// Every word that GitHub's schema has for a check or a status, and words that it may have one day.
import { GraphQLEnumType } from "graphql";
import { expect, it } from "vitest";
import { checkWord, statusWord, type Word } from "../../../src/ci/github/fold.ts";
import { githubSchema } from "../../support/github/schema.ts";

function wordsOf(name: string): readonly string[] {
  const type = githubSchema().getType(name);
  if (!(type instanceof GraphQLEnumType)) throw new Error(`${name} is no enumeration.`);
  return type.getValues().map((value) => value.name);
}

const CONCLUSIONS: Readonly<Record<string, Word>> = {
  SUCCESS: "green",
  NEUTRAL: "present",
  SKIPPED: "present",
  FAILURE: "red",
  TIMED_OUT: "red",
  STARTUP_FAILURE: "red",
  CANCELLED: "cancelled",
  ACTION_REQUIRED: "held",
  STALE: "pending",
};

const STATES: Readonly<Record<string, Word>> = {
  SUCCESS: "green",
  FAILURE: "red",
  ERROR: "red",
  PENDING: "pending",
  EXPECTED: "pending",
};

it.each([...wordsOf("CheckConclusionState"), "A_NEW_WORD"])(
  "a completed check with the conclusion %s",
  (word) => {
    expect(checkWord("COMPLETED", word)).toBe(CONCLUSIONS[word] ?? "pending");
    expect(Object.keys(CONCLUSIONS).toSorted()).toEqual(wordsOf("CheckConclusionState").toSorted());
  },
);

it.each([...wordsOf("CheckStatusState").filter((word) => word !== "COMPLETED"), "A_NEW_WORD"])(
  "a check with the status %s is pending, whatever else it says",
  (word) => {
    expect(checkWord(word, null)).toBe("pending");
    expect(checkWord(word, "SUCCESS")).toBe("pending");
  },
);

it("a completed check without a conclusion is pending", () => {
  expect(checkWord("COMPLETED", null)).toBe("pending");
});

it.each([...wordsOf("StatusState"), "A_NEW_WORD"])("a status with the state %s", (word) => {
  expect(statusWord(word)).toBe(STATES[word] ?? "pending");
  expect(Object.keys(STATES).toSorted()).toEqual(wordsOf("StatusState").toSorted());
});
