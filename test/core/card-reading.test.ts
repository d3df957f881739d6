// Whose card counts, and what two cards of one issue mean together.
import { describe, expect, test } from "vitest";
import { firstEnd, merged, readCard } from "../../src/core/card-reading.ts";
import { type Card, type Outcome, renderCardLine } from "../../src/core/card.ts";
import { after, card, cardComment, idAt, issue, iso, signer, signerWith } from "../support/world.ts";
import { fc } from "../support/fast-check.ts";

const forged = `${renderCardLine(card({ attempts: 0 }), signerWith("another-key"))}\nwords`;
const damaged = "<!-- afk:run:v1 {} hmac-sha256:0 -->";
const nextVersion = renderCardLine(card(), signer).replace("v1", "v2");

describe("the card of an issue", () => {
  test("is absent when no comment holds one and all comments were read", () => {
    expect(readCard(issue(), signer)).toEqual({ kind: "absent" });
  });

  test("is unknown, not absent, when comments were left unread", () => {
    expect(readCard(issue({ commentsComplete: false }), signer)).toEqual({
      kind: "unreadable",
      message: "Not all comments could be read.",
      commentId: null,
    });
  });

  test("counts when it verifies, also when other comments were left unread", () => {
    const read = readCard(issue({ cards: [cardComment(card())], commentsComplete: false }), signer);

    expect(read).toMatchObject({ kind: "valid", card: card(), commentId: "comment-1", surplus: [] });
  });

  test.each([
    ["forged", forged],
    ["damaged", damaged],
    ["of a later version", nextVersion],
  ])("ignores a %s marker of another author", (_, text) => {
    const comment = cardComment(card(), { own: false, text });

    expect(readCard(issue({ cards: [comment] }), signer)).toEqual({ kind: "absent" });
    expect(readCard(issue({ cards: [comment, cardComment(card(), { id: "own" })] }), signer)).toMatchObject({
      kind: "valid",
      commentId: "own",
    });
  });

  test("is another author's when that one is validly signed: the account changed", () => {
    const comment = cardComment(card({ attempts: 3 }), { own: false });

    expect(readCard(issue({ cards: [comment] }), signer)).toMatchObject({
      kind: "valid",
      card: { attempts: 3 },
    });
  });

  test.each([
    ["forged", forged, "comment-1"],
    ["damaged", damaged, "comment-1"],
    // A newer afk's card is not ours to replace.
    ["of a later version", nextVersion, null],
  ])("is unknown when our own marker is %s", (_, text, commentId) => {
    const own = cardComment(card(), { text });

    expect(readCard(issue({ cards: [own] }), signer)).toMatchObject({ kind: "unreadable", commentId });
    expect(readCard(issue({ cards: [cardComment(card(), { id: "valid" }), own] }), signer)).toMatchObject({
      kind: "unreadable",
    });
  });

  test("that is unknown says which comment it is and what a person can do", () => {
    const said = (text: string): unknown => {
      const read = readCard(issue({ cards: [cardComment(card(), { text })] }), signer);
      return read.kind === "unreadable" ? read.message : read;
    };

    expect(said(damaged)).toBe(
      "The run card (comment comment-1) cannot be believed: its first line is damaged. " +
        "Check AFK_STATE_KEY, or delete the comment if somebody damaged it.",
    );
    expect(said(nextVersion)).toBe(
      "The run card (comment comment-1) cannot be believed: it is of a version that this afk does not know. " +
        "Use the afk that wrote it.",
    );
  });

  test("copied from another issue by our own account is unknown", () => {
    const copy = cardComment(card({ issue: 8 }));

    expect(readCard(issue({ cards: [copy] }), signer)).toMatchObject({ kind: "unreadable" });
  });

  test("is the older of two, with the maximum of both, and names the younger as surplus", () => {
    const older = cardComment(card({ attempts: 1, resumes: 1 }), { id: "older", createdAt: after(1) });
    const younger = cardComment(card({ attempts: 2 }), { id: "younger", createdAt: after(2) });

    expect(readCard(issue({ cards: [younger, older] }), signer)).toMatchObject({
      kind: "valid",
      commentId: "older",
      card: { attempts: 2, resumes: 1 },
      text: older.text,
      surplus: ["younger"],
    });
  });

  test("does not ask to remove a comment of another account", () => {
    const older = cardComment(card(), { id: "older" });
    const foreign = cardComment(card(), { id: "foreign", own: false, createdAt: after(2) });

    expect(readCard(issue({ cards: [older, foreign] }), signer)).toMatchObject({ surplus: [] });
  });

  test("is the same for every order of the comments", () => {
    const comments = [1, 2, 3].map((attempts) =>
      cardComment(card({ attempts }), { id: `comment-${attempts}`, createdAt: after(1) }),
    );

    const readings = [comments, comments.toReversed()].map((cards) => readCard(issue({ cards }), signer));

    expect(readings[0]).toEqual(readings[1]);
    expect(readings[0]).toMatchObject({ commentId: "comment-1", card: { attempts: 3 } });
  });
});

