// Which threads hold their lane, and what is known of a thread that was only listed.
import { describe, expect, test } from "vitest";
import { isLive, lastWordsOf, messagesOf, type Thread } from "../../src/core/thread.ts";
import { thread, threadDetail } from "../support/world.ts";

describe("a thread is live", () => {
  test.each<[Thread["ending"], Thread["state"]["kind"], boolean]>([
    ["none", "running", true],
    ["none", "idle", true],
    ["none", "lost", true],
    ["settled", "running", true],
    ["settled", "idle", false],
    ["settled", "waiting", false],
    ["archived", "running", false],
    ["deleted", "running", false],
  ])("with the ending %s while %s: %s", (ending, kind, live) => {
    expect(isLive(thread({ ending, state: { kind } as Thread["state"] }))).toBe(live);
  });
});

describe("what was said in a thread", () => {
  test("is known of one that was read itself", () => {
    const detail = threadDetail({ texts: ["one", "two"], lastWords: "Done." });

    expect(messagesOf(detail).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(lastWordsOf(detail)).toBe("Done.");
  });

  test.each([
    ["one that was only listed", thread()],
    ["none", null],
  ])("is nothing of %s", (_, listed) => {
    expect(messagesOf(listed)).toEqual([]);
    expect(lastWordsOf(listed)).toBe("");
  });
});
