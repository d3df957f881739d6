// Takes the real clock, randomness and network away from everything in this process while a simulation runs.
import crypto from "node:crypto";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { LightAbortController, LightAbortSignal } from "./light-abort.ts";
import { LightHeaders, LightRequest, LightResponse } from "./light-fetch.ts";

// ky looks at the platform once, when it is loaded: that must be the real one.
await import("ky");

/** What stands in for time: ky's own timeouts run on it too. */
export interface VirtualTime {
  now(): number;
  after(milliseconds: number, fire: () => void): number;
  cancel(timer: number): void;
}

/** Whose Request, Response and AbortSignal the command gets: Node's own, or those that cost little. */
export type Platform = "node" | "light";

export interface Trap {
  /** What was tried, in order. */
  readonly tried: readonly string[];
  /** Callbacks that wait for the event loop to turn. */
  readonly immediates: number;
  release(): void;
}

interface Laid {
  readonly time: VirtualTime;
  readonly tried: string[];
  immediates: number;
}

let laid: Laid | null = null;

function trap(): Laid {
  if (laid === null) throw new Error("No trap is laid.");
  return laid;
}

/** The event loop's own turn, which the simulation needs and nothing else gets. */
const turn = setImmediate;

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void turn(resolve));
}

const forbid = (what: string) => (): never => {
  trap().tried.push(`${what} ${new Error(what).stack?.split("\n")[2]?.trim() ?? ""}`);
  throw new Error(`${what} was used inside the simulation.`);
};

const RealDate = Date;
/** Still makes dates of given times. */
class SimulatedDate extends RealDate {
  static override readonly now = forbid("Date.now");

  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) forbid("new Date()")();
    super(...(parts as [number]));
  }
}

function simulatedTimeout(fire: () => void, milliseconds = 0): object {
  return {
    timer: trap().time.after(milliseconds, fire),
    unref() {
      return this;
    },
    ref() {
      return this;
    },
  };
}

function forgetTimeout(handle: { readonly timer: number } | null | undefined): void {
  if (handle !== undefined && handle !== null) trap().time.cancel(handle.timer);
}

function countedImmediate(act: () => void): NodeJS.Immediate {
  const own = trap();
  own.immediates += 1;
  return turn(() => {
    own.immediates -= 1;
    act();
  });
}

/** Made once: a class or function that changed from history to history would undo what the engine has compiled. */
interface Patch {
  readonly place: object;
  readonly name: string;
  readonly real: unknown;
  readonly fake: unknown;
}

function patch(place: object, fakes: Readonly<Record<string, unknown>>): readonly Patch[] {
  return Object.entries(fakes).map(([name, fake]) => {
    const real: unknown = Reflect.get(place, name);
    Object.defineProperty(place, name, { value: real, configurable: true, writable: true });
    return { place, name, real, fake };
  });
}

const forbidAll = (place: object, ...names: readonly string[]): readonly Patch[] =>
  patch(place, Object.fromEntries(names.map((name) => [name, forbid(name)])));

const PATCHES: readonly Patch[] = [
  ...patch(globalThis, {
    Date: SimulatedDate,
    setTimeout: simulatedTimeout,
    clearTimeout: forgetTimeout,
    setImmediate: countedImmediate,
    setInterval: forbid("setInterval"),
    fetch: forbid("fetch"),
  }),
  ...patch(globalThis.performance, { now: () => trap().time.now() }),
  ...forbidAll(Math, "random"),
  ...forbidAll(http, "request", "get"),
  ...forbidAll(https, "request", "get"),
  ...forbidAll(net, "connect", "createConnection"),
  ...forbidAll(crypto, "randomUUID", "randomBytes", "randomInt"),
];

const LIGHT: readonly Patch[] = patch(globalThis, {
  AbortController: LightAbortController,
  AbortSignal: LightAbortSignal,
  Headers: LightHeaders,
  Request: LightRequest,
  Response: LightResponse,
});

/** Lays the trap; whatever is forbidden throws and is remembered. */
export function layTrap(time: VirtualTime, platform: Platform): Trap {
  if (laid !== null) throw new Error("One simulation at a time: its clock is everybody's.");
  const own: Laid = { time, tried: [], immediates: 0 };
  laid = own;
  const patches = platform === "light" ? [...PATCHES, ...LIGHT] : PATCHES;
  for (const { place, name, fake } of patches) Reflect.set(place, name, fake);
  syncBuiltinESMExports();
  return {
    get tried() {
      return own.tried;
    },
    get immediates() {
      return own.immediates;
    },
    release() {
      for (const { place, name, real } of patches) Reflect.set(place, name, real);
      syncBuiltinESMExports();
      laid = null;
    },
  };
}
