// What an adapter is: the variables it reads, how its port is made, and how `--check` asks it whether it would work.
import type { z } from "zod/mini";
import type { Policy } from "./core/policy.ts";
import type { FailureKind } from "./core/observation.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./ports.ts";

/** One variable of the configuration. `parse` takes the raw text, or undefined when nobody set it. */
export interface Variable<T> {
  /** One sentence for `--help`, README and errors: what it is for, and the unit. */
  readonly about: string;
  readonly parse: z.ZodMiniType<T, string | undefined>;
  /** A secret's other name, for example one that a platform sets; it counts where its own is not set. */
  readonly orElse?: string;
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** The parsed values of variables, under the variables' own names. */
export type Settings<V extends Variables> = {
  readonly [Name in keyof V]: V[Name] extends Variable<infer T> ? T : never;
};

/** What every adapter gets from outside; nothing else may touch time, the network or the environment. */
export interface AdapterDeps {
  readonly clock: Clock;
  /** Aborted when the tick must end. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The transport of every HTTP request; counts them. */
  readonly fetch: typeof fetch;
  /** A name that nobody ever had. */
  readonly uniqueId: () => string;
  /** What child processes may inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The allowlist, in lower case. */
  readonly repos: readonly string[];
  readonly policyOf: (repo: string) => Policy;
  /** The directory that holds a repo's checkout on this machine. */
  readonly workspaceOf: (repo: string) => string;
}

/** One line of `--check`: what was asked, and what is wrong with it and how to mend it. */
export interface Finding {
  readonly on: string;
  /** `ok`, or the kind of what is wrong: it decides the exit code. */
  readonly result: "ok" | "warning" | Exclude<FailureKind, "bug">;
  readonly message: string;
}

/** An adapter whose settings type is its own business. */
export interface Adapter<Port> {
  readonly variables: Variables;
  create(settings: Settings<Variables>, deps: AdapterDeps): Port;
  /** The cheapest authenticated reads that show whether this adapter would work; changes nothing. */
  check(settings: Settings<Variables>, deps: AdapterDeps): Promise<readonly Finding[]>;
}

export interface AdapterDefinition<Port, V extends Variables> {
  readonly variables: V;
  create(settings: Settings<V>, deps: AdapterDeps): Port;
  check(settings: Settings<V>, deps: AdapterDeps): Promise<readonly Finding[]>;
}

/**
 * Lets an adapter use its own settings type. The loader guarantees that it gets exactly the variables it declared, and
 * parameters of methods may be narrower than the interface says, so nothing is asserted here.
 */
export function defineAdapter<Port, V extends Variables>(
  definition: AdapterDefinition<Port, V>,
): Adapter<Port> {
  return definition;
}

/** A family's registry: one line per adapter, loaded only when the configuration names it. */
export type Registry<Port> = Readonly<Record<string, () => Promise<Adapter<Port>>>>;
