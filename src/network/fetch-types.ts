// The types that ky builds a request with, as small as afk needs them: reading Node's own loads all of undici, about 35 ms.

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What HTTP forbids in a header: control characters other than a tab, and what takes more than a byte. */
const FORBIDDEN = /[^\t\u0020-\u007e\u0080-\u00ff]/;

type HeaderValues = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

class LightHeaders {
  readonly #values = new Map<string, string>();

  constructor(init: HeaderValues = {}) {
    for (const [name, value] of isIterable(init) ? init : Object.entries(init)) this.append(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** @throws TypeError that does not hold the value, which may be a token. */
  set(name: string, value: string): void {
    const trimmed = value.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
    if (!NAME.test(name) || FORBIDDEN.test(trimmed)) throw new TypeError("HTTP forbids this header.");
    this.#values.set(name.toLowerCase(), trimmed);
  }

  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  entries(): MapIterator<[string, string]> {
    return this.#values.entries();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
}

interface LightRequestInit {
  readonly method?: string;
  readonly headers?: HeaderValues;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** A request whose body is text, given at once. */
class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: LightHeaders;
  readonly signal: AbortSignal;
  /** Not a stream, so there is none to cancel. */
  readonly body = null;
  readonly #text: string;

  constructor(input: string | URL | LightRequest, init: LightRequestInit = {}) {
    const before = input instanceof LightRequest ? input : null;
    this.url = input instanceof LightRequest ? input.url : new URL(input).href;
    this.method = (init.method ?? before?.method ?? "GET").toUpperCase();
    this.headers = new LightHeaders(init.headers ?? before?.headers);
    this.signal = init.signal ?? before?.signal ?? new AbortController().signal;
    const body = init.body ?? (before === null ? "" : before.#text);
    // ky tries a stream, and takes this message as an answer.
    if (typeof body !== "string") throw new Error("unsupported BodyInit type");
    this.#text = body;
  }

  async text(): Promise<string> {
    return this.#text;
  }

  get [Symbol.toStringTag](): string {
    return "Request";
  }
}

interface LightResponseInit {
  readonly status?: number;
  readonly headers?: HeaderValues;
}

/** What is left of a body: to be read once, in pieces, or to be dropped. */
class LightBody {
  readonly #reader: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#reader = source[Symbol.asyncIterator]();
  }

  async cancel(): Promise<void> {
    await this.#reader.return?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#reader;
  }
}

class LightResponse {
  readonly type = "default";
  readonly status: number;
  readonly headers: LightHeaders;
  readonly body: LightBody | null;

  constructor(body: AsyncIterable<Uint8Array> | null = null, init: LightResponseInit = {}) {
    this.body = body === null ? null : new LightBody(body);
    this.status = init.status ?? 200;
    this.headers = new LightHeaders(init.headers);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Empty where there is no body; others are read in pieces, so that somebody counts their bytes. */
  async text(): Promise<string> {
    if (this.body !== null) throw new Error("This body must be read in pieces.");
    return "";
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }
}

function isIterable(init: HeaderValues): init is Iterable<readonly [string, string]> {
  return Symbol.iterator in init;
}

/** By the names that they take the place of. afk sends no forms, and merely asking for Node's type would load it. */
export const fetchTypes = {
  Headers: LightHeaders,
  Request: LightRequest,
  Response: LightResponse,
  FormData: undefined,
};
