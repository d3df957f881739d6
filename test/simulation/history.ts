// A history is data: deeds and groups of ticks with their faults, cuts and interleaving; this plays one and judges every step.
import type { State } from "../support/github/state.ts";
import type { Coverage } from "./coverage.ts";
import { type Deed, perform } from "./deeds.ts";
import { type FaultKind, FAULTS, faulty, fits } from "./faults.ts";
import { createLoop, type Loop, type Outcome, type Parked, type SimTick } from "./loop.ts";
import {
  createJudge,
  type Judge,
  requestAnswered,
  requestMade,
  tickOver,
  tickStarted,
  type Violation,
  wiped,
  worldChanged,
} from "./oracle.ts";
import { stateBefore } from "./oracle-writes.ts";
import type { Platform } from "./trap.ts";
import { createWorld, type SimWorld } from "./world.ts";

export interface TickPlan {
  readonly command: "poll" | "watch";
  readonly dryRun?: boolean;
  /** Milliseconds by which its clock is wrong. */
  readonly skew?: number;
  /** It starts when the group has made so many requests; by default at once. */
  readonly from?: number;
  /** It dies before or after its own n-th request, counted from 0. */
  readonly cut?: { readonly at: number; readonly after: boolean };
}

export interface TickGroup {
  readonly ticks: readonly TickPlan[];
  /**
   * Which of the ticks that wait is answered next, over and over; by default the first. -1: none, if one of them
   * sleeps, but the next timer goes off, so that it goes on while a request of another one is still on its way.
   */
  readonly order?: readonly number[];
  /** By the number of the request in the group. */
  readonly faults?: readonly (readonly [at: number, kind: FaultKind])[];
  readonly deeds?: readonly (readonly [at: number, deed: Deed])[];
  /** At this request, the first tick gets a SIGTERM. */
  readonly terminate?: number;
}

export type Step = { readonly deed: Deed } | TickGroup;

