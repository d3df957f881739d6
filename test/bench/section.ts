// What one part of the benchmark found: a table for people and the same numbers for programs.

export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the table was made from. */
  readonly values: unknown;
}

/** How much is measured; the quick form only shows that it works. */
export interface Effort {
  readonly quick: boolean;
  /** How often each program of a comparison is run. */
  readonly rounds: number;
}

export function ratio(value: number): string {
  return `${value.toFixed(2)}x`;
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(0)} ms`;
}

export function megabytes(value: number): string {
  return `${value.toFixed(0)} MB`;
}

/** The section as README has it. */
export function markdown({ title, columns, rows }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const ruler = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  return [`**${title}**`, "", line(columns), line(ruler), ...rows.map(line)].join("\n");
}
