// Counts what a run of the simulation has really exercised, and says what it never did.

export interface Coverage {
  readonly counts: Map<string, number>;
  hit(kind: string, what: string): void;
  merge(other: Readonly<Record<string, number>>): void;
  /** Of the wanted ones of a kind, those that never happened. */
  missing(kind: string, wanted: readonly string[]): readonly string[];
  table(kind: string): string;
}

export function createCoverage(): Coverage {
  const counts = new Map<string, number>();
  const add = (key: string, count: number): void => void counts.set(key, (counts.get(key) ?? 0) + count);
  return {
    counts,
    hit: (kind, what) => add(`${kind} ${what}`, 1),
    merge(other) {
      for (const [key, count] of Object.entries(other)) add(key, count);
    },
    missing: (kind, wanted) => wanted.filter((what) => !counts.has(`${kind} ${what}`)),
    table: (kind) =>
      [...counts]
        .filter(([key]) => key.startsWith(`${kind} `))
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => `${key.slice(kind.length + 1)}=${count}`)
        .join(" "),
  };
}
