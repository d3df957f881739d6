// Bounded concurrency: many small questions at once, but never so many that a server minds.

/** How many requests or processes a tick has under way at once. */
const AT_ONCE = 20;

/** Maps items in order with a bounded number under way; the first throw rejects. */
export async function concurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}
