// One request as the simulated world sees it, and what it answers.
import { endpointOf } from "../support/endpoints.ts";
import { LightResponse, LightStream } from "./light-fetch.ts";

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly text: string;
  /** The text as JSON; undefined when there is none. */
  readonly body: unknown;
  /** Which place this is, for faults and coverage: `github.Details`, `t3.thread.create`, `bell.ring`. */
  readonly endpoint: string;
  /** Whether it can change the world. */
  readonly isWrite: boolean;
}

export interface Reply {
  readonly status: number;
  readonly body: string | Uint8Array | null;
  /** Of the body only the bytes come: then nothing, ever, or the connection breaks. */
  readonly end?: "hangs" | "torn";
  readonly contentType: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function exchangeOf(input: string | URL | Request, init?: RequestInit): Promise<Exchange> {
  const isAsIs = input instanceof Request && (init === undefined || Object.keys(init).length === 0);
  const request = isAsIs ? input : new Request(input, init);
  const url = new URL(request.url);
  const text = await request.text();
  const authorization = request.headers.get("authorization") ?? "";
  const endpoint = endpointOf(request.method, url, text);
  const isQuery = url.pathname === "/graphql";
  return {
    method: request.method,
    url,
    authorization,
    text,
    body: text === "" ? undefined : JSON.parse(text),
    endpoint,
    isWrite: request.method !== "GET" && !isQuery,
  };
}

/** `signal`: whoever aborts it need not wait for the rest of a body any longer. */
export function toResponse(reply: Reply, signal: AbortSignal | null): Response {
  const headers = new Headers(reply.headers ?? {});
  if (reply.contentType !== null) headers.set("content-type", reply.contentType);
  const text = reply.status === 204 ? null : reply.body;
  const body = reply.end === undefined || text === null ? text : badlyEnding(text, reply.end, signal);
  return new Response(body, { status: reply.status, headers });
}

type Body = NonNullable<ConstructorParameters<typeof Response>[0]>;

function badlyEnding(text: string | Uint8Array, end: "hangs" | "torn", signal: AbortSignal | null): Body {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const failure = new Promise<never>((_, reject) => {
    if (end === "torn") reject(new TypeError("terminated"));
    else signal?.addEventListener("abort", () => reject(signal.reason));
  });
  failure.catch(() => undefined);
  // Whichever kind of Response is in force takes its own kind of stream.
  if (Response === (LightResponse as unknown))
    return new LightStream(
      () => [bytes],
      () => failure,
    );
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      failure.catch((error: unknown) => controller.error(error));
    },
  });
}

export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = value === undefined ? null : JSON.stringify(value);
  return { status, body, contentType: "application/json", headers };
}
