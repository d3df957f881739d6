// The least time that the requests of a recorded tick can take, if each waited only for those it could depend on.
import type { Traced } from "./fleet-options.ts";

export interface CriticalPath {
  readonly milliseconds: number;
  /** How many requests stand one after another in it. */
  readonly roundTrips: number;
}

/** The longest chain of requests of which each came after the answer to the one before. */
export function criticalPath(trace: readonly Pick<Traced, "from" | "to">[]): CriticalPath {
  const chains = trace
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, to }) => ({ from, to, chain: { milliseconds: to - from, roundTrips: 1 } }));
  const byEnd = chains.toSorted((a, b) => a.to - b.to);
  let longest: CriticalPath = { milliseconds: 0, roundTrips: 0 };
  let ended = 0;
  for (const one of chains) {
    // What ended before this one came also came before it, so its own chain is complete.
    for (let next = byEnd[ended]; next !== undefined && next.to <= one.from; next = byEnd[(ended += 1)])
      longest = longer(longest, next.chain);
    one.chain = {
      milliseconds: longest.milliseconds + one.chain.milliseconds,
      roundTrips: longest.roundTrips + 1,
    };
  }
  return chains.reduce((most, { chain }) => longer(most, chain), longest);
}

function longer(a: CriticalPath, b: CriticalPath): CriticalPath {
  return b.milliseconds > a.milliseconds ? b : a;
}
