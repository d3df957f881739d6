// The three kinds of failure that are not bugs, and the one place that turns anything thrown into a sentence.
import type { FailureKind, Unknown } from "./core/observation.ts";

/**
 * A failure with a sentence that says what failed, on what, and what to do next.
 * `config`: a person must change something (exit 2). `transport`: the next tick may work (exit 3).
 * `contract`: the other side answered against what we know (exit 4).
 */
export class AfkError extends Error {
  override readonly name = "AfkError";
  readonly kind: Exclude<FailureKind, "bug">;

  constructor(kind: Exclude<FailureKind, "bug">, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Turns anything thrown into an unknown observation; only an AfkError's words are shown as they are. */
export function toUnknown(error: unknown): Unknown {
  if (error instanceof AfkError) return { known: false, kind: error.kind, message: error.message };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { known: false, kind: "bug", message: `afk has a bug: ${message}` };
}
