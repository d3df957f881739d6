// Every way in which overlapping ticks can alternate and die, up to a number of changes and cuts; equal states go on once.
import { createHash } from "node:crypto";
import type { Pilot, TickGroup, TickPlan } from "./history.ts";

export interface Bounds {
  /** How often a tick that could go on has to wait for another one. */
  readonly switches: number;
  /** How many ticks die. */
  readonly cuts: number;
}

interface Move {
  readonly tick: number;
  /** It dies here instead. A tick that sleeps, and has no request, is woken instead: time passes. */
  readonly cut: boolean;
}

/** How often a sleeping tick goes on while the others wait: for an agent that never stops it sleeps thirty times. */
const MOST_WOKEN = 2;

/** One way through a group of ticks. */
export interface Way {
  readonly pilot: Pilot;
  /** The way as it was gone, as data. */
  group(): TickGroup;
  /** It came into a state from which every way was gone, and was given up there. */
  isKnown(): boolean;
}

/**
 * Goes every way: `go` plays one. A state is the world and what each living tick was told so far, by which alone a tick
 * decides; a state that was reached with as many changes and cuts to spare leads nowhere new.
 */
export async function interleave(
  group: TickGroup,
  bounds: Bounds,
  go: (way: Way, fingerprint: (read: () => string) => void) => Promise<boolean>,
): Promise<void> {
  const known = new Map<string, { readonly switches: number; readonly cuts: number }[]>();
  const left: (readonly Move[])[] = [[]];
  for (let begin = left.pop(); begin !== undefined; begin = left.pop()) {
    let read = (): string => "";
    const way = wayOf(group, begin, bounds, known, left, () => read());
    const goesOn = await go(way, (reader) => {
      read = reader;
    });
    if (!goesOn) return;
  }
}

function wayOf(
  group: TickGroup,
  begin: readonly Move[],
  bounds: Bounds,
  known: Map<string, { readonly switches: number; readonly cuts: number }[]>,
  left: (readonly Move[])[],
  fingerprint: () => string,
): Way {
  const { ticks } = group;
  const moves: Move[] = [];
  const positions: number[] = [];
  const told = ticks.map(() => "");
  const requests = ticks.map(() => 0);
  const cutAt = new Map<number, number>();
  let switches = 0;
  let woken = 0;
  let isKnown = false;

  function isNew(current: number | null, alive: readonly number[]): boolean {
    const state = [
      fingerprint(),
      current,
      woken,
      ...ticks.map((_, at) => (alive.includes(at) ? told[at] : "over")),
    ];
    const key = state.join("|");
    const before = known.get(key) ?? [];
    if (before.some((one) => one.switches <= switches && one.cuts <= cutAt.size)) return false;
    known.set(key, [...before, { switches, cuts: cutAt.size }]);
    return true;
  }

  /** Two ticks of one command that have not asked anything yet are the same. */
  function isTwin(tick: number, other: number): boolean {
    return told[tick] === "" && told[other] === "" && ticks[tick]?.command === ticks[other]?.command;
  }

  function branch(current: number | null, next: number, waiting: readonly number[]): void {
    for (const tick of waiting)
      if (tick !== next && !isTwin(tick, next) && switches + (current === null ? 0 : 1) <= bounds.switches)
        left.push([...moves, { tick, cut: false }]);
    if (current !== null && cutAt.size < bounds.cuts) left.push([...moves, { tick: current, cut: true }]);
  }

  const pilot: Pilot = {
    choose(waiting, alive) {
      const last = moves.at(-1)?.tick;
      const current = last !== undefined && waiting.includes(last) ? last : null;
      let move = begin[moves.length];
      if (move === undefined) {
        if (!isNew(current, alive)) {
          isKnown = true;
          return null;
        }
        const next = current ?? waiting[0] ?? 0;
        branch(current, next, waiting);
        // While it sleeps, the others need not be fast.
        if (last !== undefined && current === null && alive.includes(last) && woken < MOST_WOKEN)
          left.push([...moves, { tick: last, cut: false }]);
        move = { tick: next, cut: false };
      }
      moves.push(move);
      if (!waiting.includes(move.tick)) {
        woken += 1;
        positions.push(-1);
        return { position: -1, cut: false };
      }
      if (current !== null && move.tick !== current) switches += 1;
      if (move.cut) cutAt.set(move.tick, requests[move.tick] ?? 0);
      requests[move.tick] = (requests[move.tick] ?? 0) + 1;
      const position = waiting.indexOf(move.tick);
      positions.push(position);
      return { position, cut: move.cut };
    },
    answered(tick, { endpoint }, outcome) {
      const words = JSON.stringify([told[tick], endpoint, outcome]);
      told[tick] = createHash("sha1").update(words).digest("base64");
    },
  };

  return {
    pilot,
    isKnown: () => isKnown,
    group: () => ({
      ...group,
      ticks: ticks.map((tick, index): TickPlan => {
        const at = cutAt.get(index);
        return at === undefined ? tick : { ...tick, cut: { at, after: false } };
      }),
      order: positions,
    }),
  };
}
