// What the command gets from the world: streams, environment, time, network and signals, all injected.
import type { Clock } from "./ports.ts";
import type { Registries } from "./registries.ts";

export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** The width of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
}

export interface Signals {
  /** Calls the listener once when the process is asked to end, at once if that already happened; gives back its removal. */
  onTerminate(listener: () => void): () => void;
}

export interface Runtime {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Makes a name that nobody ever had; by default a random one. */
  readonly uniqueId?: () => string;
  readonly signals: Signals;
  readonly registries: Registries;
}
