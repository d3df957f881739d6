// How long the pure decisions take, and how that grows.
import { known } from "../../src/core/observation.ts";
import { nextAction } from "../../src/core/next-action.ts";
import { type PollState, selectDispatchable } from "../../src/core/select.ts";
import { digest } from "../../src/digest.ts";
import { candidate, card, facts, health, idAt, placed, placeOf, policy, thread } from "../support/world.ts";
import { choices, stateOf } from "../support/run-states.ts";
import type { Section } from "./bench.ts";
import { median } from "./measure.ts";

const RUNS_PER_REPO = 10;

/** Ready issues, ten a repo, each repo with a run under way. */
function pollState(size: number): PollState {
  const repos = Array.from({ length: size / RUNS_PER_REPO }, (_, index) => `acme/r${index}`);
  const limits = policy({ maxInFlight: 1_000_000, maxDispatchPerTick: 1_000_000 });
  return {
    candidates: Array.from({ length: size }, (_, index) =>
      candidate({ repo: repos[index % repos.length] ?? "", number: index + 1 }),
    ),
    fleet: known({
      threads: repos.slice(0, repos.length / 2).map((repo) => {
        const place = placeOf({ repo });
        return placed({ place, thread: thread({ id: idAt({ repo }) }), run: null });
      }),
      cards: repos.slice(0, repos.length / 2).map((repo) => ({
        card: card({ repo, thread: idAt({ repo }) }),
        inProgress: true,
        abandoned: false,
      })),
    }),
    limited: null,
    repos: new Map(repos.map((repo) => [repo, { health: health(), facts: { ...facts, repo } }])),
    policyOf: () => limits,
    isSelected: () => true,
  };
}

function timeOf(work: () => void): number {
  const times = Array.from({ length: 9 }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
  });
  // The first ones also compile.
  return median(times.slice(2));
}

export async function decisions(): Promise<Section> {
  const [small, large] = [pollState(10_000), pollState(20_000)];
  const states = [...choices(1_000_003)].slice(0, 20_000).map(stateOf);
  const decideAll = (count: number) => () => {
    for (const { state, policy: limits } of states.slice(0, count)) nextAction(state, limits);
  };
  const rows = [
    [
      "which issues start",
      timeOf(() => void selectDispatchable(small, digest)),
      timeOf(() => void selectDispatchable(large, digest)),
    ],
    ["what happens next to each run", timeOf(decideAll(10_000)), timeOf(decideAll(20_000))],
  ] as const;
  return {
    title: "The decision alone, at 10,000 issues",
    columns: ["decision", "time", "time for twice as many"],
    rows: rows.map(([name, once, twice]) => [name, `${once.toFixed(1)} ms`, `${(twice / once).toFixed(2)}x`]),
  };
}
