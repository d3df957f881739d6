// The swarm engine: a seed makes one history out of a random subset of actors and faults; a failing one is made small.
import { withAmbush } from "./ambush.ts";
import { type Coverage, createCoverage } from "./coverage.ts";
import { AGENT_DEEDS, CI_DEEDS, COCKPIT_DEEDS, type Deed, MACHINE_DEEDS, PERSON_DEEDS } from "./deeds.ts";
import { FAULTS, type FaultKind } from "./faults.ts";
import { heal } from "./heal.ts";
import { createPlayer, type History, type Step, type TickGroup, type TickPlan } from "./history.ts";
import type { Violation } from "./oracle.ts";
import { createRandom, type Random } from "./random.ts";
import type { Platform } from "./trap.ts";
import { REPOS } from "./world.ts";

/** Which actors and faults take part in a history. */
interface Options {
  readonly faults: readonly FaultKind[];
  readonly faultRate: number;
  readonly agents: readonly string[];
  readonly people: readonly string[];
  readonly machines: readonly string[];
  readonly cockpit: readonly string[];
  readonly isOverlapping: boolean;
  readonly isCrashing: boolean;
  readonly isSkewed: boolean;
  readonly isTampering: boolean;
}

function subset<T>(random: Random, items: readonly T[], probability: number): readonly T[] {
  return items.filter(() => random.chance(probability));
}

/** The history of a seed: about so many ticks, everything in it written out. */
export function historyOf(seed: number, ticks: number): History {
  const random = createRandom(seed);
  const isTampering = random.chance(0.15);
  const options: Options = {
    faults: random.chance(0.75) ? subset(random, FAULTS, 0.3) : [],
    faultRate: random.pick([0.3, 1, 3]),
    agents: ["green", ...subset(random, AGENT_DEEDS, 0.5)],
    people: random.chance(0.7)
      ? subset(random, PERSON_DEEDS, 0.35).filter((what) => isTampering || !what.endsWith("-card"))
      : [],
    machines: random.chance(0.4) ? subset(random, MACHINE_DEEDS, 0.4) : [],
    cockpit: random.chance(0.4) ? subset(random, COCKPIT_DEEDS, 0.5) : [],
    isOverlapping: random.chance(0.5),
    isCrashing: random.chance(0.5),
    isSkewed: random.chance(0.2),
    isTampering,
  };
  const settings: Record<string, string> = {};
  if (random.chance(0.2)) settings["AFK_MAX_IN_FLIGHT"] = "1";
  if (random.chance(0.2)) settings["AFK_MAX_DISPATCH_PER_TICK"] = "1";
  if (random.chance(0.2)) settings["AFK_NO_CI"] = "green";
  if (random.chance(0.1)) settings["AFK_TICK_MAX_SECONDS"] = "20";
  const steps: Step[] = [{ deed: ["open", 0, "ready"] }];
  if (random.chance(0.006)) steps.push({ deed: ["crowd", random.below(2)] });
  while (steps.filter((step) => "ticks" in step).length < ticks) {
    for (let count = random.below(3); count > 0; count -= 1) {
      const deed = someDeed(random, options);
      if (deed !== null) steps.push({ deed });
    }
    steps.push({ deed: ["skip", random.pick([1, 30, 60, 60, 180, 180, 240, 600, 1300, 4000])] });
    steps.push(someTicks(random, options));
  }
  return { settings, steps: options.faults.length === 0 ? steps : withAmbush(seed, random, steps) };
}

const ISSUE_KINDS = [
  "ready",
  "ready",
  "ready",
  "priority1",
  "blocked",
  "text-blocked",
  "untrusted",
  "self",
  "ghost",
  "hidden",
  "forbidden",
  "hostile",
  "parent",
  "",
] as const;

function someDeed(random: Random, options: Options): Deed | null {
  const repo = random.below(2);
  const issue = 1 + random.below(3);
  switch (random.below(9)) {
    case 0:
      return random.chance(0.4) ? ["open", repo, random.pick(ISSUE_KINDS)] : null;
    case 1:
    case 2:
    case 3:
      return ["agent", random.pick(options.agents), random.below(3)];
    case 4:
    case 5:
      return options.people.length === 0 ? null : ["person", random.pick(options.people), repo, issue];
    case 6:
      return options.machines.length === 0 ? null : ["machine", random.pick(options.machines)];
    case 7:
      return random.chance(0.5) ? ["ci", random.pick(CI_DEEDS), repo] : switches(random, options);
    default:
      return options.cockpit.length === 0 ? null : ["cockpit", random.pick(options.cockpit), random.below(4)];
  }
}

function switches(random: Random, options: Options): Deed | null {
  if (random.chance(0.3)) return ["set", "AFK_KILL_SWITCH", random.pick(["true", "false", "false"])];
  if (random.chance(0.1)) return ["set", "AFK_HALT", random.pick(["true", "false"])];
  if (random.chance(0.08)) return ["set", "AFK_ALLOWLIST", random.pick([REPOS.join(","), REPOS[1]])];
  if (options.faults.length === 0) return null;
  const service = random.pick(["github", "t3", "bell"]);
  return ["outage", service, random.chance(0.5) ? "none" : random.pick(options.faults)];
}

