// The exhaustive engine: every cut of a tick, every pair of cuts with the next tick, and every way in which ticks overlap.
import type { Coverage } from "./coverage.ts";
import { heal } from "./heal.ts";
import { createPlayer, type History, type Line, type Step, type TickGroup } from "./history.ts";
import { type Bounds, interleave } from "./interleave.ts";
import type { Violation } from "./oracle.ts";
import type { Scenario } from "./scenarios.ts";

export interface Finding {
  readonly name: string;
  readonly history: History;
  readonly violations: readonly Violation[];
}

export interface Explored {
  /** Histories that were judged, those that lead to a world already judged included. */
  histories: number;
  /** Histories that were played to the end. */
  played: number;
  ticks: number;
  readonly findings: Finding[];
}

export interface Reach {
  /** Also cut the tick that follows a cut, and let two ticks overlap in every way. */
  readonly pairs: boolean;
  /** Also let three overlap. */
  readonly three: boolean;
  /** Start an overlapping tick at every so many requests, and let it run to its end at once. */
  readonly stride?: number;
  /** Stop at the first finding. */
  readonly first?: boolean;
}

interface Played {
  readonly lines: readonly Line[];
  readonly fingerprint: string;
  readonly violations: readonly Violation[];
}

/** Explores one scenario; worlds that are equal have the same future, so each is healed once. */
export async function explore(scenario: Scenario, reach: Reach, coverage: Coverage): Promise<Explored> {
  const explored: Explored = { histories: 0, played: 0, ticks: 0, findings: [] };
  const healed = new Set<string>();
  const isEnough = (): boolean => reach.first === true && explored.findings.length > 0;

  /** Plays on to rest, unless a history that ends in the same world was. `traced`: the last group is written down. */
  async function play(steps: readonly Step[], what: string, isTraced = false): Promise<Played> {
    const player = createPlayer(scenario.settings ?? {}, coverage);
    try {
      await player.play(steps.slice(0, -1));
      if (isTraced) player.trace = [];
      await player.play(steps.slice(-1));
      const lines = player.trace ?? [];
      player.trace = null;
      const fingerprint = player.world.fingerprint();
      explored.histories += 1;
      if (player.violations().length > 0 || !healed.has(fingerprint)) {
        healed.add(fingerprint);
        explored.played += 1;
        if (player.violations().length === 0) await heal(player);
      }
      explored.ticks += player.ticks;
      const violations = player.violations();
      keep(steps, what, violations);
      return { lines, fingerprint, violations };
    } finally {
      player.close();
    }
  }

  /** Every distinct world in which a crash can leave a group of one tick. */
  async function cuts(
    before: readonly Step[],
    group: TickGroup,
    what: string,
    isLast: boolean,
  ): Promise<void> {
    const whole = await play([...before, group], what, true);
    const seen = new Set<string>();
    for (const [at, line] of whole.lines.entries())
      for (const isAfter of [false, true]) {
        if (isEnough()) return;
        const fingerprint = isAfter ? line.fingerprint : (whole.lines[at - 1]?.fingerprint ?? "");
        if (at > 0 && seen.has(fingerprint)) {
          explored.histories += 1;
          continue;
        }
        seen.add(fingerprint);
        const cut = {
          ...group,
          ticks: group.ticks.map((tick) => ({ ...tick, cut: { at, after: isAfter } })),
        };
        const name = `${what}, cut ${isAfter ? "after" : "before"} ${at} ${line.endpoint}`;
        const result = await play([...before, cut], name);
        if (!isLast && result.violations.length === 0)
          for (const command of COMMANDS)
            for (const skip of PAUSES)
              await cuts(
                [...before, cut, { deed: ["skip", skip] }],
                { ticks: [{ command }] },
                `${name}, then ${command} after ${skip} s`,
                true,
              );
      }
  }

  /** Every way of a group of overlapping ticks, with the cuts of those among them that die. */
  async function overlaps(group: TickGroup, bounds: Bounds): Promise<void> {
    const names = group.ticks.map(({ command }) => command).join(" and ");
    await interleave(group, bounds, async (way, readBy) => {
      const player = createPlayer(scenario.settings ?? {}, coverage);
      try {
        await player.play(scenario.before);
        readBy(() => player.world.fingerprint());
        player.pilot = way.pilot;
        await player.group(group);
        player.pilot = null;
        explored.histories += 1;
        const fingerprint = player.world.fingerprint();
        if (player.violations().length === 0 && !way.isKnown() && !healed.has(fingerprint)) {
          healed.add(fingerprint);
          explored.played += 1;
          await heal(player);
        }
        explored.ticks += player.ticks;
        keep([...scenario.before, way.group()], `overlap of ${names}`, player.violations());
        return !isEnough();
      } finally {
        player.close();
      }
    });
  }

  function keep(steps: readonly Step[], what: string, violations: readonly Violation[]): void {
    if (violations.length === 0) return;
    const { name, settings } = scenario;
    const history = { steps, ...(settings === undefined ? {} : { settings }) };
    explored.findings.push({ name: `${name}: ${what}`, history, violations });
  }

  await cuts(scenario.before, scenario.group, scenario.name, !reach.pairs);
  const [first] = scenario.group.ticks;
  if (first === undefined) return explored;
  if (reach.pairs)
    for (const command of COMMANDS)
      await overlaps({ ...scenario.group, ticks: [first, { command }] }, PAIR_BOUNDS);
  if (reach.three)
    await overlaps(
      { ...scenario.group, ticks: [first, ...COMMANDS.map((command) => ({ command }))] },
      THREE_BOUNDS,
    );
  if (reach.stride === undefined) return explored;
  const whole = await play([...scenario.before, scenario.group], "alone", true);
  for (let from = 0; from <= whole.lines.length && !isEnough(); from += reach.stride) {
    const ticks = [first, { command: first.command, from }];
    const group = { ...scenario.group, ticks, order: [1] };
    await play([...scenario.before, group], `overlapped by ${first.command} at ${from}`);
  }
  return explored;
}

/** Seconds before the next tick: within and after the times in which a thread counts as running. */
const PAUSES = [60, 400];
const COMMANDS = ["poll", "watch"] as const;
/** Two ticks change places at any two requests, and both may die at any. */
const PAIR_BOUNDS: Bounds = { switches: 2, cuts: 2 };
/** Three ticks change places at any request, and one may die at any. */
const THREE_BOUNDS: Bounds = { switches: 1, cuts: 1 };
