// What a card said before: the versions that GitHub keeps of an edited comment, and what is wrong when they cannot be read.
import { describe, expect, it } from "vitest";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { CARD } from "../../conformance/tracker-world.ts";
import { failureOf } from "../../support/failure.ts";
import { onceFor, queries, reply } from "../../support/github/server.ts";
import { githubWorld, REPO, SETTINGS } from "../../support/github/world.ts";

async function withCard() {
  const made = githubWorld();
  const tracker = githubTracker.create(SETTINGS, made.deps);
  const ref = { repo: REPO, number: made.open({ title: "One" }) };
  const id =
    (await tracker.write({ kind: "write_card", ref, commentId: null, text: `${CARD}\nfirst` })) ?? "";
  const edit = (text: string) => tracker.write({ kind: "write_card", ref, commentId: id, text });
  return { ...made, tracker, ref, id, edit };
}

describe("the texts of a card", () => {
  it("are all that it ever had, the newest first, in one request", async () => {
    const { tracker, ref, id, edit, server } = await withCard();
    await edit(`${CARD}\nsecond`);
    await edit(`${CARD}\nthird`);
    await tracker.readIssues([ref]);
    const before = server.made.length;

    const texts = await tracker.readCardTexts(ref, id);

    expect(texts.map((text) => text.split("\n")[1])).toEqual(["third", "second", "first"]);
    expect(server.made.length - before).toBe(1);
  });

  it("are none while it was never edited", async () => {
    const { tracker, ref, id } = await withCard();
    await tracker.readIssues([ref]);

    expect(await tracker.readCardTexts(ref, id)).toEqual([]);
  });

  it("are not known when GitHub does not say, which is not the same as none", async () => {
    const { tracker, ref, id, edit, server } = await withCard();
    await edit(`${CARD}\nsecond`);
    await tracker.readIssues([ref]);
    server.faults.push(onceFor(queries, () => reply(500)));

    expect((await failureOf(tracker.readCardTexts(ref, id))).kind).toBe("transport");
  });

  it("are none of a comment that was deleted meanwhile", async () => {
    const { tracker, ref, id } = await withCard();
    await tracker.readIssues([ref]);
    await tracker.write({ kind: "remove_card", ref, commentId: id });

    expect(await tracker.readCardTexts(ref, id)).toEqual([]);
  });
});
