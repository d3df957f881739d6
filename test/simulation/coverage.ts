// Counts what a run of the simulation has really exercised, and says what it never did.

/** Counts by kind and by what happened; plain data, for one process to tell another. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Coverage {
  hit(kind: string, what: string): void;
  counts(): Counts;
  merge(other: Counts): void;
  /** Of the wanted ones of a kind, those that never happened. */
  missing(kind: string, wanted: readonly string[]): readonly string[];
  table(kind: string): string;
}

export function createCoverage(): Coverage {
  const kinds = new Map<string, Map<string, number>>();
  function countsOf(kind: string): Map<string, number> {
    const known = kinds.get(kind);
    if (known !== undefined) return known;
    const fresh = new Map<string, number>();
    kinds.set(kind, fresh);
    return fresh;
  }
  function add(kind: string, what: string, count: number): void {
    const counts = countsOf(kind);
    counts.set(what, (counts.get(what) ?? 0) + count);
  }
  return {
    hit: (kind, what) => add(kind, what, 1),
    counts: () => Object.fromEntries([...kinds].map(([kind, counts]) => [kind, Object.fromEntries(counts)])),
    merge(other) {
      for (const [kind, counts] of Object.entries(other))
        for (const [what, count] of Object.entries(counts)) add(kind, what, count);
    },
    missing: (kind, wanted) => wanted.filter((what) => !countsOf(kind).has(what)),
    table: (kind) =>
      [...countsOf(kind)]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([what, count]) => `${what}=${count}`)
        .join(" "),
  };
}
