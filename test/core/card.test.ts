// The run card's machine line: what is written comes back, and nothing else is believed.
import { describe, expect, test } from "vitest";
import { type Card, CARD_MARKER, parseCard, renderCardLine } from "../../src/core/card.ts";
import { card, iso, REPO, SHA, signer, signerWith } from "../support/world.ts";
import { codePoint, fc } from "../support/fast-check.ts";

const place = { repo: REPO, number: 7 };
const KEYS =
  "thread executor executorId repo issue lane slot armed body base dispatchedAt pushedAt commit firstRedAt redShas attempts " +
  "turnAt resumes waitingSince spentUsd stop rang outcome reason";

function jsonIn(line: string): string {
  return line.slice("<!-- afk:run:v1 ".length, line.lastIndexOf(" hmac-sha256:"));
}

/** A line whose signature is right, whatever it says. */
function signed(json: string, version = "v1"): string {
  return `<!-- afk:run:${version} ${json} hmac-sha256:${signer.sign(`afk:run:v1\n${REPO}#7\n${json}`)} -->`;
}

const text = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.string(),
  fc
    .array(
      fc.constantFrom("-", "<", ">", "!", "--", "-->", "\\", '"', "\n", "\r", "\u2028", "é", "😀", "\ud800"),
    )
    .map((parts) => parts.join("")),
);
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((date) => date.toISOString());
const count = fc.nat();
const unknownKey = fc.oneof(text, fc.constant("__proto__")).filter((key) => !KEYS.split(" ").includes(key));

const cards: fc.Arbitrary<Card> = fc.record({
  thread: text,
  executor: text,
  executorId: text,
  repo: fc.constant(REPO),
  issue: fc.constant(7),
  lane: count,
  slot: count,
  armed: text,
  body: text,
  base: text,
  dispatchedAt: time,
  pushedAt: fc.option(time),
  commit: fc.option(text),
  firstRedAt: fc.option(time),
  redShas: fc.array(text),
  attempts: count,
  turnAt: fc.option(time),
  resumes: count,
  waitingSince: fc.option(time),
  spentUsd: fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
  stop: fc.constantFrom("confirmed", "unconfirmed", "unsupported", null),
  rang: fc.array(text),
  outcome: fc.constantFrom(
    "close_success",
    "escalate_prepush",
    "freeze_escalate",
    "handed_over",
    "issue_gone",
    null,
  ),
  reason: fc.option(text),
  unknown: fc
    .array(fc.tuple(unknownKey, fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text))))
    .map((entries) => Object.fromEntries(entries)),
});

describe("a card that was written", () => {
  test("comes back as it was, whatever its texts hold and with keys that we do not know", () => {
    fc.assert(
      fc.property(cards, (written) => {
        const parsed = parseCard(`${renderCardLine(written, signer)}\nanything`, place, signer);

        expect(parsed).toEqual({ kind: "card", card: written });
      }),
    );
  });

  test("is one line without white space of its own, and nothing in it ends an HTML comment", () => {
    fc.assert(
      fc.property(cards, (written) => {
        const line = renderCardLine(written, signer);

        expect(line).not.toMatch(/[\n\r]/);
        expect(jsonIn(line)).not.toMatch(/--|[<>]/);
        expect(line).toMatch(/^<!-- afk:run:v1 \{.*\} hmac-sha256:[0-9a-f]{64} -->$/s);
        expect(line.startsWith(CARD_MARKER)).toBe(true);
      }),
    );
  });

  test("has the keys in the order of DESIGN, and unknown ones after them", () => {
    const json = jsonIn(renderCardLine(card({ unknown: { later: 1 } }), signer));

    const keys = [...json.matchAll(/"(\w+)":/g)].map(([, key]) => key);
    expect(keys.join(" ")).toBe(`${KEYS} later`);
    expect(json).toBe(JSON.stringify(JSON.parse(json)));
  });

  test("escapes `<`, `>` and each `-` after a `-`", () => {
    const json = jsonIn(renderCardLine(card({ reason: "a-b--c--->d<e" }), signer));

    expect(json).toContain(String.raw`"reason":"a-b-\u002dc-\u002d\u002d\u003ed\u003ce"`);
  });

  test("stands behind the marker by which a tracker finds it", () => {
    expect(CARD_MARKER).toBe("<!-- afk:run:");
  });

  test("is read without anything behind it", () => {
    expect(parseCard(renderCardLine(card(), signer), place, signer).kind).toBe("card");
  });

  test("may have cost nothing and have counts of nothing", () => {
    const free = card({ spentUsd: 0, attempts: 0, slot: 0 });

    expect(parseCard(renderCardLine(free, signer), place, signer)).toEqual({ kind: "card", card: free });
  });

  test("is read from a comment that a tracker stored with carriage returns", () => {
    expect(parseCard(`${renderCardLine(card(), signer)}\r\nwords`, place, signer).kind).toBe("card");
  });
});

