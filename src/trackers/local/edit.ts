// Changes one label or the state in the text of an issue file by a small splice, and checks that nothing else changed.
import { isDeepStrictEqual } from "node:util";
import { AfkError } from "../../errors.ts";
import { isProblem } from "./front-matter.ts";
import { foldLabel, type IssueText, readIssueText } from "./issue-text.ts";
import { type Splice, spliceAdd, spliceRemove, spliceState, yamlText } from "./splice.ts";

/** A change to an issue file. */
export type Edit =
  | { readonly kind: "add_label" | "remove_label"; readonly label: string }
  | { readonly kind: "close" | "reopen" };

/**
 * Makes a change in the text of an issue file; every character that it does not concern stays as it is.
 * @returns the new text, or null when the file says so already.
 * @throws AfkError `config` when the file cannot be read, or is written in a way that afk cannot change safely.
 */
export function editIssueText(text: string, edit: Edit, path: string): string | null {
  let current = text;
  // A label may stand there more than once, in several spellings: one step takes one of them.
  for (let step = 0; step <= MAX_STEPS; step += 1) {
    const next = editOnce(current, edit, path);
    if (next === null) return current === text ? null : current;
    current = next;
  }
  throw unsafe(edit, path);
}

/** Each step reads the whole file, and nobody means the same label twenty times. */
const MAX_STEPS = 20;

function editOnce(text: string, edit: Edit, path: string): string | null {
  const before = readOrThrow(text, path);
  const step = stepFor(before, edit);
  if (step === null) return null;
  const splice = step.splice;
  if (splice === null) throw unsafe(edit, path);
  const offset = before.parts.front?.start ?? 0;
  const after = text.slice(0, splice.start + offset) + splice.text + text.slice(splice.end + offset);
  const read = readIssueText(after);
  const isExact =
    !isProblem(read) && read.body === before.body && isDeepStrictEqual(valuesOf(read), step.wanted);
  if (!isExact) throw unsafe(edit, path);
  return after;
}

function readOrThrow(text: string, path: string): IssueText {
  const read = readIssueText(text);
  if (!isProblem(read)) return read;
  throw new AfkError("config", `afk cannot change ${path}: in line ${read.line}, ${read.message}.`);
}

function unsafe(edit: Edit, path: string): AfkError {
  const isState = edit.kind === "close" || edit.kind === "reopen";
  return new AfkError(
    "config",
    `afk cannot change the ${isState ? "state" : "labels"} in ${path} without touching something else: ` +
      `write ${isState ? "`state: open`" : "`labels: [one, two]`"} there, each on one line.`,
  );
}

type Values = Readonly<Record<string, unknown>> & { readonly labels: readonly string[] };

/** Everything the front matter says, also under names that afk does not read. */
function valuesOf(issue: IssueText): Values {
  const value: unknown = issue.front?.value ?? {};
  const all = new Map(Object.entries(Object(value)));
  const labels = all.get("labels");
  return {
    ...Object.fromEntries(all),
    labels: Array.isArray(labels) ? labels.map(String) : [],
    state: issue.open ? "open" : "closed",
  };
}

interface Step {
  readonly splice: Splice | null;
  /** What the front matter must say afterwards. */
  readonly wanted: Values;
}

/** One step towards the change; null when there is nothing left to do. */
function stepFor(issue: IssueText, edit: Edit): Step | null {
  switch (edit.kind) {
    case "add_label":
      return addStep(issue, edit.label.trim());
    case "remove_label":
      return removeStep(issue, foldLabel(edit.label));
    case "close":
      return stateStep(issue, "closed");
    case "reopen":
      return stateStep(issue, "open");
    default:
      return edit satisfies never;
  }
}

function addStep(issue: IssueText, label: string): Step | null {
  if (issue.labels.includes(foldLabel(label))) return null;
  const values = valuesOf(issue);
  const splice =
    issue.front === null
      ? newFrontMatter(issue, `labels: [${yamlText(label)}]`)
      : spliceAdd(issue.front, label, issue.parts.lineBreak);
  return { splice, wanted: { ...values, labels: [...values.labels, label] } };
}

function removeStep(issue: IssueText, folded: string): Step | null {
  const values = valuesOf(issue);
  const index = values.labels.findIndex((label) => foldLabel(label) === folded);
  if (index < 0 || issue.front === null) return null;
  return {
    splice: spliceRemove(issue.front, index),
    wanted: { ...values, labels: values.labels.toSpliced(index, 1) },
  };
}

function stateStep(issue: IssueText, state: "open" | "closed"): Step | null {
  if (issue.open === (state === "open")) return null;
  const splice =
    issue.front === null
      ? newFrontMatter(issue, `state: ${state}`)
      : spliceState(issue.front, state, issue.parts.lineBreak);
  return { splice, wanted: { ...valuesOf(issue), state } };
}

function newFrontMatter(issue: IssueText, entry: string): Splice {
  const { top, lineBreak } = issue.parts;
  return { start: top, end: top, text: ["---", entry, "---", ""].join(lineBreak) };
}
