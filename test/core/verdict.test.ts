// How the words of the stages fold into one verdict.
import { expect, test } from "vitest";
import { known, type Observation, unknown } from "../../src/core/observation.ts";
import { foldVerdict, type StageVerdict } from "../../src/core/verdict.ts";
import { fc } from "../support/fast-check.ts";

const green: StageVerdict = { kind: "green", message: "all good", url: null };
const red: StageVerdict = { kind: "red", failures: [{ name: "test", url: null, log: "" }] };
const pending: StageVerdict = { kind: "pending", message: "running" };
const held: StageVerdict = { kind: "held", message: "approve it", url: null };
const none: StageVerdict = { kind: "none", canRequest: false };
const askable: StageVerdict = { kind: "none", canRequest: true };
const unread = unknown("transport", "The service did not answer.");

function fold(...words: readonly (StageVerdict | Observation<StageVerdict>)[]) {
  return foldVerdict(
    words.map((word, index) => ({
      stage: ["build", "deploy", "rollout"][index] ?? "",
      verdict: "known" in word ? word : known(word),
    })),
  );
}

test("all good is green, and names the stages that said so", () => {
  expect(fold(green, { ...green, message: "deployed" })).toEqual({
    kind: "green",
    message: "all good; deployed",
    stages: ["build", "deploy"],
  });
});

test("a failed stage is red and stops the folding", () => {
  expect(fold(green, red, unread)).toMatchObject({ kind: "red", stage: "deploy" });
  expect(fold(red, green)).toMatchObject({ kind: "red", stage: "build" });
});

test("a failure after a stage that is still at work does not count yet", () => {
  expect(fold(pending, red)).toMatchObject({ kind: "pending", why: "running", stage: "build" });
});

test("what could not be read is unknown, whatever comes after it", () => {
  expect(fold(green, unread, green)).toMatchObject({ kind: "unknown", stage: "deploy" });
});

test.each([
  ["is at work", pending, "running"],
  ["waits for a person", held, "held"],
  ["can be asked", askable, "request"],
] as const)("a stage that %s is pending, and the stages before it stay green", (_, word, why) => {
  expect(fold(green, word, red)).toMatchObject({ kind: "pending", why, stage: "deploy", stages: ["build"] });
});

test("a stage that has not seen the commit is waited for, and does not hide what later ones say", () => {
  expect(fold(green, none)).toMatchObject({
    kind: "pending",
    why: "running",
    stage: "deploy",
    stages: ["build"],
  });
  expect(fold(none, green)).toMatchObject({ kind: "pending", why: "running", stage: "build" });
  expect(fold(none, red)).toMatchObject({ kind: "red", stage: "deploy" });
  expect(fold(none, pending)).toMatchObject({ kind: "pending", why: "running", stage: "deploy" });
});

test("no CI at all is pending, also when no stage was asked", () => {
  expect(fold(none)).toMatchObject({ kind: "pending", why: "none" });
  expect(fold(none, none)).toMatchObject({ kind: "pending", why: "none", stage: "build" });
  expect(fold()).toMatchObject({ kind: "pending", why: "none" });
});

test("what is waited for is told", () => {
  expect(fold(askable)).toMatchObject({ message: "build has not started yet" });
  expect(fold(none)).toMatchObject({ message: "build has not seen the commit yet" });
  expect(fold()).toMatchObject({ stage: "CI", message: "CI has not seen the commit yet" });
});

test("it is green only if every stage said green", () => {
  const word = fc.constantFrom(green, red, pending, held, none, askable, unread);

  fc.assert(
    fc.property(fc.array(word, { maxLength: 3 }), (words) => {
      expect(fold(...words).kind === "green").toBe(words.length > 0 && words.every((one) => one === green));
    }),
  );
});
