// Lays out rows in columns that fit a terminal; the last column is wrapped, never cut.

export interface Row {
  readonly cells: readonly string[];
  readonly text: string;
}

export interface TableOptions {
  /** The names of the cells and, last, of the text. */
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** The width of the terminal in characters. */
  readonly columns: number;
}

const GAP = "  ";
const MAX_CELL = 48;
const MIN_TEXT = 30;

/** The lines of the table, none wider than the terminal unless that is narrower than a single cell. */
export function table(options: TableOptions): readonly string[] {
  const { head, rows, columns } = options;
  const last = head.length - 1;
  const widths = head.slice(0, last).map((name, index) => {
    const lengths = rows.map((row) => lengthOf(row.cells[index] ?? ""));
    return Math.min(MAX_CELL, Math.max(name.length, ...lengths));
  });
  const start = widths.reduce((sum, width) => sum + width + GAP.length, 0);
  if (columns - start < MIN_TEXT) return rows.flatMap((row) => stacked(row, columns));
  return [
    `${cells(head.slice(0, last), widths)}${head[last] ?? ""}`,
    ...rows.flatMap((row) => {
      const [first = "", ...rest] = wrapped(row.text, columns - start);
      return [
        `${cells(row.cells, widths)}${first}`.trimEnd(),
        ...rest.map((line) => " ".repeat(start) + line),
      ];
    }),
  ];
}

/** For a narrow terminal: the cells on a line of their own, the text below. */
function stacked(row: Row, columns: number): readonly string[] {
  const title = row.cells.map((cell) => shortened(cell, MAX_CELL)).join(GAP);
  return [
    shortened(title, columns),
    ...wrapped(row.text, Math.max(10, columns - 2)).map((line) => `  ${line}`),
  ];
}

function cells(texts: readonly string[], widths: readonly number[]): string {
  return texts
    .map((text, index) => {
      const width = widths[index] ?? 0;
      const cell = shortened(text, width);
      return cell + " ".repeat(Math.max(0, width - lengthOf(cell))) + GAP;
    })
    .join("");
}

function shortened(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

/** Breaks at spaces, and inside a word only when it is longer than a line. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((whole) => pieces(whole, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (lengthOf(longer) <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  const characters = Array.from(word);
  if (characters.length <= width) return [word];
  const parts: string[] = [];
  for (let start = 0; start < characters.length; start += width)
    parts.push(characters.slice(start, start + width).join(""));
  return parts;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
