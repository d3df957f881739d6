// Cuts an issue file into its parts and reads the YAML between the `---` lines, keeping every position in the file.
import { type Document, LineCounter, parseDocument } from "yaml";

/** The parts of a file, as positions in its text; they leave out nothing. */
export interface Parts {
  /** Null: the file has no front matter. `start` and `end` hold the YAML, without the two `---` lines. */
  readonly front: { readonly start: number; readonly end: number } | null;
  /** Where a front matter stands or would stand: behind a byte order mark. */
  readonly top: number;
  /** Where the body begins. */
  readonly body: number;
  /** The line break that the file uses. */
  readonly lineBreak: "\n" | "\r\n";
}

/** What is wrong with an issue file: one sentence part and the line it is about, counted from 1. */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** Larger than any front matter a person writes; keeps a hostile one from costing time. */
const MAX_FRONT_LENGTH = 64 * 1024;

/** Cuts a file; a problem when it opens a front matter and never closes it. */
export function cutFile(text: string): Parts | Problem {
  const top = text.startsWith("\uFEFF") ? 1 : 0;
  const firstBreak = text.indexOf("\n");
  const lineBreak = firstBreak > 0 && text[firstBreak - 1] === "\r" ? "\r\n" : "\n";
  const opening = /---[ \t]*\r?\n/y;
  opening.lastIndex = top;
  if (opening.exec(text) === null) return { front: null, top, body: top, lineBreak };
  const start = opening.lastIndex;
  const closing = /(?<=\n)---[ \t]*(?:\r?\n|$)/g;
  closing.lastIndex = start;
  const match = closing.exec(text);
  if (match === null)
    return {
      line: 1,
      message: "the front matter is not closed; end it with a line of three dashes, `---`",
    };
  return { front: { start, end: match.index }, top, body: closing.lastIndex, lineBreak };
}

export function isProblem(value: object): value is Problem {
  return "message" in value;
}

/** The YAML of a front matter with a way back from its positions to lines of the file. */
export interface FrontMatter {
  readonly yaml: string;
  readonly document: Document.Parsed;
  readonly value: unknown;
  /** The line of the file, counted from 1, for a position in the YAML. */
  lineOf(position: number): number;
}

/** Reads the YAML; a problem when it is not YAML or too much of it. */
export function readFrontMatter(yaml: string): FrontMatter | Problem {
  if (yaml.length > MAX_FRONT_LENGTH)
    return { line: 1, message: `the front matter is longer than ${MAX_FRONT_LENGTH} characters` };
  const lineCounter = new LineCounter();
  // The opening `---` is the first line of the file.
  const lineOf = (position: number) => Math.max(1, lineCounter.linePos(position).line) + 1;
  try {
    const document = parseDocument(yaml, { lineCounter, prettyErrors: false, logLevel: "silent" });
    const error = document.errors[0];
    if (error !== undefined)
      return { line: lineOf(error.pos[0]), message: `the front matter is not valid YAML: ${error.message}` };
    return { yaml, document, value: document.toJS({ maxAliasCount: 100 }), lineOf };
  } catch (error) {
    // The reader itself gives up on aliases that multiply and on thousands of nested brackets.
    const reason = error instanceof Error ? error.message : String(error);
    return { line: 2, message: `the front matter cannot be read as YAML: ${reason}` };
  }
}
