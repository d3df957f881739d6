// Nothing that is printed can start a line, move the cursor or reorder text, and JSON keeps its meaning.
import { array, assert, boolean, constantFrom, jsonValue, oneof, property, string } from "fast-check";
import { expect, test } from "vitest";
import { escapeJson, escapeText } from "../../src/report/escape.ts";
import { createDiary } from "../../src/report/log.ts";
import { NOW } from "../support/command-line.ts";

const NASTY = Array.from(
  '\u0000\n\r\t\u001b\u007f\u0085\u009b\u061c\u200e\u2028\u2029\u202e\u2066"\\',
).concat("\ud800", "\udc00");
const anyText = array(oneof(constantFrom(...NASTY), string({ unit: "binary" }))).map((parts) =>
  parts.join(""),
);
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

test("a log record is one line whatever it holds, and as JSON it means the same", () => {
  assert(
    property(anyText, anyText, boolean(), (message, repo, json) => {
      let written = "";
      const stderr = { write: (text: string) => void (written += text), isTTY: false, columns: undefined };
      const clock = { now: () => NOW, sleep: () => Promise.resolve() };

      createDiary({ stderr, clock, json, level: "info" }).warn(message, { repo, issue: 7 });

      expect(written.indexOf("\n")).toBe(written.length - 1);
      expect(written.slice(0, -1)).not.toMatch(UNSAFE);
      expect(written.isWellFormed()).toBe(true);
      if (json) expect(JSON.parse(written)).toMatchObject({ level: "warn", message, repo, issue: 7 });
    }),
  );
});

test("a document means the same after escaping", () => {
  assert(
    property(jsonValue(), anyText, (value, text) => {
      expect(JSON.parse(escapeJson({ value, text }))).toEqual(JSON.parse(JSON.stringify({ value, text })));
      expect(escapeJson({ value, text })).not.toMatch(UNSAFE);
    }),
  );
});

test("text shows what was escaped and keeps the rest", () => {
  expect(escapeText("a\nb\t\u001b[31m\u202eé😀\ud800")).toBe("a\\nb\\t\\u001b[31m\\u202eé😀\\ud800");
});
