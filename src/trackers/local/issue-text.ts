// Reads the text of an issue file: its front matter by a schema, its title, and its body as it stands.
import * as z from "zod/mini";
import { isMap, isNode } from "yaml";
import { linesOutsideFences } from "../../core/markdown-lines.ts";
import {
  cutFile,
  type FrontMatter,
  isProblem,
  type Parts,
  type Problem,
  readFrontMatter,
} from "./front-matter.ts";

/** What an issue file says. */
export interface IssueText {
  /** From `title:` or the first `# Heading`; null when it has neither. */
  readonly title: string | null;
  readonly open: boolean;
  /** Trimmed, in lower case, each once, `priority` included. */
  readonly labels: readonly string[];
  /** As written: a number, `#3` or `repo#3`. */
  readonly blockedBy: readonly string[];
  readonly body: string;
  readonly parts: Parts;
  readonly front: FrontMatter | null;
}

const legal = {
  state: "`state` must be `open` or `closed`",
  labels: "`labels` must be a list of texts, such as `[bug, ready-for-agent]`",
  priority: "`priority` must be a whole number from 0",
  blocked_by: '`blocked_by` must be a list of issue numbers and names, such as `[3, "local/other#4"]`',
  title: "`title` must be a text on one line",
};

const blockerName = z
  .string()
  .check(z.regex(/^\s*(?:[\w.-]+(?:\/[\w.-]+){1,2}#|#)?[1-9]\d{0,14}\s*$/, legal.blocked_by));

const frontMatter = z.object(
  {
    state: z.nullish(z.enum(["open", "closed"], legal.state)),
    labels: z.nullish(z.array(z.string(legal.labels), legal.labels)),
    priority: z.nullish(z.int(legal.priority).check(z.minimum(0, legal.priority))),
    blocked_by: z.nullish(
      z.array(
        z.pipe(z.union([z.int().check(z.minimum(1)), blockerName], legal.blocked_by), z.transform(String)),
        legal.blocked_by,
      ),
    ),
    title: z.nullish(z.pipe(z.union([z.string(), z.number()], legal.title), z.transform(String))),
  },
  "the front matter must be lines of `name: value`",
);

/** Reads an issue file; a problem says what is wrong, where, and what is legal. */
export function readIssueText(text: string): IssueText | Problem {
  // Nobody means an empty file: an editor is in the middle of writing it.
  if (text.trim() === "")
    return { line: 1, message: "the file is empty; write at least a heading, `# Title`" };
  const parts = cutFile(text);
  if (isProblem(parts)) return parts;
  const front = parts.front === null ? null : readFrontMatter(text.slice(parts.front.start, parts.front.end));
  if (front !== null && isProblem(front)) return front;
  const parsed = frontMatter.safeParse(front?.value ?? {});
  if (front !== null) {
    const problem = parsed.success ? nearMiss(front) : schemaProblem(front, parsed.error);
    if (problem !== null) return problem;
  }
  const value = parsed.data ?? {};
  const body = text.slice(parts.body);
  return {
    title: titleOf(value.title ?? null, body),
    open: value.state !== "closed",
    labels: labelsOf(value.labels ?? [], value.priority ?? null),
    blockedBy: (value.blocked_by ?? []).map((name) => name.trim()),
    body,
    parts,
    front,
  };
}

/** How labels are compared: trimmed and in lower case. */
export function foldLabel(label: string): string {
  return label.trim().toLowerCase();
}

function labelsOf(written: readonly string[], priority: number | null): readonly string[] {
  const labels = new Set(written.map(foldLabel).filter((label) => label !== ""));
  if (priority !== null) labels.add(`priority:${priority}`);
  return [...labels];
}

function schemaProblem(front: FrontMatter, error: z.core.$ZodError): Problem {
  const issue = error.issues[0];
  return {
    line: lineAt(front, issue?.path ?? []),
    message: issue?.message ?? "the front matter is not legal",
  };
}

function lineAt(front: FrontMatter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = front.document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return front.lineOf(node.range[0]);
  }
  return 2;
}

/** A name that differs from one of ours in case, dashes or a plural would be dropped in silence, and a blocker with it. */
function nearMiss(front: FrontMatter): Problem | null {
  if (!isMap(front.document.contents)) return null;
  for (const pair of front.document.contents.items) {
    if (!isNode(pair.key)) continue;
    const name = String(pair.key);
    if (Object.hasOwn(legal, name)) continue;
    const folded = name.toLowerCase().replaceAll(/[^a-z]/g, "");
    const meant = Object.keys(legal).find((key) =>
      [key.replace("_", ""), key.replace(/s$/, ""), `${key}s`].includes(folded),
    );
    if (meant !== undefined)
      return {
        line: front.lineOf(pair.key.range?.[0] ?? 0),
        message: `\`${name}\` is not a name that afk reads; did you mean \`${meant}\`?`,
      };
  }
  return null;
}

function titleOf(written: string | null, body: string): string | null {
  if (written !== null && written.trim() !== "") return written.replaceAll(/\s+/g, " ").trim();
  for (const line of linesOutsideFences(body)) {
    const heading = /^ {0,3}#[ \t](.*)$/s.exec(line)?.[1]?.trim() ?? "";
    if (heading !== "") return withoutClosingMarks(heading);
  }
  return null;
}

/** `# Title ##` is the title "Title"; `# C#` keeps its mark (CommonMark 4.2). */
function withoutClosingMarks(heading: string): string {
  let end = heading.length;
  while (end > 0 && heading[end - 1] === "#") end -= 1;
  const isClosing = end < heading.length && /\s/.test(heading[end - 1] ?? "");
  return isClosing ? heading.slice(0, end).trim() : heading;
}
