// Requests and responses as the simulation has them: a fraction of the cost of Node's own; light-fetch.test.ts compares them.

type HeadersLike = LightHeaders | Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** The part of Headers that afk and ky use; what is not here fails at once, in all of these classes. */
export class LightHeaders {
  #values: Map<string, string>;
  /** Copied only when one of those who have it writes. */
  #isShared = false;

  constructor(init: HeadersLike = {}) {
    if (init instanceof LightHeaders) {
      this.#values = init.#values;
      this.#isShared = init.#isShared = true;
      return;
    }
    this.#values = new Map();
    const pairs =
      Symbol.iterator in init ? (init as Iterable<readonly [string, string]>) : Object.entries(init);
    for (const [name, value] of pairs) this.set(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    const trimmed = value.trim();
    if (!TOKEN.test(name) || !VALUE.test(trimmed)) throw new TypeError(`Invalid header ${name}`);
    this.#own().set(name.toLowerCase(), trimmed);
  }

  delete(name: string): void {
    this.#own().delete(name.toLowerCase());
  }

  #own(): Map<string, string> {
    if (this.#isShared) this.#values = new Map(this.#values);
    this.#isShared = false;
    return this.#values;
  }

  entries(): IterableIterator<[string, string]> {
    return [...this.#values].toSorted(([a], [b]) => (a < b ? -1 : 1)).values();
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

/** Made once: ky cancels every body that was read, and looks at no such error. */
const LOCKED = new TypeError("Invalid state: ReadableStream is locked");

/** A body: bytes that are there at once; `after`, when it does not end well, fails some time or never. */
export class LightStream {
  locked = false;
  readonly #chunks: () => readonly Uint8Array[];
  readonly #after: (() => Promise<never>) | null;

  constructor(chunks: () => readonly Uint8Array[], after: (() => Promise<never>) | null = null) {
    this.#chunks = chunks;
    this.#after = after;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.#lock();
    yield* this.#chunks();
    if (this.#after !== null) await this.#after();
  }

  cancel(): Promise<void> {
    if (this.locked) return Promise.reject(LOCKED);
    this.locked = true;
    return Promise.resolve();
  }

  /** What the readers of a whole body do. */
  async text(): Promise<string> {
    this.#lock();
    const chunks = this.#chunks();
    if (this.#after !== null) await this.#after();
    const [only] = chunks;
    // Like a TextDecoder, without the mark that says UTF-8.
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  #lock(): void {
    if (this.locked) throw new TypeError("Body is unusable: Body has already been read");
    this.locked = true;
  }
}

type BodyLike = string | Uint8Array | LightStream | null | undefined;

function streamOf(body: BodyLike): LightStream | null {
  if (body === null || body === undefined) return null;
  if (body instanceof LightStream) return body;
  return new LightStream(() => [typeof body === "string" ? Buffer.from(body, "utf8") : body]);
}

interface RequestLike {
  readonly method?: string;
  readonly headers?: HeadersLike;
  readonly body?: BodyLike;
  readonly signal?: AbortSignal | null;
}

export class LightRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: LightHeaders;
  readonly signal: AbortSignal | null;
  readonly body: LightStream | null;

  constructor(input: string | URL | LightRequest, init: RequestLike = {}) {
    const from = input instanceof LightRequest ? input : null;
    this.url = input instanceof LightRequest ? input.url : String(input);
    this.method = init.method ?? from?.method ?? "GET";
    this.headers = new LightHeaders(init.headers ?? from?.headers);
    this.signal = init.signal ?? from?.signal ?? null;
    this.body = streamOf(init.body) ?? from?.body ?? null;
  }

  async text(): Promise<string> {
    return this.body === null ? "" : this.body.text();
  }
}

interface ResponseLike {
  readonly status?: number;
  readonly headers?: HeadersLike;
}

export class LightResponse {
  readonly type = "default";
  readonly status: number;
  readonly headers: LightHeaders;
  readonly body: LightStream | null;

  constructor(body?: BodyLike, init: ResponseLike = {}) {
    this.status = init.status ?? 200;
    if (this.status < 200 || this.status > 599)
      throw new RangeError("init.status must be in the range of 200 to 599, inclusive.");
    this.headers = new LightHeaders(init.headers);
    this.body = streamOf(body);
    if (this.body !== null && [204, 205, 304].includes(this.status))
      throw new TypeError("Response constructor: Invalid response status code with a body");
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  async text(): Promise<string> {
    return this.body === null ? "" : this.body.text();
  }
}