function someTicks(random: Random, options: Options): TickGroup {
  const count = options.isOverlapping && random.chance(0.5) ? 2 + random.below(2) : 1;
  const ticks = Array.from({ length: count }, (_, index): TickPlan => ({
    command: random.chance(0.45) ? "poll" : "watch",
    ...(index === 0 ? {} : { from: random.below(16) }),
    ...(options.isSkewed && random.chance(0.3) ? { skew: (random.below(1801) - 900) * 1000 } : {}),
    ...(options.isCrashing && random.chance(0.25)
      ? { cut: { at: random.below(20), after: random.chance(0.5) } }
      : {}),
  }));
  const faults: (readonly [number, FaultKind])[] = [];
  if (options.faults.length > 0)
    for (let left = options.faultRate; left > 0; left -= 1)
      if (random.chance(Math.min(1, left))) faults.push([random.below(24), random.pick(options.faults)]);
  const deeds: (readonly [number, Deed])[] = [];
  if (random.chance(0.25)) {
    const deed = someDeed(random, options);
    if (deed !== null && deed[0] !== "set") deeds.push([random.below(24), deed]);
  }
  return {
    ticks,
    ...(count === 1
      ? {}
      : {
          order: Array.from({ length: 1 + random.below(7) }, () =>
            random.chance(0.1) ? -1 : random.below(3),
          ),
        }),
    ...(faults.length === 0 ? {} : { faults }),
    ...(deeds.length === 0 ? {} : { deeds }),
    ...(random.chance(0.03) ? { terminate: random.below(16) } : {}),
  };
}

export interface Result {
  readonly ticks: number;
  readonly requests: number;
  readonly fingerprint: string;
  readonly violations: readonly Violation[];
}

/** Plays a history, heals the world and demands progress. */
export async function playHistory(
  history: History,
  coverage: Coverage,
  platform: Platform = "light",
): Promise<Result> {
  const player = createPlayer(history.settings ?? {}, coverage, platform);
  try {
    await player.play(history.steps);
    if (player.violations().length === 0) await heal(player);
    const { ticks, requests } = player;
    return { ticks, requests, fingerprint: player.world.fingerprint(), violations: [...player.violations()] };
  } finally {
    player.close();
  }
}

/** Makes a failing history smaller while the same invariant breaks: ever shorter runs of steps are left out, then their parts. */
export async function shrink(history: History, invariant: string, most = 400): Promise<History> {
  let best = history;
  let tries = 0;
  const stillFails = async (candidate: History): Promise<boolean> => {
    tries += 1;
    const { violations } = await playHistory(candidate, createCoverage());
    return violations[0]?.invariant === invariant;
  };
  const attempt = async (candidate: History): Promise<boolean> => {
    if (tries >= most || !(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (
    let size = Math.ceil(best.steps.length / 2);
    size >= 1 && tries < most;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  )
    for (let at = best.steps.length - size; at >= 0; at -= size)
      await attempt({ ...best, steps: best.steps.filter((_, index) => index < at || index >= at + size) });
  for (let at = best.steps.length - 1; at >= 0; at -= 1)
    for (let again = true; again;) {
      again = false;
      const step = best.steps[at];
      if (step === undefined || "deed" in step) break;
      for (const smaller of smallerGroups(step))
        if (await attempt({ ...best, steps: best.steps.with(at, smaller) })) {
          again = true;
          break;
        }
    }
  for (const name of Object.keys(best.settings ?? {})) {
    const { [name]: _left, ...settings } = best.settings ?? {};
    await attempt({ ...best, settings });
  }
  return best;
}

function smallerGroups(group: TickGroup): readonly TickGroup[] {
  const { order: _order, terminate: _terminate, ...rest } = group;
  const lists: TickGroup[] = [];
  for (const index of (group.faults ?? []).keys())
    lists.push({ ...group, faults: (group.faults ?? []).toSpliced(index, 1) });
  for (const index of (group.deeds ?? []).keys())
    lists.push({ ...group, deeds: (group.deeds ?? []).toSpliced(index, 1) });
  if (group.ticks.length > 1)
    for (const index of group.ticks.keys()) lists.push({ ...group, ticks: group.ticks.toSpliced(index, 1) });
  if (group.order !== undefined || group.terminate !== undefined) lists.push(rest);
  for (const [index, { cut, skew, ...tick }] of group.ticks.entries())
    if (cut !== undefined || skew !== undefined)
      lists.push({ ...group, ticks: group.ticks.with(index, tick) });
  return lists.map(({ faults, deeds, ...other }) => ({
    ...other,
    ...(faults === undefined || faults.length === 0 ? {} : { faults }),
    ...(deeds === undefined || deeds.length === 0 ? {} : { deeds }),
  }));
}
