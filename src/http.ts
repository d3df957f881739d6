// Makes HTTP requests by our rules: no retries, no redirects, bounded time and size, errors without URL or header.
import ky from "ky";
import en from "zod/v4/locales/en.js";
import type { z } from "zod/mini";
import { createTurns } from "./concurrently.ts";
import { oneLine } from "./core/text.ts";
import { AfkError } from "./errors.ts";
import { refusal, toAfkError } from "./http-failures.ts";

export interface HttpRequest {
  /** Who is asked, as the start of a sentence: "GitHub", "The Slack webhook (AFK_SLACK_WEBHOOK_URL)". */
  readonly what: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute; https, or http to this machine. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is, for a caller that has signed its bytes. */
  readonly body?: unknown;
  /** Statuses outside 200 to 299 that are an answer to the caller and not a failure. */
  readonly accept?: readonly number[];
  /** The most bytes, after decompression, that the answer may have. */
  readonly maxBytes?: number;
  /** From the first byte sent to the last byte read. */
  readonly timeoutMilliseconds?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The text, empty when there is no body. */
  readonly data: string;
}

/** An answer that has more bytes than its request allows; whoever asked for less might get it. */
export class TooLongError extends AfkError {
  constructor(what: string, maxBytes: number) {
    super("contract", `${what} gave an answer longer than ${maxBytes} bytes.`);
  }
}

export interface Http {
  /**
   * Gives what `read` makes of the answer's text, which is empty when there is no body. A promise that waited for an answer
   * holds what it was given until the next full collection, so of many long texts only what is read from them should pass.
   * @throws AfkError `config` for 401, 403, a redirect or a bad URL; `transport` for no answer, 408, 429, 5xx and a
   * used up rate limit; `contract` for any other status; TooLongError; and whatever `read` throws.
   */
  request<T>(request: HttpRequest, read: (answer: HttpAnswer) => T): Promise<T>;
  /** Gives the answer as text. @throws AfkError as `request`. */
  requestText(request: HttpRequest): Promise<HttpAnswer>;
}

export interface HttpDeps {
  readonly fetch: typeof fetch;
  /** Aborted when the tick must end. */
  readonly signal: AbortSignal;
  /** A person allowed plain http to other machines too. */
  readonly allowPlainHttp?: boolean;
}

const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT_MILLISECONDS = 10_000;

/** One per server: it has a bounded number of requests under way, however many are wanted at once. */
export function createHttp(deps: HttpDeps, atOnce?: number): Http {
  const inTurn = createTurns(atOnce);

  async function ask<T>(request: HttpRequest, read: (answer: HttpAnswer) => T): Promise<T> {
    const timeout = request.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS;
    const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
    const url = checkedUrl(request.what, request.url, deps.allowPlainHttp);
    const headers = checkedHeaders(request);
    let answer: HttpAnswer;
    try {
      const pending = ky(url, {
        method: request.method,
        headers,
        ...(request.body === undefined ? {} : { body: bodyText(request.body) }),
        fetch: async (input, init) => capped(await deps.fetch(input, init), request.what, maxBytes),
        signal: deps.signal,
        // Following one would carry the body and vendor headers to a place that nobody configured.
        redirect: "manual",
        // The next tick is the retry.
        retry: 0,
        throwHttpErrors: false,
        // Both: with `timeout` alone the headers and the body get that time each.
        timeout,
        totalTimeout: timeout,
      });
      const response = await pending;
      if (!response.ok && request.accept?.includes(response.status) !== true) {
        await response.body?.cancel();
        throw refusal(request.what, response);
      }
      // Not `response.text()`: only ky's own shortcut obeys the timeouts.
      const data = withoutCredential(await pending.text(), headers);
      answer = { status: response.status, headers: response.headers, data };
    } catch (error) {
      throw toAfkError(error, request.what, timeout, deps.signal);
    }
    return read(answer);
  }

  return {
    // The time of a request begins with its turn.
    request: (request, read) => inTurn(() => ask(request, read)),
    requestText: (request) => inTurn(() => ask(request, (answer) => answer)),
  };
}

/**
 * Reads a URL that may be asked: https, or http to this machine (elsewhere if allowed), and no user or password in it.
 * @throws AfkError `config`; its sentence does not hold the URL, which may be a secret.
 */
export function checkedUrl(what: string, text: string, allowPlainHttp = false): URL {
  const url = URL.parse(text);
  if (url === null)
    throw new AfkError("config", `${what} has no valid URL: give one that starts with https://.`);
  if (url.username !== "" || url.password !== "")
    throw new AfkError(
      "config",
      `${what} has a user or password in its URL: give the token in its own variable.`,
    );
  if (isEncryptedOrLocal(url) || (allowPlainHttp && url.protocol === "http:")) return url;
  throw new AfkError(
    "config",
    `${what} has a URL that would be sent unencrypted or not by HTTP: use https (plain http only to this machine).`,
  );
}

/** Whether nobody on the way can read what is sent there: https, or http to this machine. */
export function isEncryptedOrLocal(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Parses an answer's text.
 * @throws AfkError `contract` when it is empty, no JSON or another shape; its sentence holds no value of the answer.
 */
export function parseJson<T>(what: string, text: string, schema: z.ZodMiniType<T>): T {
  if (text.trim() === "")
    throw new AfkError("contract", `${what} gave an empty answer where JSON was expected.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The reason is left out on purpose: it would quote the answer.
    const found = text.trimStart().startsWith("<") ? "a web page" : "something";
    throw new AfkError(
      "contract",
      `${what} answered ${found} that is not JSON: check that its URL is that of the API.`,
    );
  }
  // zod/mini has no words of its own.
  const parsed = schema.safeParse(value, { error: en().localeError });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 3)
    .map((issue) => `${oneLine(issue.path.join("."), 80) || "the whole"}: ${oneLine(issue.message, 80)}`);
  throw new AfkError(
    "contract",
    `${what} answered in a shape that afk does not know (${issues.join("; ")}).`,
  );
}

/** Native fetch quotes a header that it refuses, so a token with a line break in it must never get there. */
function checkedHeaders(request: HttpRequest): Headers {
  try {
    const headers = new Headers({ "user-agent": "afk", ...request.headers });
    if (request.body !== undefined && !headers.has("content-type"))
      headers.set("content-type", "application/json");
    return headers;
  } catch {
    throw new AfkError(
      "config",
      `${request.what} was not asked: a token or header for it holds a line break or a character that HTTP forbids.`,
    );
  }
}

/** Shorter ones are ordinary words, and no server gives such a token. */
const SHORTEST_CREDENTIAL = 16;

/** Some servers repeat our credential in what they say, and their words may be shown: it gets no further than here. */
function withoutCredential(text: string, headers: Headers): string {
  const credential = headers.get("authorization")?.split(" ").at(-1) ?? "";
  return credential.length < SHORTEST_CREDENTIAL ? text : text.replaceAll(credential, "[redacted]");
}

function bodyText(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** The same response, whose text fails as soon as it is longer than allowed or no UTF-8: decoded with gaps, it would be another answer. */
function capped(response: Response, what: string, maxBytes: number): Response {
  const { body } = response;
  return body === null ? response : Object.assign(response, { text: () => textOf(body, what, maxBytes) });
}

async function textOf(body: ReadableStream<Uint8Array>, what: string, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  function decoded(chunk?: Uint8Array): string {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new AfkError("contract", `${what} gave an answer that is damaged: it is no UTF-8 text.`);
    }
  }
  let bytes = 0;
  let text = "";
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new TooLongError(what, maxBytes);
    text += decoded(chunk);
  }
  return text + decoded();
}
