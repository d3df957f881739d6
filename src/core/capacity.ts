// What a tick can still give to a repo: a free lane, a place in the fleet, one of the tick's own starts (DESIGN section 3).
import type { Fleet } from "./fleet.ts";
import { type Gate, type Grounds, groundsOf } from "./gates.ts";
import type { Observation } from "./observation.ts";
import type { Policy } from "./policy.ts";

/** A lane for one more run, and what closes it: the same for every issue that a repo has at one point of the tick. */
export interface Room {
  readonly lane: number | null;
  readonly closed: Grounds | null;
}

/** What counts over all repos. */
export interface Tick {
  readonly fleet: Observation<Fleet>;
  /** Why the tracker wants nothing new to be started. */
  readonly limited: string | null;
  /** Runs in flight before this tick. */
  readonly running: number;
  /** Runs that this tick starts. */
  readonly started: number;
}

/** What counts in one repo. */
export interface Lanes {
  readonly repo: string;
  readonly policy: Policy;
  readonly busy: ReadonlySet<number>;
}

/** The room for one more run in a repo. */
export function roomIn({ repo, policy, busy }: Lanes, tick: Tick): Room {
  if (!tick.fleet.known) return noRoom([{ reason: "executor_unknown", message: tick.fleet.message }]);
  const { maxPerRepo, maxInFlight, maxDispatchPerTick } = policy;
  const lane = firstFree(busy, maxPerRepo);
  const gates: Gate[] = [];
  if (tick.limited !== null) gates.push({ reason: "rate_limited", message: tick.limited });
  if (lane === null)
    gates.push({
      reason: "repo_busy",
      message:
        maxPerRepo === 1 ? `The lane of ${repo} is taken.` : `All ${maxPerRepo} lanes of ${repo} are taken.`,
    });
  if (tick.running + tick.started >= maxInFlight)
    gates.push({ reason: "fleet_full", message: `${maxInFlight} runs are in flight.` });
  if (tick.started >= maxDispatchPerTick)
    gates.push({ reason: "tick_full", message: `This tick already starts ${maxDispatchPerTick} runs.` });
  return { lane, closed: groundsOf(gates) };
}

/** For an issue that this tick may not act on. */
export const NOT_SELECTED: Room = noRoom([
  { reason: "not_selected", message: "--repo or --issue left it out of this tick." },
]);

function noRoom(gates: readonly Gate[]): Room {
  return { lane: null, closed: groundsOf(gates) };
}

function firstFree(busy: ReadonlySet<number>, lanes: number): number | null {
  for (let lane = 0; lane < lanes; lane += 1) if (!busy.has(lane)) return lane;
  return null;
}
