// Counts the HTTP requests of a tick by the kind of adapter that makes them.
import type { RequestCounts } from "./core/report.ts";

export type AdapterFamily = Exclude<keyof RequestCounts, "total">;

export interface RequestCounter {
  counts(): RequestCounts;
  /** The transport to give to the adapters of one family. */
  fetchFor(family: AdapterFamily): typeof fetch;
}

export function createRequestCounter(transport: typeof fetch): RequestCounter {
  const made = { tracker: 0, executor: 0, ci: 0, notifier: 0 };
  return {
    counts: () => ({ total: made.tracker + made.executor + made.ci + made.notifier, ...made }),
    fetchFor: (family) => (input, init) => {
      made[family] += 1;
      return transport(input, init);
    },
  };
}
