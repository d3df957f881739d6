// The room for one more run: a lane, or every reason why there is none.
import { describe, expect, test } from "vitest";
import { type Lanes, roomIn, type Tick } from "../../src/core/capacity.ts";
import { known, unknown } from "../../src/core/observation.ts";
import { policy, REPO } from "../support/world.ts";

function room(lanes: Partial<Lanes> = {}, tick: Partial<Tick> = {}) {
  return roomIn(
    { repo: REPO, policy: policy(), busy: new Set(), ...lanes },
    { fleet: known({ threads: [], cards: [] }), limited: null, running: 0, started: 0, ...tick },
  );
}

describe("the room", () => {
  test.each<[number, Partial<Lanes>]>([
    [0, {}],
    [0, { busy: new Set([1, 7]) }],
    [1, { busy: new Set([0, 2]), policy: policy({ maxPerRepo: 3 }) }],
  ])("is lane %d, the lowest that is free", (lane, lanes) => {
    expect(room(lanes)).toEqual({ lane, closed: null });
  });

  test("is there up to the last place of the fleet and of the tick", () => {
    const limits = policy({ maxInFlight: 5, maxDispatchPerTick: 2 });

    expect(room({ policy: limits }, { running: 3, started: 1 }).closed).toBeNull();
    expect(room({ policy: limits }, { running: 3, started: 2 }).closed?.gates).toHaveLength(2);
  });

  test("is closed for every reason at once, and the first one names it", () => {
    const closed = room(
      { busy: new Set([0]), policy: policy({ maxInFlight: 2, maxDispatchPerTick: 1 }) },
      { limited: "The limit is nearly used up.", running: 1, started: 1 },
    );

    expect(closed).toEqual({
      lane: null,
      closed: {
        reason: "rate_limited",
        message:
          "The limit is nearly used up. The lane of acme/shop is taken. 2 runs are in flight. This tick already starts 1 runs.",
        gates: ["rate_limited", "repo_busy", "fleet_full", "tick_full"].map((reason) =>
          expect.objectContaining({ reason }),
        ),
      },
    });
  });

  test("is closed for that reason alone while the executor is unknown", () => {
    expect(
      room({ busy: new Set([0]) }, { fleet: unknown("transport", "No answer."), limited: "And no points." }),
    ).toMatchObject({
      lane: null,
      closed: { gates: [{ reason: "executor_unknown", message: "No answer." }] },
    });
  });
});
