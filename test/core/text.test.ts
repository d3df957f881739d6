// Text of unknown origin, made safe to show.
import { describe, expect, test } from "vitest";
import { fenced, inline, neutralised, oneLine, safeUrl, tail, visible } from "../../src/core/text.ts";
import { codePoint, fc } from "../support/fast-check.ts";

const anything = fc.oneof(
  fc.string({ unit: codePoint }),
  fc
    .array(
      fc.constantFrom(
        "a",
        " ",
        "\n",
        "\r",
        "\t",
        "`",
        "```",
        "@ann",
        "#7",
        "<",
        "](",
        "\u202e",
        "\u200b",
        "\u0007",
        "\ud800",
        "😀",
      ),
    )
    .map((parts) => parts.join("")),
);

describe("visible text", () => {
  test.each([
    ["keeps words, tabs and line breaks", "a\tb\nc ä 😀", "a\tb\nc ä 😀"],
    ["has one kind of line break", "a\r\nb", "a\nb"],
    ["has no control characters", "a\u0000\u0007\u001b[31mb\u007f\u0085c", "a[31mbc"],
    ["has no bidirectional controls", "a\u202eb\u2066c\u061cd", "abcd"],
    ["has no zero-width characters", "a\u200bb\u2060c\ufeffd", "abcd"],
    ["has no separators that some take for line breaks", "a\u2028b\u2029c", "abc"],
    ["has no half characters", "a\ud800b", "a\ufffdb"],
  ])("%s", (_, text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  test("is the same when it is made visible again", () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });
});

describe("one line", () => {
  test("has no line breaks, no white space around it, and at most as many characters as allowed", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 30 }), (text, limit) => {
        const line = oneLine(text, limit);

        expect(line).not.toMatch(/[\n\r\t]|^ | {2}/);
        expect(line.length).toBeLessThanOrEqual(limit);
        expect(line.isWellFormed()).toBe(true);
      }),
    );
  });

  test("shows that something is left out", () => {
    expect(oneLine(" too  long\na title ", 9)).toBe("too long…");
    expect(oneLine("just right", 10)).toBe("just right");
  });
});

describe("neutralised text", () => {
  test("holds no mention and no reference", () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(neutralised(text)).not.toMatch(/@\w|#\d|GH-\d/i);
      }),
    );
  });

  test("holds no tag, link, code span or line break either, when it stands in a line of ours", () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(inline(text)).not.toMatch(/@\w|#\d|<|\]\(|`|\n/);
      }),
    );
  });

  test("breaks what a tracker would act on, and nothing else", () => {
    expect(neutralised("@ann #7 GH-7 gh-8, but @ # GH-x XGH-7")).toBe(
      "@\u2060ann #\u20607 GH\u2060-7 GH\u2060-8, but @ # GH-x XGH-7",
    );
    expect(inline("<b> [a](b) `c`")).toBe("&lt;b> [a] (b) 'c'");
  });

  test("cannot be made dangerous again by what is taken out", () => {
    expect(inline("@\u200bann #\u00077 ]\u200b(x)")).toBe("@\u2060ann #\u20607 ] (x)");
  });
});

describe("the end of a text", () => {
  test("is the whole text when that is short enough, and at most the limit otherwise", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 2, max: 30 }), (text, limit) => {
        const end = tail(text, limit);

        if (text.length <= limit) expect(end).toBe(text);
        else expect(end.length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test("begins at a line when one begins near", () => {
    expect(tail(`${"x".repeat(50)}\n${"y".repeat(18)}`, 22)).toBe(`…\n${"y".repeat(18)}`);
    expect(tail("12345\n67890", 8)).toBe("…\n67890");
    expect(tail("12345\n6789", 8)).toBe("…45\n6789");
  });
});

test.each([
  ["https://ci.example/jobs/7?a=1#log", true],
  ["http://127.0.0.1:8080/x", true],
  ["javascript:alert(1)", false],
  ["https://user:secret@ci.example/", false],
  ["https://ci.example/) [x](https://evil.example", false],
  ["https://ci.example/\n# Title", false],
  ["https://ci.example/\u200b", false],
  [` https://ci.example/`, false],
  [`https://${"x".repeat(2000)}`, true],
  [`https://${"x".repeat(2001)}`, false],
])("an address %j is shown: %s", (url, shown) => {
  expect(safeUrl(url)).toBe(shown ? url : null);
});

test("a fence cannot be closed by what stands in it", () => {
  fc.assert(
    fc.property(anything, (text) => {
      const lines = fenced(text, "text").split("\n");
      const fence = lines.at(-1) ?? "";

      expect(lines[0]).toBe(`${fence}text`);
      expect(fence).toMatch(/^`{3,}$/);
      expect(text.includes(fence)).toBe(false);
    }),
  );
});

test("a fence has one backtick more than the longest run in it, and at least three", () => {
  expect(fenced("a")).toBe("```\na\n```");
  expect(fenced("a ``` b\n")).toBe("````\na ``` b\n````");
});
