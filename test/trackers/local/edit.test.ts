// Edits of issue files touch what they are about and not one character more.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Edit, editIssueText } from "../../../src/trackers/local/edit.ts";
import { isProblem } from "../../../src/trackers/local/front-matter.ts";
import { readIssueText } from "../../../src/trackers/local/issue-text.ts";

const path = "/w/.afk/issues/7.md";
const add: Edit = { kind: "add_label", label: "x" };
const remove: Edit = { kind: "remove_label", label: "b" };
const close: Edit = { kind: "close" };
const reopen: Edit = { kind: "reopen" };

function front(...lines: readonly string[]): string {
  return ["---", ...lines, "---", "# Title", ""].join("\n");
}

describe("editIssueText", () => {
  const cases: readonly (readonly [what: string, edit: Edit, before: string, after: string])[] = [
    ["adds to a flow list", add, front("labels: [a, 'b' ] # why"), front("labels: [a, 'b', x ] # why")],
    ["adds to an empty list", add, front("labels: []"), front("labels: [x]")],
    ["adds behind a last comma", add, front("labels: [a,]"), front("labels: [a, x,]")],
    ["adds where only the name stands", add, front("labels: # none yet"), front("labels: [x] # none yet")],
    ["adds in the place of a null", add, front("labels: ~ # none"), front("labels: [x] # none")],
    [
      "adds to a block list",
      add,
      front("labels:", "  - a # one", "state: open"),
      front("labels:", "  - a # one", "  - x", "state: open"),
    ],
    [
      "adds to a list without indent",
      add,
      front("labels:", "- a", "# end"),
      front("labels:", "- a", "- x", "# end"),
    ],
    ["adds a list to other values", add, front("state: open"), front("state: open", "labels: [x]")],
    ["adds to an indented map", add, front("  state: open"), front("  state: open", "  labels: [x]")],
    ["adds to an empty front matter", add, front(), front("labels: [x]")],
    ["adds to a front matter of comments", add, front("# later"), front("# later", "labels: [x]")],
    ["adds to a flow map", add, front("{state: open}"), front("{state: open, labels: [x]}")],
    ["adds to an empty flow map", add, front("{}"), front("{labels: [x]}")],
    [
      "adds over several lines",
      add,
      front("labels: [", "  a, # one", "  b # two", "]"),
      front("labels: [", "  a, # one", "  b, x # two", "]"),
    ],
    ["makes a front matter", add, "# Title\n", "---\nlabels: [x]\n---\n# Title\n"],
    [
      "makes a front matter behind a byte order mark",
      add,
      "\uFEFF# Title\r\n",
      "\uFEFF---\r\nlabels: [x]\r\n---\r\n# Title\r\n",
    ],
    [
      "keeps the line breaks of the file",
      add,
      "---\r\nlabels:\r\n  - a\r\n---\r\nT\n",
      "---\r\nlabels:\r\n  - a\r\n  - x\r\n---\r\nT\n",
    ],
    [
      "keeps a file that ends with its front matter",
      add,
      "---\nlabels: [a]\n---",
      "---\nlabels: [a, x]\n---",
    ],
    [
      "quotes what YAML would misread",
      { kind: "add_label", label: "yes" },
      front("labels: [a]"),
      front('labels: [a, "yes"]'),
    ],
    [
      "quotes what would end the list",
      { kind: "add_label", label: "a, b]" },
      front("labels: []"),
      front('labels: ["a, b]"]'),
    ],
    ["removes the first", remove, front("labels: [b, c] # d"), front("labels: [c] # d")],
    ["removes the middle one", remove, front("labels: [a,b ,c]"), front("labels: [a,c]")],
    ["removes the last", remove, front("labels: [a, b]"), front("labels: [a]")],
    ["removes the only one", remove, front("labels: [ b ]"), front("labels: [  ]")],
    ["removes every spelling", remove, front("labels: [B, a, ' b ', b]"), front("labels: [a]")],
    [
      "removes a line of a block list",
      remove,
      front("labels:", "  - a", '  - "b"', "  - c"),
      front("labels:", "  - a", "  - c"),
    ],
    [
      "keeps a comment of the removed line",
      remove,
      front("labels:", "  - b # why", "  - c"),
      front("labels:", "  # why", "  - c"),
    ],
    [
      "removes the only line",
      remove,
      front("labels:", "- b", "state: open"),
      front("labels:", "state: open"),
    ],
    [
      "removes a line of a long flow list",
      remove,
      front("labels: [", "  a, # one", "  b,", "  c", "]"),
      front("labels: [", "  a, # one", "  c", "]"),
    ],
    [
      "keeps the comment before the last",
      remove,
      front("labels: [", "  a, # one", "  b", "]"),
      front("labels: [", "  a # one", "  ", "]"),
    ],
    [
      "keeps the comment of the removed one",
      remove,
      front("labels: [", "  b, # one", "  a", "]"),
      front("labels: [", "  # one", "  a", "]"),
    ],
    ["closes", close, front("state: open # now"), front("state: closed # now")],
    ["closes in quotes", close, front('"state" : "open"'), front('"state" : "closed"')],
    ["closes where nothing stood", close, front("labels: [a]"), front("labels: [a]", "state: closed")],
    ["closes an empty state", close, front("state:", "labels: [a]"), front("state: closed", "labels: [a]")],
    ["closes a file without front matter", close, "# Title", "---\nstate: closed\n---\n# Title"],
    ["reopens", reopen, front("state: 'closed'"), front("state: 'open'")],
  ];

  it.each(cases)("%s", (_what, edit, before, after) => {
    expect(editIssueText(before, edit, path)).toBe(after);
  });

  const nothing: readonly (readonly [what: string, edit: Edit, text: string])[] = [
    ["a label that is there in other letters", add, front("labels: [' X ']")],
    ["a label that the priority gives", { kind: "add_label", label: "priority:1" }, front("priority: 1")],
    ["a label that is not there", remove, front("labels: [a]")],
    ["a label when there is no front matter", remove, "# b"],
    ["a closed issue", close, front("state: closed")],
    ["an issue that is open by default", reopen, "# Title"],
  ];

  it.each(nothing)("has nothing to do for %s", (_what, edit, text) => {
    expect(editIssueText(text, edit, path)).toBeNull();
  });

  const refused: readonly (readonly [what: string, edit: Edit, text: string])[] = [
    ["a label that another value repeats", remove, front("labels: [&one b, a]", "other: *one")],
    ["a list that is an alias", add, front("other: &all [a]", "labels: *all")],
    ["a list that another value repeats", add, front("labels: &all [a]", "other: *all")],
    ["a file that cannot be read", add, front("labels: [a")],
    ["an empty file", add, ""],
  ];

  it.each(refused)("refuses %s", (_what, edit, text) => {
    expect(() => editIssueText(text, edit, path)).toThrow(path);
  });

  it("adds and removes any label in any list, and everything else stays as it was", () => {
    const label = fc.oneof(
      fc.constantFrom("bug", "ready-for-agent", "null", "- x", "a: b", "#1", "*", "[x]", "it's", 'say "so"'),
      fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== ""),
    );
    const comment = fc.constantFrom("", " # a comment, with [marks]", "   ");
    const list = fc.tuple(
      fc.array(fc.tuple(label, comment), { maxLength: 4 }),
      fc.constantFrom("flow", "block", "lines"),
    );
    fc.assert(
      fc.property(
        list,
        label,
        fc.constantFrom("\n", "\r\n"),
        comment,
        ([items, style], target, lineBreak, note) => {
          const quoted = items.map(([item, itemNote]) => [JSON.stringify(item), itemNote] as const);
          const written =
            style === "flow" || items.length === 0
              ? [`labels: [${quoted.map(([item]) => item).join(", ")}]${note}`]
              : style === "block"
                ? ["labels:", ...quoted.map(([item, itemNote]) => `  - ${item}${itemNote}`)]
                : ["labels: [", ...quoted.map(([item, itemNote]) => `  ${item},${itemNote}`), "]"];
          const text = [
            "---",
            "# top",
            "mine: [1, {a: b}]",
            ...written,
            `state: open${note}`,
            "---",
            "body",
            "",
          ].join(lineBreak);

          const added = editIssueText(text, { kind: "add_label", label: target }, path) ?? text;
          const removed = editIssueText(added, { kind: "remove_label", label: target }, path) ?? added;

          const before = items.map(([item]) => fold(item)).filter((item) => item !== "");
          expect(labelsOf(added)).toEqual([...new Set([...before, fold(target)])]);
          expect(labelsOf(removed)).toEqual([...new Set(before)].filter((item) => item !== fold(target)));
          expect(removed.match(/# a comment/g)).toEqual(text.match(/# a comment/g));
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});

function fold(label: string): string {
  return label.trim().toLowerCase();
}

function labelsOf(text: string): readonly string[] {
  const read = readIssueText(text);
  if (isProblem(read)) throw new Error(read.message);
  return read.labels;
}
