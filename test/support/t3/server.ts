// A T3 Code server for tests, held to the recordings: as an injected fetch that can lose requests, and on a real socket.
import { createServer } from "node:http";
import { onTestFinished } from "vitest";
import { CommandSchema } from "./command-schema.ts";
import { createStore, type Store, type StoreOptions } from "./store.ts";

export interface T3Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface T3Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
}

export interface T3Options extends StoreOptions {
  readonly environmentId?: string;
  readonly serverVersion?: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  /** Paths this version does not have. */
  readonly lacks?: readonly string[];
  /** The web app is installed: unknown paths get its page. */
  readonly hasWebApp?: boolean;
}

export interface T3Double {
  readonly store: Store;
  /** Scopes by token; what is not in it is refused. */
  readonly tokens: Map<string, readonly string[]>;
  /** Every request, in order. */
  readonly requests: readonly T3Request[];
  readonly fetch: typeof fetch;
  /** What happens to a request on its way: the connection breaks before or after the server acted. */
  fault: (request: T3Request) => "before" | "after" | null;
  handle(request: T3Request): T3Answer;
  /** Serves it on `http://127.0.0.1:<port>`. */
  listen(): Promise<Listening>;
  /** The same until the test is over; gives the address. */
  serve(): Promise<string>;
}

export interface Listening {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

export const TOKEN = "t3-test-token";
const ALL_SCOPES = [
  "orchestration:read",
  "orchestration:operate",
  "terminal:operate",
  "review:write",
  "relay:read",
  "access:read",
  "access:write",
  "relay:write",
];
const CAPABILITIES = {
  repositoryIdentity: true,
  connectionProbe: true,
  threadSettlement: true,
  threadSnooze: true,
  threadPinning: true,
  threadTitleRegeneration: true,
};

export function createT3(options: T3Options): T3Double {
  const store = createStore(options);
  const tokens = new Map<string, readonly string[]>([[TOKEN, ALL_SCOPES]]);
  const requests: T3Request[] = [];

  function scopesOf({ headers }: T3Request): readonly string[] | null {
    const token = headers["authorization"]?.replace(/^Bearer /, "");
    return token === undefined ? null : (tokens.get(token) ?? null);
  }

  function guarded(request: T3Request, scope: string, act: () => T3Answer): T3Answer {
    const scopes = scopesOf(request);
    const reason =
      request.headers["authorization"] === undefined ? "missing_credential" : "invalid_credential";
    if (scopes === null) return refusal(401, "EnvironmentAuthInvalidError", "auth_invalid", { reason });
    if (scopes.includes(scope)) return act();
    return refusal(403, "EnvironmentScopeRequiredError", "insufficient_scope", { requiredScope: scope });
  }

  function dispatch({ headers, body }: T3Request): T3Answer {
    const type = headers["content-type"] ?? "";
    if (body !== "" && !type.includes("application/json"))
      return { status: 415, contentType: "text/plain", body: `Unsupported content-type: ${type}` };
    const command = CommandSchema.safeParse(parsed(body));
    if (!command.success) return { status: 400, contentType: null, body: "" };
    const result = store.dispatch(command.data);
    switch (result.kind) {
      case "accepted":
        return json(200, { sequence: result.sequence });
      case "refused":
        return refusal(500, "EnvironmentInternalError", "internal_error", {
          reason: "orchestration_dispatch_failed",
        });
      case "invalid":
        return refusal(400, "EnvironmentRequestInvalidError", "invalid_request", {
          reason: "invalid_command",
        });
    }
  }

  function thread(id: string, query: URLSearchParams): T3Answer {
    const limit = query.get("turnLimit");
    if (limit !== null && !/^[1-9]\d*$/.test(limit)) return { status: 400, contentType: null, body: "" };
    const found = store.thread(id);
    if (found !== null) return json(200, found);
    return refusal(404, "EnvironmentResourceNotFoundError", "not_found", { reason: "thread_not_found" });
  }

  function handle(request: T3Request): T3Answer {
    const url = new URL(request.path, "http://t3");
    const isLacking = options.lacks?.some((path) => url.pathname.startsWith(path)) === true;
    const route = isLacking ? "" : `${request.method} ${url.pathname}`;
    const id = /^GET \/api\/orchestration\/threads\/([^/]+)$/.exec(route)?.[1];
    if (id !== undefined)
      return guarded(request, "orchestration:read", () => thread(decodeURIComponent(id), url.searchParams));
    switch (route) {
      case "GET /.well-known/t3/environment":
        return json(200, {
          environmentId: options.environmentId ?? "1d694bb5-a603-419c-9ba1-0ed00f93452d",
          label: "vm",
          platform: { os: "linux", arch: "x64" },
          serverVersion: options.serverVersion ?? "0.0.31",
          capabilities: options.capabilities ?? CAPABILITIES,
        });
      case "GET /api/auth/session":
        return json(200, sessionState(scopesOf(request)));
      case "GET /api/orchestration/shell":
        return guarded(request, "orchestration:read", () => json(200, store.shell()));
      case "GET /api/orchestration/snapshot":
        return guarded(request, "orchestration:read", () => json(200, store.snapshot()));
      case "POST /api/orchestration/dispatch":
        return guarded(request, "orchestration:operate", () => dispatch(request));
      default:
        return options.hasWebApp === true
          ? { status: 200, contentType: "text/html", body: "<!doctype html><title>T3</title>" }
          : {
              status: 503,
              contentType: "text/plain",
              body: "No static directory configured and no dev URL set.",
            };
    }
  }

  /** Null: the connection broke. */
  function exchange(request: T3Request): T3Answer | null {
    requests.push(request);
    const fault = double.fault(request);
    if (fault === "before") return null;
    const answer = handle(request);
    return fault === "after" ? null : answer;
  }

  const double: T3Double = {
    store,
    tokens,
    requests,
    fault: () => null,
    handle,
    async fetch(input, init) {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const answer = exchange({
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      });
      if (answer === null) throw new TypeError("fetch failed", { cause: broken() });
      const headers = new Headers(answer.contentType === null ? {} : { "content-type": answer.contentType });
      return new Response(answer.body, { status: answer.status, headers });
    },
    listen: () => listen(exchange),
    async serve() {
      const server = await listen(exchange);
      onTestFinished(() => server.close());
      return server.origin;
    },
  };
  return double;
}

async function listen(exchange: (request: T3Request) => T3Answer | null): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
      const answer = exchange({
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: Object.fromEntries(headers),
        body: Buffer.concat(chunks).toString("utf8"),
      });
      if (answer === null) return incoming.socket.destroy();
      const type = answer.contentType === null ? {} : { "content-type": answer.contentType };
      return outgoing.writeHead(answer.status, type).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sessionState(scopes: readonly string[] | null): object {
  const auth = {
    policy: "loopback-browser",
    bootstrapMethods: ["one-time-token"],
    sessionMethods: ["browser-session-cookie", "bearer-access-token", "dpop-access-token"],
    sessionCookieName: "t3_session_3773_ab01e36d89d7",
  };
  if (scopes === null) return { authenticated: false, auth };
  const expiresAt = "2027-01-20T00:00:00.000Z";
  return { authenticated: true, auth, scopes, sessionMethod: "bearer-access-token", expiresAt };
}

function json(status: number, value: unknown): T3Answer {
  return { status, contentType: "application/json", body: JSON.stringify(value) };
}

function refusal(
  status: number,
  tag: string,
  code: string,
  more: Readonly<Record<string, string>>,
): T3Answer {
  return json(status, { _tag: tag, code, ...more, traceId: "0".repeat(32) });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is refused like any other mistake.
    return null;
  }
}

function broken(): Error {
  return Object.assign(new Error("The connection broke."), { code: "ECONNRESET" });
}
