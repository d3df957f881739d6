// Says whether something about the world could be read: "could not read" never looks like "nothing there".

/** Why something could not be read: the kind decides the exit code (DESIGN section 7), the message is one sentence. */
export interface Unknown {
  readonly known: false;
  readonly kind: FailureKind;
  readonly message: string;
}

export interface Known<T> {
  readonly known: true;
  readonly value: T;
}

/** One fact about the world, read or not (DESIGN section 2). */
export type Observation<T> = Known<T> | Unknown;

/**
 * What kind of failure it was: `config` needs a person (exit 2), `transport` may pass by itself (exit 3),
 * `contract` means the other side answered something we do not know (exit 4), `bug` is ours (exit 1).
 */
export type FailureKind = "config" | "transport" | "contract" | "bug";

/** Something that could not be read in this tick, as the report shows it under `gaps`. */
export interface Gap {
  /** Where: a repo (`owner/name`), an issue (`owner/name#7`), or an adapter (`executor`). */
  readonly on: string;
  readonly kind: FailureKind;
  readonly message: string;
}

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export function unknown(kind: FailureKind, message: string): Unknown {
  return { known: false, kind, message };
}
