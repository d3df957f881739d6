// Abort signals as the simulation has them: those of Node are never collected once many are joined and listened to.

type Listener = (event: { readonly type: "abort" }) => void;

/** The part of AbortSignal that afk and ky use; what is not here fails at once. */
export class LightAbortSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Map<Listener, boolean>();

  static any(signals: readonly LightAbortSignal[]): LightAbortSignal {
    const joined = new LightAbortSignal();
    const first = signals.find(({ aborted }) => aborted);
    if (first !== undefined) joined.abort(first.reason);
    else for (const signal of signals) signal.addEventListener("abort", () => joined.abort(signal.reason));
    return joined;
  }

  addEventListener(
    _type: "abort",
    listener: Listener,
    { once = false }: { readonly once?: boolean } = {},
  ): void {
    this.#listeners.set(listener, once);
  }

  removeEventListener(_type: "abort", listener: Listener): void {
    this.#listeners.delete(listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** For the controller and for joined signals. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const [listener, once] of this.#listeners) {
      if (once) this.#listeners.delete(listener);
      listener({ type: "abort" });
    }
  }
}

export class LightAbortController {
  readonly signal = new LightAbortSignal();

  abort(reason: unknown = new DOMException("This operation was aborted", "AbortError")): void {
    this.signal.abort(reason);
  }
}
