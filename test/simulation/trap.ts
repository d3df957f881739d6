// Takes the real clock, randomness and network away from everything in this process while a simulation runs.
import http from "node:http";
import https from "node:https";
import net from "node:net";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

/** What stands in for time: ky's own timeouts run on it too. */
export interface VirtualTime {
  now(): number;
  after(milliseconds: number, fire: () => void): number;
  cancel(timer: number): void;
}

export interface Trap {
  /** What was tried, in order. */
  readonly tried: readonly string[];
  /** Callbacks that wait for the event loop to turn. */
  readonly immediates: number;
  release(): void;
}

/** The event loop's own turn, which the simulation needs and nothing else gets. */
const turn = setImmediate;

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void turn(resolve));
}

/** Lays the trap; whatever is forbidden throws and is remembered. Node's Date still makes dates of given times. */
export function layTrap(time: VirtualTime): Trap {
  const tried: string[] = [];
  let immediates = 0;
  const forbid = (what: string) => (): never => {
    tried.push(`${what} ${new Error(what).stack?.split("\n")[2]?.trim() ?? ""}`);
    throw new Error(`${what} was used inside the simulation.`);
  };
  const undo: (() => void)[] = [];
  function replace(place: object, name: string, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(place, name);
    Object.defineProperty(place, name, { value, configurable: true, writable: true });
    undo.push(() => before !== undefined && Object.defineProperty(place, name, before));
  }
  const RealDate = Date;
  class SimulatedDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      if (parts.length === 0) forbid("new Date()")();
      super(...(parts as [number]));
    }
  }
  replace(SimulatedDate, "now", forbid("Date.now"));
  replace(globalThis, "Date", SimulatedDate);
  replace(globalThis.performance, "now", () => time.now());
  replace(Math, "random", forbid("Math.random"));
  replace(globalThis, "setInterval", forbid("setInterval"));
  replace(globalThis, "fetch", forbid("fetch"));
  replace(globalThis, "setTimeout", (fire: () => void, milliseconds = 0) => ({
    timer: time.after(milliseconds, fire),
    unref() {
      return this;
    },
    ref() {
      return this;
    },
  }));
  replace(globalThis, "clearTimeout", (handle: { readonly timer: number } | undefined) => {
    if (handle !== undefined && handle !== null) time.cancel(handle.timer);
  });
  replace(globalThis, "setImmediate", (act: () => void) => {
    immediates += 1;
    return turn(() => {
      immediates -= 1;
      act();
    });
  });
  for (const [place, names] of [
    [http, ["request", "get"]],
    [https, ["request", "get"]],
    [net, ["connect", "createConnection"]],
    [crypto, ["randomUUID", "randomBytes", "randomInt"]],
  ] as const)
    for (const name of names) replace(place, name, forbid(name));
  syncBuiltinESMExports();
  return {
    tried,
    get immediates() {
      return immediates;
    },
    release() {
      for (const restore of undo.toReversed()) restore();
      syncBuiltinESMExports();
    },
  };
}
