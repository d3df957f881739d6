// One GitHub for tests: GraphQL on the real schema and the REST calls afk makes, as a fetch or on a loopback port, with failures on order.
import { createServer } from "node:http";
import { type Executed, executeQuery, type GraphqlBody } from "./execute.ts";
import { answerRest } from "./rest.ts";
import type { Account, State } from "./state.ts";

export interface Made {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: unknown;
}

/** What goes wrong with a request; null: nothing. It may look at what would have been answered. */
export type Fault = (
  made: Made,
  answer: () => Promise<Response>,
) => Promise<Response | null> | Response | null;

export interface GithubServer {
  readonly fetch: typeof fetch;
  /** Every request, in order. */
  readonly made: Made[];
  /** Requests that GitHub does not document. */
  readonly violations: string[];
  /** Asked in order for each request; the first that answers wins. */
  faults: Fault[];
  /** Fields that this server is too old to have. */
  lacks: string[];
  /** What is left of the token's hour. */
  remaining: number;
  /** Serves the same on `http://127.0.0.1:<port>`. */
  listen(): Promise<{ readonly origin: string; close(): Promise<void> }>;
}

export function githubServerDouble(state: State): GithubServer {
  const server: GithubServer = {
    made: [],
    violations: [],
    faults: [],
    lacks: [],
    remaining: 4990,
    fetch: (input, init) => handle(new Request(input, init)),
    listen,
  };

  async function handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.text();
    const made = {
      method: request.method,
      path: url.pathname + url.search,
      authorization: request.headers.get("authorization") ?? "",
      body: text === "" ? undefined : JSON.parse(text),
    };
    server.made.push(made);
    request.signal.throwIfAborted();
    if (request.headers.get("user-agent") === null)
      return reply(403, { message: "Request forbidden: no user agent" });
    const viewer = state.accounts.get(made.authorization.replace(/^Bearer /, ""));
    if (viewer === undefined) return reply(401, { message: "Bad credentials" });
    const honest = (): Promise<Response> => answer(made, url, viewer);
    for (const fault of server.faults) {
      const failed = await fault(made, honest);
      if (failed !== null) return failed;
    }
    return honest();
  }

  async function answer(made: Made, url: URL, viewer: Account): Promise<Response> {
    const resource = url.pathname === "/graphql" ? "graphql" : "core";
    const limits = {
      "x-ratelimit-remaining": String(server.remaining),
      "x-ratelimit-reset": String(Math.floor(state.now / 1000) + 1800),
      "x-ratelimit-resource": resource,
    };
    if (resource === "graphql") {
      const result = await executeQuery(state, viewer, bodyOf(made.body), server.lacks);
      return reply(200, result, limits);
    }
    const { method, body } = made;
    const {
      status,
      body: answered,
      location,
    } = answerRest(state, { method, url, body, viewer }, server.violations);
    return reply(status, answered, { ...limits, ...(location === undefined ? {} : { location }) });
  }

  async function listen(): Promise<{ readonly origin: string; close(): Promise<void> }> {
    const http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const headers = new Headers(
          Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
        );
        const init = { method: request.method ?? "GET", headers, ...(body === "" ? {} : { body }) };
        void handle(new Request(`http://127.0.0.1${request.url ?? "/"}`, init)).then(async (answered) => {
          response.writeHead(answered.status, Object.fromEntries(answered.headers));
          response.end(await answered.text());
        });
      });
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const address = http.address();
    if (address === null || typeof address === "string") throw new Error("The server has no port.");
    return {
      origin: `http://127.0.0.1:${address.port}`,
      close: () =>
        new Promise((resolve) => {
          http.close(() => resolve());
          http.closeAllConnections();
        }),
    };
  }

  return server;
}

export function reply(
  status: number,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = body === undefined ? null : JSON.stringify(body);
  return new Response(status === 204 ? null : text, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

function bodyOf(body: unknown): GraphqlBody {
  if (typeof body === "object" && body !== null && "query" in body && typeof body.query === "string")
    return { query: body.query, variables: "variables" in body ? Object(body.variables) : {} };
  throw new Error("A GraphQL request needs a query.");
}

function isGraphql({ path }: Made): boolean {
  return path === "/graphql";
}

/** How many repos a query asks about. */
export function aliasesIn({ body }: Made): number {
  return bodyOf(body).query.match(/: repository\(/g)?.length ?? 0;
}

/** A query about more repos than this gets an incomplete answer, and is told so. */
export function resourceLimit(most: number): Fault {
  return async (made, answer) => {
    if (!isGraphql(made) || aliasesIn(made) <= most) return null;
    const whole: Executed = JSON.parse(await (await answer()).text());
    const problem = { type: "RESOURCE_LIMITS_EXCEEDED", message: "Resource limits for this query exceeded." };
    return reply(200, { data: whole.data ?? null, errors: [problem] });
  };
}

/** A query about more repos than this never comes to an end. */
export function gatewayLimit(most: number, status: 502 | 504): Fault {
  return (made) =>
    isGraphql(made) && aliasesIn(made) > most ? new Response("<html>Unicorn!</html>", { status }) : null;
}

/** The next request that fits gets this answer, and no later one. */
export function onceFor(fits: (made: Made) => boolean, failed: () => Response): Fault {
  let isUsed = false;
  return (made) => {
    if (isUsed || !fits(made)) return null;
    isUsed = true;
    return failed();
  };
}

export const queries = isGraphql;
export const restCalls = (made: Made): boolean => !isGraphql(made);

export const limited = {
  /** GraphQL says it with 200. */
  graphql: (reset: number): Response =>
    reply(
      200,
      { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded for user ID 1." }] },
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) },
    ),
  primary: (reset: number): Response =>
    reply(
      403,
      { message: "API rate limit exceeded for user ID 1." },
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) },
    ),
  secondary: (seconds: number | null): Response =>
    reply(
      403,
      { message: "You have exceeded a secondary rate limit." },
      seconds === null ? {} : { "retry-after": String(seconds) },
    ),
} as const;