/** The earlier, the larger. */
function early(time: string | null): number {
  return time === null ? -Infinity : -Date.parse(time);
}

/** Everything that limits a run; larger uses up more of it. */
function used(of: Card): readonly number[] {
  return [
    of.attempts,
    of.resumes,
    of.spentUsd ?? 0,
    early(of.dispatchedAt),
    early(of.firstRedAt),
    early(of.pushedAt),
    early(of.waitingSince),
    of.redShas.length,
    of.rang.length,
  ];
}

describe("two cards of one thread", () => {
  const someTime = fc.option(fc.nat({ max: 5 }).map(iso));
  const cards: fc.Arbitrary<Card> = fc
    .record({
      dispatchedAt: fc.nat({ max: 5 }).map(iso),
      pushedAt: someTime,
      firstRedAt: someTime,
      waitingSince: someTime,
      turnAt: someTime,
      redShas: fc.uniqueArray(fc.constantFrom("sha1", "sha2", "sha3")),
      attempts: fc.nat({ max: 5 }),
      resumes: fc.nat({ max: 2 }),
      spentUsd: fc.option(fc.nat({ max: 50 })),
      rang: fc.uniqueArray(fc.constantFrom("done", "frozen", "waiting", "needs-human")),
      outcome: fc.constantFrom<Outcome | null>(null, "freeze_escalate", "close_success"),
    })
    .map((part) => card(part));

  test("use up at least what each of them used up, whichever comes first", () => {
    fc.assert(
      fc.property(cards, cards, (a, b) => {
        const both = used(merged(a, b));

        expect(both).toEqual(used(merged(b, a)));
        for (const one of [used(a), used(b)])
          for (const [index, value] of one.entries()) expect(both[index]).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  test("are the same again when merged again", () => {
    fc.assert(
      fc.property(cards, cards, (a, b) => {
        const both = merged(a, b);

        expect(merged(a, a)).toEqual(a);
        expect(merged(both, b)).toEqual(both);
      }),
    );
  });

  test("have ended when one of them has, and the older one's word stays", () => {
    const open = card();
    const frozen = card({ outcome: "freeze_escalate", reason: "ci_timeout" });
    const done = card({ outcome: "close_success", reason: "verified" });

    expect(merged(open, frozen)).toMatchObject({ outcome: "freeze_escalate", reason: "ci_timeout" });
    expect(merged(frozen, open)).toMatchObject({ outcome: "freeze_escalate", reason: "ci_timeout" });
    expect(merged(frozen, done)).toMatchObject({ outcome: "freeze_escalate", reason: "ci_timeout" });
  });

  test("know what either of them knows, and of two commits the one of the later turn", () => {
    const bare = card();
    const first = card({ commit: "first", turnAt: iso(1), spentUsd: 2, stop: "unconfirmed" });
    const later = card({ commit: "later", turnAt: iso(2), stop: "confirmed" });

    for (const both of [merged(bare, first), merged(first, bare)]) expect(both).toEqual(first);
    for (const both of [merged(first, later), merged(later, first)])
      expect(both).toMatchObject({ commit: "later", turnAt: iso(2), spentUsd: 2, stop: "confirmed" });
    expect(merged(first, card({ turnAt: iso(2) })).commit).toBe("first");
  });

  test("believe the older one where both are of the same turn, and the one with a turn where one has none", () => {
    const [one, other] = [card({ commit: "one" }), card({ commit: "other" })];
    const turned = card({ commit: "turned", turnAt: iso(1) });

    expect(merged(one, other).commit).toBe("one");
    expect(merged(one, turned).commit).toBe("turned");
    expect(merged(turned, one).commit).toBe("turned");
  });

  test("have cost nothing when one says so and the other does not know", () => {
    const [free, silent] = [card({ spentUsd: 0 }), card()];

    expect([merged(free, silent).spentUsd, merged(silent, free).spentUsd]).toEqual([0, 0]);
  });

  test("keep the keys that only one of them knows", () => {
    expect(merged(card({ unknown: { a: 1 } }), card({ unknown: { a: 2, b: 3 } })).unknown).toEqual({
      a: 1,
      b: 3,
    });
  });
});

test("of cards of two threads the later run's counts, whichever comes first", () => {
  const first = card({ outcome: "freeze_escalate" });
  const second = card({ thread: idAt({ slot: 2 }), slot: 2, armed: "arming-2", dispatchedAt: iso(900) });

  expect(merged(first, second)).toEqual(second);
  expect(merged(second, first)).toEqual(second);
});

test("of cards of two threads that were dispatched at once the older comment's counts", () => {
  const [first, second] = [card(), card({ thread: idAt({ lane: 1 }), lane: 1 })];

  expect(merged(first, second)).toEqual(first);
});

describe("the end that a card's earlier texts tell", () => {
  const place = { repo: card().repo, number: card().issue };
  const textOf = (of: Partial<Card>): string => `${renderCardLine(card(of), signer)}\nwords\n`;
  const ended = textOf({ outcome: "close_success", reason: "verified" });
  const find = (texts: readonly string[]): Card | null => firstEnd(texts, card().thread, place, signer);

  test("is that of a text that another was written over", () => {
    const texts = [textOf({ attempts: 2 }), ended, textOf({ attempts: 1 }), textOf({})];

    expect(find(texts)).toMatchObject({ outcome: "close_success", reason: "verified" });
  });

  test("is the first of two that differ, with all that was done about it", () => {
    const texts = [
      textOf({ outcome: "freeze_escalate" }),
      textOf({ outcome: "close_success", rang: ["done"] }),
      ended,
    ];

    expect(find(texts)).toMatchObject({ outcome: "close_success", rang: ["done"] });
  });

  test("is found in the lines of a comparison of two texts", () => {
    const lines = ["@@ -1 +1 @@", `-${renderCardLine(card({ outcome: "handed_over" }), signer)}`, "+words"];

    expect(find([lines.join("\n")])).toMatchObject({ outcome: "handed_over" });
  });

  test.each<readonly [string, readonly string[]]>([
    ["no text", []],
    ["no text with an end", [textOf({}), textOf({ attempts: 1 })]],
    ["a forged text", [`${renderCardLine(card({ outcome: "close_success" }), signerWith("another-key"))}\n`]],
    ["a text about another run", [textOf({ thread: idAt({ slot: 2 }), outcome: "close_success" })]],
    ["a text about another issue", [textOf({ issue: 8, outcome: "close_success" })]],
  ])("is not there with %s", (_, texts) => {
    expect(find(texts)).toBeNull();
  });
});
