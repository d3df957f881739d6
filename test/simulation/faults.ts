// What can go wrong with one request: it or its answer is lost, late, refused, cut, wrong or old.
import type { State } from "../support/github/state.ts";
import { type Exchange, jsonReply, type Reply } from "./exchange.ts";
import type { Outcome } from "./loop.ts";
import type { SimWorld } from "./world.ts";

export const FAULTS = [
  "refused",
  "hang-before",
  "hang-after",
  "reset-after",
  "500",
  "500-after",
  "502",
  "503",
  "401",
  "301",
  "403",
  "404",
  "403-limit",
  "near-limit",
  "429-0",
  "429-5",
  "429-3600",
  "429-date",
  "429-garbage",
  "slow-body",
  "torn-body",
  "truncated",
  "not-utf8",
  "more-fields",
  "html",
  "types",
  "empty",
  "partial",
  "stale",
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** Whether a fault means anything for a place; else the request is answered as usual. */
export function fits(kind: FaultKind, { endpoint }: Pick<Exchange, "endpoint">): boolean {
  const isGithub = endpoint.startsWith("github.");
  const isQuery = /^github\.[A-Z]/.test(endpoint);
  if (kind === "stale" || kind === "partial") return isQuery;
  if (kind === "near-limit") return isGithub;
  // T3 says with 404 that a thread is gone; who moves or takes away its answers is no T3.
  return kind === "301" || kind === "404" ? isGithub && !isQuery : true;
}

const HTML: Reply = { status: 200, body: "<!doctype html><title>Unicorn!</title>", contentType: "text/html" };
const LITTLE_LEFT = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "12" };
const LIMITED = { message: "You have exceeded a secondary rate limit." };

/** Carries out a request with a fault; `old` is what a replica that lags behind would show. */
export function faulty(kind: FaultKind, exchange: Exchange, world: SimWorld, old: State | null): Outcome {
  const honest = (): Reply => world.answer(exchange);
  switch (kind) {
    case "refused":
      return { broken: "ECONNREFUSED" };
    case "hang-before":
      return "lost";
    case "hang-after":
      honest();
      return "lost";
    case "reset-after":
      honest();
      return { broken: "ECONNRESET" };
    case "500-after":
      honest();
      return { reply: jsonReply(500, { message: "Server Error" }) };
    case "500":
    case "502":
    case "503":
      return { reply: jsonReply(Number(kind), { message: "Server Error" }) };
    case "401":
      return { reply: jsonReply(401, { message: "Bad credentials" }) };
    case "403":
      return { reply: jsonReply(403, { message: "Resource not accessible" }) };
    case "403-limit":
      return { reply: jsonReply(403, LIMITED) };
    case "429-0":
    case "429-5":
    case "429-3600":
      return { reply: jsonReply(429, LIMITED, { "retry-after": kind.slice(4) }) };
    case "429-date":
      return { reply: jsonReply(429, LIMITED, { "retry-after": "Fri, 20 Nov 2026 10:00:00 GMT" }) };
    case "429-garbage":
      return { reply: jsonReply(429, LIMITED, { "retry-after": "-1e999 soon" }) };
    case "301":
      return {
        reply: jsonReply(
          301,
          { message: "Moved Permanently" },
          { location: "https://api.github.com/repositories/1" },
        ),
      };
    case "404":
      return { reply: jsonReply(404, { message: "Not Found" }) };
    case "near-limit": {
      const reply = honest();
      const resets = String(Math.floor(world.state.now / 1000) + 900);
      return {
        reply: { ...reply, headers: { ...reply.headers, ...LITTLE_LEFT, "x-ratelimit-reset": resets } },
      };
    }
    case "slow-body":
      return { reply: { ...half(honest()), end: "hangs" } };
    case "torn-body":
      return { reply: { ...half(honest()), end: "torn" } };
    case "not-utf8": {
      const { body, ...reply } = honest();
      return { reply: { ...reply, body: notUtf8(typeof body === "string" ? body : "") } };
    }
    case "more-fields":
      return { reply: withMore(honest()) };
    case "truncated": {
      return { reply: half(honest()) };
    }
    case "html":
      // Whoever answers a bell with 200 took it, whatever the words.
      if (exchange.endpoint === "bell.ring") honest();
      return { reply: HTML };
    case "types":
      honest();
      return { reply: jsonReply(200, { data: { viewer: 7, r0: [] }, threads: 7, sequence: "x", id: null }) };
    case "empty":
      honest();
      return { reply: { status: 200, body: "", contentType: "application/json" } };
    case "partial":
      return { reply: partial(honest()) };
    case "stale":
      return { reply: old === null ? honest() : world.answer(exchange, old) };
  }
}

function half(reply: Reply): Reply {
  const text = typeof reply.body === "string" ? reply.body : "";
  return { ...reply, body: text.slice(0, Math.floor(text.length / 2)) };
}

/** A byte in the middle is none that UTF-8 has. */
function notUtf8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 0) bytes[Math.floor(bytes.length / 2)] = 0xff;
  return bytes;
}

/** A newer server says more than afk has ever heard of, and takes part of it from JavaScript's own names. */
function withMore(reply: Reply): Reply {
  const text = typeof reply.body === "string" ? reply.body : "";
  if (!text.startsWith("{")) return reply;
  const more = '"__proto__":{"state":"CLOSED"},"constructor":1e400,"zz_new":[[],null],';
  return { ...reply, body: text === "{}" ? text : `{${more}${text.slice(1)}` };
}

interface Answer {
  readonly data?: Readonly<Record<string, unknown>>;
}

/** GitHub answers, but not about the first repo. */
function partial(reply: Reply): Reply {
  const { data = {} }: Answer = JSON.parse(typeof reply.body === "string" ? reply.body : "{}");
  const key = Object.keys(data).findLast((name) => name !== "viewer") ?? "r0";
  return jsonReply(200, {
    data: { ...data, [key]: null },
    errors: [{ type: "SERVICE_UNAVAILABLE", message: "Something is down.", path: [key] }],
  });
}
