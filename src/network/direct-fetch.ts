// The transport of the built command: fetch over Node's own http and https, which start in a tenth of the time of undici.
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { fetchTypes } from "./fetch-types.ts";

/** Answers that have no body, whatever their headers say. */
const WITHOUT_BODY = [204, 205, 304];

/**
 * Takes the place of the process's fetch types too, because ky finds them there: call it before ky is loaded.
 * Redirects are never followed; proxies and certificates are those that Node itself is told about.
 */
export function takeOverFetch(): typeof fetch {
  Object.assign(globalThis, fetchTypes);
  return directFetch;
}

/** Makes one request. Fails as fetch does: with the signal's reason, or a TypeError whose cause is the system's error. */
export async function directFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { signal } = request;
  signal.throwIfAborted();
  // As bytes: Node would send the headers before a text in its encoding too.
  const answer = await send(request, Buffer.from(await request.text()));
  const headers = new Headers();
  for (const [name, values] of Object.entries(answer.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const status = answer.statusCode ?? 0;
  if (WITHOUT_BODY.includes(status)) {
    answer.resume();
    return new Response(null, { status, headers });
  }
  return new Response(bodyOf(answer, signal), { status, headers });
}

function send(request: Request, body: Buffer): Promise<IncomingMessage> {
  const url = new URL(request.url);
  // Not an import: loading https costs 10 ms more than http, which is all that a server on this machine needs.
  const protocol = process.getBuiltinModule(url.protocol === "https:" ? "node:https" : "node:http");
  const headers = {
    ...Object.fromEntries(request.headers),
    "accept-encoding": "gzip",
    ...(body.length === 0 ? {} : { "content-length": body.length }),
  };
  const { method, signal } = request;
  return new Promise((resolve, reject) => {
    const outgoing = protocol.request(url, { method, headers, signal });
    outgoing.on("response", resolve);
    outgoing.on("error", (cause) => reject(failure("fetch failed", cause, signal)));
    outgoing.end(body);
  });
}

/** The answer's bytes as they were before they were packed for the way. */
function unpacked(answer: IncomingMessage): Readable {
  if (answer.headers["content-encoding"]?.toLowerCase() !== "gzip") return answer;
  const { pipeline } = process.getBuiltinModule("node:stream");
  // What breaks is told by the stream that is read.
  return pipeline(answer, process.getBuiltinModule("node:zlib").createGunzip(), () => undefined);
}

/** Reads on only when somebody wants more, and lets go of the connection when nobody does. */
function bodyOf(answer: IncomingMessage, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array, undefined> = unpacked(answer)[Symbol.asyncIterator]();
  const reader: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      try {
        return await chunks.next();
      } catch (cause) {
        throw failure("terminated", cause, signal);
      }
    },
    // Not that of the stream: it does nothing before something was read.
    async return() {
      answer.destroy();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => reader };
}

/** With the words of Node's own fetch, by which ky knows what happened. */
function failure(words: "fetch failed" | "terminated", cause: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : new TypeError(words, { cause: named(cause) });
}

/** Node says EPROTO of everything that TLS finds wrong while it writes; what that was stands only in the message. */
function named(cause: unknown): unknown {
  if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "EPROTO") return cause;
  const reason = /:SSL routines:\w*:([a-z0-9 ]+):/i.exec(cause.message)?.[1];
  if (reason === undefined) return cause;
  return Object.assign(new Error(reason), { code: `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}` });
}