describe("a card is not believed", () => {
  const line = renderCardLine(card({ commit: SHA, redShas: [SHA], spentUsd: 1.5, pushedAt: iso(5) }), signer);

  test("when any one character of its line is changed, left out or added", () => {
    for (let index = 0; index < line.length; index += 1) {
      const other = line[index] === "0" ? "1" : "0";
      const changes = [
        line.slice(0, index) + other + line.slice(index + 1),
        line.slice(0, index) + line.slice(index + 1),
        `${line.slice(0, index)} ${line.slice(index)}`,
      ];
      for (const changed of changes) expect(parseCard(changed, place, signer).kind).toBe("invalid");
    }
  });

  test.each([
    ["another issue", { repo: REPO, number: 8 }],
    ["another repo", { repo: "acme/other", number: 7 }],
    ["the same repo on another host", { repo: `git.example/${REPO}`, number: 7 }],
  ])("when it stands in %s", (_, elsewhere) => {
    expect(parseCard(line, elsewhere, signer).kind).toBe("invalid");
  });

  test("when its fields name another issue than the place that it was signed for", () => {
    const json = jsonIn(renderCardLine(card({ issue: 8 }), signer));

    expect(parseCard(signed(json), place, signer)).toMatchObject({ kind: "invalid", otherVersion: false });
  });

  test("when its fields name another repo than the place that it was signed for", () => {
    const json = jsonIn(renderCardLine(card({ repo: "acme/other" }), signer));

    expect(parseCard(signed(json), place, signer)).toEqual({
      kind: "invalid",
      message: "its fields are not those of a run of this issue",
      otherVersion: false,
    });
  });

  test.each([
    ["of another version", "<!-- afk:run:v2 {} -->", "it is of a version that this afk does not know", true],
    ["cut off", "<!-- afk:run:v1 {", "its first line is damaged", false],
    ["followed by words", `${line} x`, "its first line is damaged", false],
    ["split", line.replace("v1 ", "v1 \r"), "its first line is damaged", false],
    [
      "signed with another key",
      renderCardLine(card(), signerWith("another")),
      "its signature does not match AFK_STATE_KEY",
      false,
    ],
  ] as const)("when its line is %s, and says so", (_, other, message, otherVersion) => {
    expect(parseCard(other, place, signer)).toEqual({ kind: "invalid", message, otherVersion });
  });

  test.each([
    ["no JSON", "{nonsense}"],
    ["a text that is a number", jsonIn(line).replace('"armed":"arming-1"', '"armed":1')],
    ["a commit that is a number", jsonIn(line).replace(`"commit":"${SHA}"`, '"commit":1')],
    ["a reason that is a list", jsonIn(line).replace('"reason":null', '"reason":[]')],
    ["a time that is a number", jsonIn(line).replace('"turnAt":null', '"turnAt":2026')],
    ["no time of dispatch", jsonIn(line).replace(/"dispatchedAt":"[^"]*"/, '"dispatchedAt":null')],
    ["a count that is a fraction", jsonIn(line).replace('"attempts":0', '"attempts":0.5')],
    ["cost that is a text", jsonIn(line).replace('"spentUsd":1.5', '"spentUsd":"1.5"')],
    ["a stop of another version", jsonIn(line).replace('"stop":null', '"stop":"asked"')],
    ["no object", "{}"],
    ["a missing field", jsonIn(line).replace('"slot":1,', "")],
    ["a count that is no count", jsonIn(line).replace('"attempts":0', '"attempts":-1')],
    ["a count that is a text", jsonIn(line).replace('"attempts":0', '"attempts":"0"')],
    ["a time that is no time", jsonIn(line).replace('"turnAt":null', '"turnAt":"soon"')],
    ["an outcome of another version", jsonIn(line).replace('"outcome":null', '"outcome":"exploded"')],
    ["a list that is a text", jsonIn(line).replace('"rang":[]', '"rang":"done"')],
    ["a list of numbers", jsonIn(line).replace('"rang":[]', '"rang":[1]')],
    ["negative cost", jsonIn(line).replace('"spentUsd":1.5', '"spentUsd":-1.5')],
  ])("when it is validly signed but holds %s", (_, json) => {
    expect(parseCard(signed(json), place, signer)).toMatchObject({ kind: "invalid", otherVersion: false });
  });

  test("when it is of another version, and it says so", () => {
    expect(parseCard(line.replace("v1", "v2"), place, signer)).toMatchObject({ otherVersion: true });
    expect(parseCard(signed(jsonIn(line), "v2"), place, signer)).toMatchObject({ otherVersion: true });
    expect(parseCard(line.replace("{", "{ "), place, signer)).toMatchObject({ otherVersion: false });
  });

  test("but never by throwing, whatever the comment holds", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((end) => `<!-- afk:run:v1 {${end}`),
        ),
        (anything) => {
          expect(parseCard(anything, place, signer).kind).toBe("invalid");
        },
      ),
    );
  });
});

describe("of several state keys", () => {
  const [old, both] = [signerWith("old"), signerWith("new", "old")];

  test("the first signs and all verify", () => {
    const byOld = renderCardLine(card(), old);
    const byBoth = renderCardLine(card(), both);

    expect(parseCard(byOld, place, both).kind).toBe("card");
    expect(parseCard(byBoth, place, both).kind).toBe("card");
    expect(parseCard(byBoth, place, signerWith("new")).kind).toBe("card");
    expect(parseCard(byBoth, place, old).kind).toBe("invalid");
  });
});
