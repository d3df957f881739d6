// A value that must never be printed: it shows as `[redacted]` wherever it is turned into text.
import { inspect } from "node:util";

export class Secret {
  readonly #read: () => string;

  /** `read` is called at every use, so that a rotated file is noticed; it throws AfkError when the file cannot be read. */
  constructor(read: () => string) {
    this.#read = read;
  }

  /** The value itself; only a signer, an Authorization header or a receiver's URL may hold it. */
  reveal(): string {
    return this.#read();
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [inspect.custom](): string {
    return "[redacted]";
  }
}
