// The exhaustive engine: every cut of a tick, every pair of cuts with the next tick, and every start of an overlapping one.
import type { Coverage } from "./coverage.ts";
import { heal } from "./heal.ts";
import { createPlayer, type History, type Line, type Step, type TickGroup } from "./history.ts";
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
  /** Also cut the tick that follows a cut. */
  readonly pairs: boolean;
  /** Also start a third tick. */
  readonly three: boolean;
  /** Start the overlapping tick at every so many requests, in the first order only. */
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
      if (violations.length > 0) {
        const history = {
          steps,
          ...(scenario.settings === undefined ? {} : { settings: scenario.settings }),
        };
        explored.findings.push({ name: `${scenario.name}: ${what}`, history, violations });
      }
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
          for (const command of ["poll", "watch"] as const)
            for (const skip of [60, 400])
              await cuts(
                [...before, cut, { deed: ["skip", skip] }],
                { ticks: [{ command }] },
                `${name}, then ${command} after ${skip} s`,
                true,
              );
      }
  }

  await cuts(scenario.before, scenario.group, scenario.name, !reach.pairs);
  const whole = await play([...scenario.before, scenario.group], "alone", true);
  const [first] = scenario.group.ticks;
  if (first === undefined) return explored;
  const ends = new Set<string>();
  const overlap = async (group: TickGroup, what: string): Promise<void> => {
    if (isEnough()) return;
    const { fingerprint } = await play([...scenario.before, group], what);
    ends.add(fingerprint);
  };
  const orders = reach.pairs ? ORDERS : ORDERS.slice(0, reach.stride === undefined ? 2 : 1);
  for (let from = 0; from <= whole.lines.length; from += reach.stride ?? 1)
    for (const command of reach.pairs ? (["poll", "watch"] as const) : [first.command])
      for (const order of orders) {
        await overlap(
          { ...scenario.group, ticks: [first, { command, from }], order },
          `overlapped by ${command} at ${from} in the order ${order.join("")}`,
        );
        if (reach.three && from % 3 === 0)
          await overlap(
            {
              ...scenario.group,
              ticks: [first, { command, from }, { command: first.command, from: from + 3 }],
              order: [...order, 2],
            },
            `overlapped by two at ${from} in the order ${order.join("")}2`,
          );
      }
  return explored;
}

/** Who is answered next while two ticks wait: the second to its end, in turns, and unevenly. */
const ORDERS: readonly (readonly number[])[] = [[1], [0, 1], [0, 0, 1], [1, 1, 0]];
