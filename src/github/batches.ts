// Puts many small questions into few requests, and makes a request smaller when GitHub says that it was too much.
import { concurrently } from "../concurrently.ts";
import { AfkError } from "../errors.ts";
import { REQUESTS_AT_ONCE, TooMuchError } from "./limits.ts";

/** So many single items that fail, and nothing that succeeded, mean that size is not the reason. */
const HOPELESS = 3;

/** What one call has seen so far. */
interface Experience {
  succeeded: boolean;
  failedAlone: number;
}

/**
 * Asks about items, at most `size` in one request. An AfkError of a request is told of each of its items; one that was too
 * much is asked again in halves, unless it shows that GitHub answers nothing at all.
 */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  ask: (batch: readonly T[]) => Promise<void>,
  fail: (item: T, error: AfkError) => void,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
  const experience: Experience = { succeeded: false, failedAlone: 0 };
  await concurrently(batches, (batch) => askOrHalve(batch, ask, fail, experience), REQUESTS_AT_ONCE);
}

async function askOrHalve<T>(
  batch: readonly T[],
  ask: (batch: readonly T[]) => Promise<void>,
  fail: (item: T, error: AfkError) => void,
  experience: Experience,
): Promise<void> {
  try {
    await ask(batch);
    experience.succeeded = true;
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    if (error instanceof TooMuchError && batch.length === 1) experience.failedAlone += 1;
    const isHopeless = !experience.succeeded && experience.failedAlone >= HOPELESS;
    if (!(error instanceof TooMuchError) || batch.length === 1 || isHopeless) {
      for (const item of batch) fail(item, error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await askOrHalve(batch.slice(0, middle), ask, fail, experience);
    await askOrHalve(batch.slice(middle), ask, fail, experience);
  }
}

/** Numbers variables of one query: `$o0: String!` and their values, never spliced into the text. */
export function variableList(
  lists: readonly { readonly name: string; readonly type: string; readonly values: readonly unknown[] }[],
): { readonly declared: string; readonly values: Readonly<Record<string, unknown>> } {
  const entries = lists.flatMap(({ name, type, values }) =>
    values.map((value, index) => ({ key: `${name}${index}`, type, value })),
  );
  return {
    declared: entries.map(({ key, type }) => `$${key}: ${type}`).join(", "),
    values: Object.fromEntries(entries.map(({ key, value }) => [key, value])),
  };
}
