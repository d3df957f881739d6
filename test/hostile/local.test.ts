// Issue files, comments, records and agents' output on this machine, hostile in every line: gaps with a sentence, no bug.
import { describe, expect, it } from "vitest";
import { AfkError } from "../../src/errors.ts";
import {
  hasBegun,
  readClosing,
  readConversation,
  readCost,
  readWords,
} from "../../src/executors/process/agent-output.ts";
import { type Edit, editIssueText } from "../../src/trackers/local/edit.ts";
import { storyWorld } from "../support/stories.ts";
import { CORPUS } from "./corpus.ts";
import { outputProblems } from "./world.ts";

/** The ways in which a text gets into an issue file. */
const SHAPES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `# ${text}\n\n${text}\n`,
  (text) => `---\n${text}\n---\n# Title\n`,
  (text) => `---\nlabels: [${text}]\n---\n# Title\n`,
  (text) =>
    `---\nlabels: [ready-for-agent, ${JSON.stringify(text)}]\ntitle: ${JSON.stringify(text)}\n---\n${text}\n`,
  (text) => `---\nlabels:\n  - ready-for-agent\n  - ${text}\nblocked_by: [${text}]\n---\n# Title\n`,
  (text) => `---\nlabels: [ready-for-agent]\n${text}: ${text}\n---\n# Title\nBlocked by ${text}\n`,
];

const EDITS: readonly Edit[] = [
  { kind: "add_label", label: "agent-in-progress" },
  { kind: "remove_label", label: "ready-for-agent" },
  { kind: "close" },
  { kind: "reopen" },
];

describe("local issues", () => {
  it("with hostile files, comments and records are held or gaps, each on one line", async () => {
    const world = storyWorld();
    for (const [index, { text }] of CORPUS.entries()) {
      const number = index + 1;
      world.write(`shop/.afk/issues/${number}.md`, SHAPES[index % SHAPES.length]?.(text) ?? "");
      if (index % 3 === 0) world.write(`shop/.afk/issues/${number}/note.md`, text);
      if (index % 7 === 0) world.write(`shop/.afk/issues/${number}/run-card.md`, `<!-- afk:run:v1 ${text}`);
      if (index % 11 === 0)
        world.write(`shop/.afk/issues/${number}/events.jsonl`, `${text}\n{"kind":"labeled","at":1e400}\n`);
    }

    const problems: string[] = [];
    for (const argv of [
      ["poll", "--dry-run"],
      ["watch", "--dry-run", "--json"],
      ["poll", "--dry-run", "--check"],
    ]) {
      const ran = await world.afk(...argv);
      problems.push(
        ...outputProblems({ ...ran, code: ran.code ?? -1 }, argv).filter((problem) => !isOurLine(problem)),
      );
    }

    expect(problems).toEqual([]);
  }, 60_000);

  it("that are hostile are changed exactly, or refused with a sentence, in every shape", () => {
    const problems: string[] = [];
    for (const [index, { text, name }] of CORPUS.entries()) {
      if (text.length > 10_000) continue;
      for (const [shape, make] of SHAPES.entries()) {
        const edit = EDITS[(index + shape) % EDITS.length] ?? { kind: "close" };
        try {
          const before = make(text);
          const after = editIssueText(before, edit, "1.md");
          // The same change again is none.
          if (after !== null && editIssueText(after, edit, "1.md") !== null)
            problems.push(`${name}: changed twice`);
        } catch (error) {
          if (!(error instanceof AfkError)) problems.push(`${name} in shape ${shape}: ${String(error)}`);
        }
      }
    }

    expect(problems).toEqual([]);
  }, 60_000);
});

/** Lines of a local repo, and of a check. */
function isOurLine(problem: string): boolean {
  return /^a report on two lines: (?:local\/|ok: |warning: |wrong: |check: )/.test(problem);
}

describe("an agent's output", () => {
  it("is read without a bug, whatever it holds", () => {
    for (const { text, name } of CORPUS) {
      const outputs = [
        text,
        JSON.stringify({
          type: "result",
          is_error: true,
          subtype: text,
          result: text,
          errors: [text],
          total_cost_usd: 1,
        }),
        JSON.stringify({ type: "turn.failed", error: { message: text } }),
        `{"type":"thread.started","thread_id":${JSON.stringify(text)}}\n${text}`,
        JSON.stringify({ type: "item.completed", item: { type: "agent_message", text } }),
      ];
      for (const output of outputs) {
        expect(readWords(output, text).length, name).toBeLessThanOrEqual(4000);
        const cost = readCost(output);
        expect(cost === null || Number.isFinite(cost), name).toBe(true);
        expect(() => [readClosing(output), readConversation(output), hasBegun(output)], name).not.toThrow();
      }
    }
  });
});
