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
  "403",
  "403-limit",
  "429-0",
  "429-5",
  "429-3600",
  "429-date",
  "429-garbage",
  "truncated",
  "html",
  "types",
  "empty",
  "partial",
  "stale",
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** Whether a fault means anything for a place; else the request is answered as usual. */
export function fits(kind: FaultKind, { endpoint }: Exchange): boolean {
  const isQuery = /^github\.[A-Z]/.test(endpoint);
  return kind === "stale" || kind === "partial" ? isQuery : true;
}

const HTML: Reply = { status: 200, body: "<!doctype html><title>Unicorn!</title>", contentType: "text/html" };
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
    case "truncated": {
      const reply = honest();
      return { reply: { ...reply, body: reply.body?.slice(0, Math.floor(reply.body.length / 2)) ?? null } };
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

interface Answer {
  readonly data?: Readonly<Record<string, unknown>>;
}

/** GitHub answers, but not about the first repo. */
function partial(reply: Reply): Reply {
  const { data = {} }: Answer = JSON.parse(reply.body ?? "{}");
  const key = Object.keys(data).findLast((name) => name !== "viewer") ?? "r0";
  return jsonReply(200, {
    data: { ...data, [key]: null },
    errors: [{ type: "SERVICE_UNAVAILABLE", message: "Something is down.", path: [key] }],
  });
}
