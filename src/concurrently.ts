// Bounded concurrency: many small questions at once, but never so many that a server minds.

/** How many requests to one server, or processes, a tick has under way at once where nobody says how many it bears. */
const AT_ONCE = 16;

/** Maps items in order with a bounded number under way; the first throw rejects. */
export async function concurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce: number = AT_ONCE,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}

/** Gives each piece of work its turn, in the order of the calls, when fewer than the bounded number are under way. */
export function createTurns(atOnce: number = AT_ONCE): <T>(work: () => Promise<T>) => Promise<T> {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
