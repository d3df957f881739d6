// The longest chain of requests of a recorded tick.
import { expect, it } from "vitest";
import { criticalPath } from "./critical-path.ts";

it.each<[string, readonly (readonly [number, number])[], number, number]>([
  ["nothing", [], 0, 0],
  ["one", [[5, 55]], 50, 1],
  [
    "two at once count once",
    [
      [0, 50],
      [1, 51],
    ],
    50,
    1,
  ],
  [
    "one after another",
    [
      [0, 50],
      [60, 110],
    ],
    100,
    2,
  ],
  [
    "what waits for the slower of two",
    [
      [0, 50],
      [0, 80],
      [90, 140],
    ],
    130,
    2,
  ],
  [
    "what began before the slower ended waits only for the faster",
    [
      [0, 50],
      [0, 80],
      [60, 110],
    ],
    100,
    2,
  ],
  [
    "a chain past a long one",
    [
      [0, 200],
      [0, 50],
      [60, 110],
      [120, 180],
    ],
    200,
    1,
  ],
  [
    "any order of the record",
    [
      [120, 170],
      [0, 50],
      [60, 110],
    ],
    150,
    3,
  ],
])("%s", (_, trace, milliseconds, roundTrips) => {
  const path = criticalPath(trace.map(([from, to]) => ({ from, to })));

  expect(path).toEqual({ milliseconds, roundTrips });
});