export interface History {
  readonly settings?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** One request of a trace. */
export interface Line {
  readonly tick: number;
  readonly command: string;
  readonly endpoint: string;
  readonly isWrite: boolean;
  readonly what: string;
  /** The world after it. */
  readonly fingerprint: string;
}

/** Chooses who goes on, instead of a group's `order`; numbers of ticks are places in the group's list. */
export interface Pilot {
  /** `position` in `waiting`, or -1 as in `order`; `cut`: that tick dies before its request. Null: enough is known, and all ticks are dropped. */
  choose(
    waiting: readonly number[],
    alive: readonly number[],
  ): { readonly position: number; readonly cut: boolean } | null;
  /** What the tick got for its request. */
  answered(tick: number, line: Pick<Line, "endpoint" | "isWrite">, outcome: Outcome): void;
}

export interface Player {
  readonly world: SimWorld;
  readonly judge: Judge;
  readonly loop: Loop;
  ticks: number;
  requests: number;
  writes: number;
  /** Set while requests are written down. */
  trace: Line[] | null;
  pilot: Pilot | null;
  readonly deed: (deed: Deed) => void;
  readonly group: (group: TickGroup) => Promise<readonly SimTick[]>;
  play(steps: readonly Step[]): Promise<void>;
  violations(): readonly Violation[];
  close(): void;
}

const MOST_REQUESTS = 3000;
/** A replica of GitHub lags behind by no more than this. */
const LONGEST_LAG_MILLISECONDS = 60_000;

export function createPlayer(
  settings: Readonly<Record<string, string>>,
  coverage: Coverage,
  platform: Platform = "light",
): Player {
  const world = createWorld(settings);
  const judge = createJudge(world, coverage);
  const loop = createLoop(world.state, platform);
  const outages = new Map<string, FaultKind>();
  /** By endpoint: what happens to its next requests, one each. */
  const ambushes = new Map<string, FaultKind[]>();
  let old: { readonly state: State; readonly moment: number } | null = null;

  const player: Player = {
    world,
    judge,
    loop,
    ticks: 0,
    requests: 0,
    writes: 0,
    trace: null,
    pilot: null,
    deed,
    group,
    async play(steps) {
      for (const step of steps) {
        if (judge.violations.length > 0) return;
        if ("deed" in step) deed(step.deed);
        else await group(step);
      }
    },
    violations: () => judge.violations,
    close: () => loop.close(),
  };

  function deed(one: Deed): void {
    const [what, first, second] = one;
    coverage.hit(
      "deed",
      `${what}${["person", "agent", "cockpit", "ci", "machine"].includes(what) ? ` ${first}` : ""}`,
    );
    const kind = FAULTS.find((fault) => fault === second);
    if (what === "ambush") {
      if (kind !== undefined) ambushes.set(String(first), [...(ambushes.get(String(first)) ?? []), kind]);
      return;
    }
    if (what === "outage") {
      outages.delete(String(first));
      if (kind !== undefined) outages.set(String(first), kind);
      else
        for (const endpoint of ambushes.keys())
          if (endpoint.startsWith(`${first}.`)) ambushes.delete(endpoint);
      return;
    }
    if (what === "machine" && String(first).startsWith("t3-wipe")) wiped(judge);
    if (what === "person" && String(first).endsWith("card")) judge.tampered.add(tamperedKey(one));
    perform(world, one);
    worldChanged(judge);
  }

  async function group(plan: TickGroup): Promise<readonly SimTick[]> {
    const planned = [...(plan.faults ?? []).map(([, kind]) => kind), ...[...ambushes.values()].flat()];
    if (planned.includes("stale") && old === null)
      old = { state: structuredClone(world.state), moment: judge.moment };
    const started: SimTick[] = [];
    const own = new Map<SimTick, number>();
    const plans = plan.ticks.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0));
    let requests = 0;
    let choices = 0;
    for (;;) {
      const next = plans[started.length];
      const isAnyAlive = started.some((tick) => loop.isAlive(tick));
      if (next !== undefined && ((next.from ?? 0) <= requests || !isAnyAlive)) {
        const options = next.dryRun === true ? ["--dry-run"] : [];
        const tick = await loop.start(next.command, { ...world.settings }, next.skew ?? 0, options);
        started.push(tick);
        player.ticks += 1;
        if (loop.isAlive(tick)) tickStarted(judge, tick);
        else {
          tickStarted(judge, tick);
          over(tick);
        }
        continue;
      }
      if (!isAnyAlive) break;
      const waiting = started.filter((tick) => loop.parked.some((one) => one.tick === tick));
      if (waiting.length === 0) {
        if (!(await loop.passTime())) {
          judge.fail("ENDLESS", "A tick waits for nothing.");
          for (const tick of started) kill(tick);
        }
        started.forEach(over);
        continue;
      }
      const piloted = player.pilot?.choose(
        waiting.map((one) => started.indexOf(one)),
        started.flatMap((one, index) => (loop.isAlive(one) ? [index] : [])),
      );
      if (piloted === null) {
        // The judge need not hear what a dropped tick would have said.
        for (const one of started) kill(one);
        break;
      }
      const choice =
        piloted?.position ??
        (plan.order === undefined ? 0 : (plan.order[choices++ % plan.order.length] ?? 0));
      const isAnyAsleep = started.some((tick) => loop.isAlive(tick) && !waiting.includes(tick));
      if (choice < 0 && isAnyAsleep && (await loop.passTime())) {
        started.forEach(over);
        continue;
      }
      const tick = waiting[Math.max(0, choice) % waiting.length];
      const parked = loop.parked.find((one) => one.tick === tick);
      if (tick === undefined || parked === undefined) break;
      for (const [at, one] of plan.deeds ?? []) if (at === requests) deed(one);
      if (plan.terminate === requests) started[0]?.terminate?.();
      const cut = plans[started.indexOf(tick)]?.cut;
      const count = own.get(tick) ?? 0;
      own.set(tick, count + 1);
      const isCut = cut?.at === count;
      if ((isCut && !cut.after) || piloted?.cut === true) kill(tick);
      else {
        const outcome = await carryOut(
          parked,
          plan.faults?.find(([at]) => at === requests)?.[1] ?? null,
          isCut,
        );
        player.pilot?.answered(started.indexOf(tick), parked.exchange, outcome);
      }
      requests += 1;
      player.requests += 1;
      if (requests > MOST_REQUESTS) {
        judge.fail("ENDLESS", `A group of ticks made ${requests} requests.`);
        for (const one of started) kill(one);
      }
      started.forEach(over);
    }
    for (const what of loop.trap.tried) judge.fail("TRAP", what);
    if (old !== null && world.state.now - old.state.now > LONGEST_LAG_MILLISECONDS) old = null;
    return started;
  }

  function over(tick: SimTick): void {
    if (!loop.isAlive(tick) && judge.views.has(tick.id)) tickOver(judge, tick);
  }

  function kill(tick: SimTick): void {
    loop.kill(tick);
    over(tick);
  }

  async function carryOut(parked: Parked, planned: FaultKind | null, isCut: boolean): Promise<Outcome> {
    const { tick, exchange } = parked;
    const view = judge.views.get(tick.id);
    if (view === undefined) throw new Error("A tick was not announced.");
    requestMade(judge, view, exchange);
    const before = stateBefore(world, exchange);
    const kind =
      planned ??
      ambushes.get(exchange.endpoint)?.shift() ??
      outages.get(exchange.endpoint.split(".")[0] ?? "") ??
      null;
    let outcome: Outcome;
    let stale: number | null = null;
    if (kind === null || !fits(kind, exchange) || (kind === "stale" && old === null))
      outcome = { reply: world.answer(exchange) };
    else {
      coverage.hit("fault", `${exchange.endpoint} ${kind}`);
      if (kind === "stale" && old !== null) stale = old.moment;
      outcome = faulty(kind, exchange, world, old?.state ?? null);
    }
    coverage.hit("endpoint", exchange.endpoint);
    if (exchange.isWrite) player.writes += 1;
    player.trace?.push({
      tick: tick.id,
      command: tick.command,
      endpoint: exchange.endpoint,
      isWrite: exchange.isWrite,
      what: kind ?? "",
      fingerprint: world.fingerprint(),
    });
    requestAnswered(judge, view, exchange, before, stale);
    if (isCut) kill(tick);
    else await loop.answer(parked, outcome);
    return outcome;
  }

  return player;
}

function tamperedKey([, , repo, issue]: Deed): string {
  return `${Number(repo ?? 0) % 2 === 0 ? "acme/shop" : "acme/tool"}#${Number(issue ?? 1)}`;
}
