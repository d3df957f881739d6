// Bounded concurrency: never more under way than allowed, in order, and a failure takes no turn away.
import { expect, it } from "vitest";
import { concurrently, createTurns } from "../src/concurrently.ts";

/** Work that notes how many of its kind are under way. */
function counted() {
  const seen = { now: 0, most: 0, order: [] as number[] };
  const work = async (index: number): Promise<number> => {
    seen.now += 1;
    seen.order.push(index);
    seen.most = Math.max(seen.most, seen.now);
    await new Promise((resolve) => setImmediate(resolve));
    seen.now -= 1;
    if (index % 7 === 3) throw new Error(`${index}`);
    return index;
  };
  return { seen, work };
}

const numbers = Array.from({ length: 100 }, (_, index) => index);

it.each([
  ["sixteen", undefined, 16],
  ["as many as the server bears", 32, 32],
])(
  "gives turns in the order of the calls, at most %s at once, also after failures",
  async (_, atOnce, most) => {
    const inTurn = createTurns(atOnce);
    const { seen, work } = counted();

    const results = await Promise.allSettled(numbers.map((index) => inTurn(() => work(index))));

    expect(results.map(({ status }) => status === "fulfilled")).toEqual(
      numbers.map((index) => index % 7 !== 3),
    );
    expect(seen).toEqual({ now: 0, most, order: numbers });
  },
);

it("maps in order, at most sixteen at once", async () => {
  const { seen, work } = counted();

  const results = await concurrently(numbers, (index) => work(index * 7));

  expect(results).toEqual(numbers.map((index) => index * 7));
  expect(seen.most).toBe(16);
});
