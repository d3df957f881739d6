// Every parser takes time in proportion to its text, up to a megabyte of whatever is worst for it.
import { describe, expect, it } from "vitest";
import { parseTextBlockers } from "../../src/core/blockers.ts";
import { parseCard } from "../../src/core/card.ts";
import { claimedPhases, landedCommit } from "../../src/core/commits.ts";
import { linesOutsideFences } from "../../src/core/markdown-lines.ts";
import { implementPrompt, parseRunLine } from "../../src/core/prompt.ts";
import { fenced, inline, neutralised, oneLine, safeUrl, tail, visible } from "../../src/core/text.ts";
import { createSigner } from "../../src/digest.ts";
import {
  hasBegun,
  readClosing,
  readConversation,
  readWords,
} from "../../src/executors/process/agent-output.ts";
import { escapeJson, escapeText } from "../../src/report/escape.ts";
import { Secret } from "../../src/secret.ts";
import { type Edit, editIssueText } from "../../src/trackers/local/edit.ts";
import { AfkError } from "../../src/errors.ts";
import { readIssueText } from "../../src/trackers/local/issue-text.ts";
import { facts, idAt, runLine } from "../support/world.ts";

const signer = createSigner([new Secret(() => "a-key-that-is-long-enough")]);
const place = { repo: "acme/shop", number: 7 };

function edited(text: string, edit: Edit): void {
  try {
    editIssueText(text, edit, "1.md");
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
  }
}

/** What reads a text, each by itself, under the name of what they read. */
const PARSERS: Readonly<Record<string, readonly ((text: string) => unknown)[]>> = {
  card: [
    (text) => parseCard(text, place, signer),
    (text) => parseCard(`<!-- afk:run:v1 {${text}`, place, signer),
    (text) => parseCard(`<!-- afk:run:v1 ${text} hmac-sha256:${"0".repeat(64)} -->`, place, signer),
  ],
  "run line": [(text) => parseRunLine(text, signer), (text) => parseRunLine(`afk-run ${text}`, signer)],
  trailers: [
    (text) =>
      landedCommit([{ sha: "a", message: `${text}\nAFK-Run: ${idAt()}\nRefs ${text}` }], idAt(), place),
    (text) => claimedPhases([{ sha: "a", message: `AFK-Run: ${idAt()}\nAFK-Phase: ${text}` }], idAt()),
  ],
  blockers: [
    (text) => parseTextBlockers(text, "acme/shop"),
    (text) => parseTextBlockers(`Blocked by ${text}`, "acme/shop"),
  ],
  "markdown lines": [linesOutsideFences, (text) => linesOutsideFences(`\`\`\`\n${text}`)],
  "issue file": [
    (text) => readIssueText(`# x\n${text}`),
    (text) => readIssueText(`---\nlabels: [a]\n---\n${text}`),
  ],
  splices: [
    (text) => edited(`---\nlabels: [x, y]\n---\n${text}`, { kind: "remove_label", label: "x" }),
    (text) => edited(`# x\n${text}`, { kind: "add_label", label: "z" }),
  ],
  "agent output": [(text: string) => text, (text: string) => `{"type":"result","result":"${text}`].flatMap(
    (output) => [
      (text: string) => readClosing(output(text)),
      (text: string) => readWords(output(text), output(text)),
      (text: string) => readConversation(output(text)),
      (text: string) => hasBegun(output(text)),
    ],
  ),
  "shown text": [
    visible,
    oneLine,
    neutralised,
    inline,
    safeUrl,
    fenced,
    (text) => tail(text, 2000),
    (text) => safeUrl(`https://${text}`),
  ],
  "printed text": [escapeText, (text) => escapeJson({ [text]: text })],
  prompt: [(text) => implementPrompt({ run: runLine(), title: text, text, facts, isolated: false }, signer)],
};

const PIECES: readonly string[] = [
  "a",
  " ",
  "\t ",
  "\n",
  "\r",
  "\r\n",
  "\u2028",
  "\0",
  "\ud800",
  "\u202e",
  "`",
  "`\n",
  "```\n",
  "~~~\n```\n",
  "-",
  "---\n",
  "- a\n",
  "- ",
  "#",
  "# a\n",
  "#1, ",
  "#1",
  "a/",
  "a/b#1 and ",
  "@a",
  "GH-1 ",
  "blocked by ",
  "Blocked by #1\n",
  "- [ ] ",
  "1) ",
  "*_",
  "[",
  "{",
  '{"a":',
  '{"a":1}\n',
  '"',
  "\\",
  "}",
  ">",
  "<!-- ",
  "-->",
  "--",
  "closes #1 ",
  "closes a/",
  "refs ",
  "Refs #1,",
  "AFK-Run: ",
  "A-",
  "Key: value\n",
  ": ",
  "a: b\n",
  "&a ",
  "*a,",
  "%41",
  "hmac-sha256:",
  "://",
  "🎉",
];

const LENGTHS = [64 * 1024, 256 * 1024, 1024 * 1024];
/** How much longer four times the text may take: the square would be 16, and collecting garbage makes the honest 4 to 9. */
const MOST_FOR_FOUR = 12;
/** What is faster than this at a quarter of the length does no harm at the whole, however it grows. */
const FLOOR_MILLISECONDS = 16;
/** A square that takes longer than this at a quarter of the length was found there already. */
const CEILING_MILLISECONDS = MOST_FOR_FOUR * FLOOR_MILLISECONDS;

/** The least time of the processor, in milliseconds: what else the machine does meanwhile does not count. */
function best(parse: (text: string) => unknown, text: string, tries: number): number {
  let least = Infinity;
  for (let count = 0; count < tries; count += 1) {
    const from = process.threadCpuUsage();
    parse(text);
    const { user, system } = process.threadCpuUsage(from);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** Where the time grows faster than the text; what looks so once is measured again, for a machine has other work too. */
function worseThanLinear(parse: (text: string) => unknown, piece: string): string | null {
  const textOf = (length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  let short = best(parse, textOf(LENGTHS[0] ?? 0), 1);
  for (const length of LENGTHS.slice(1)) {
    const isKnown = short < FLOOR_MILLISECONDS || short > CEILING_MILLISECONDS;
    if (isKnown && length === LENGTHS.at(-1)) return null;
    const limit = (): number => MOST_FOR_FOUR * Math.max(FLOOR_MILLISECONDS, short);
    let long = best(parse, textOf(length), 1);
    if (long > limit()) {
      short = best(parse, textOf(length / 4), 5);
      long = best(parse, textOf(length), 3);
    }
    if (long > limit())
      return `${JSON.stringify(piece)} of ${length}: ${short.toFixed(0)} to ${long.toFixed(0)} ms`;
    short = long;
  }
  return null;
}

describe("the time of reading", () => {
  it.each(Object.keys(PARSERS))(
    "%s grows no faster than the text",
    (name) => {
      const parsers = PARSERS[name] ?? [];

      const found = parsers.flatMap((parse) => PIECES.map((piece) => worseThanLinear(parse, piece)));

      expect(found.filter((one) => one !== null)).toEqual([]);
    },
    60_000,
  );

  it("a front matter, which has a largest size, never takes more than a moment", () => {
    const pieces = ["- a\n", "- ", "[", "{", '{"a":', '"', "a: b\n", "&a ", "*a,", ": "];

    const slow = pieces.filter((piece) => {
      const yaml = piece.repeat(60_000 / piece.length);
      return best(readIssueText, `---\n${yaml}\n---\n# x`, 1) > MOMENT_MILLISECONDS;
    });

    expect(slow).toEqual([]);
  });

  it("a label that stands in a list a thousand times is refused, not taken out a thousand times", () => {
    const text = `---\nlabels: [${"x,".repeat(1000)}]\n---\n# Title\n`;

    expect(() => editIssueText(text, { kind: "remove_label", label: "x" }, "1.md")).toThrow(
      "cannot change the labels",
    );
  });
});

/** Some ten times what a machine at rest needs. */
const MOMENT_MILLISECONDS = 4000;
