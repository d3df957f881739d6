// One request as the simulated world sees it, what it answers, and the name of the place that was asked.

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string;
  readonly text: string;
  /** Which place this is, for faults and coverage: `github.Details`, `t3.thread.create`, `bell.ring`. */
  readonly endpoint: string;
  /** Whether it can change the world. */
  readonly isWrite: boolean;
}

export interface Reply {
  readonly status: number;
  readonly body: string | null;
  readonly contentType: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function exchangeOf(input: string | URL | Request, init?: RequestInit): Promise<Exchange> {
  const request = new Request(input, init);
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
    endpoint,
    isWrite: request.method !== "GET" && !isQuery,
  };
}

function endpointOf(method: string, url: URL, text: string): string {
  if (url.hostname === "bell.example") return "bell.ring";
  if (url.hostname === "t3.example") return `t3.${t3Endpoint(method, url, text)}`;
  if (url.pathname === "/graphql")
    return `github.${/"query":"query (\w+)/.exec(text.slice(0, 60))?.[1] ?? "query"}`;
  return `github.${restEndpoint(method, url.pathname)}`;
}

function t3Endpoint(method: string, url: URL, text: string): string {
  if (method === "POST") return /"type":"([\w.]+)"/.exec(text)?.[1] ?? "dispatch";
  const last = url.pathname.split("/").at(-1) ?? "";
  return url.pathname.includes("/threads/") ? "thread" : last;
}

function restEndpoint(method: string, path: string): string {
  if (path.includes("/collaborators/")) return "permission";
  if (/\/issues\/comments\/\d+$/.test(path)) return method === "DELETE" ? "delete_comment" : "edit_comment";
  if (path.endsWith("/comments")) return "add_comment";
  if (/\/issues\/\d+$/.test(path)) return "state";
  if (method === "GET") return "labels";
  return method === "POST" ? "add_label" : "remove_label";
}

export function toResponse(reply: Reply): Response {
  const headers = new Headers(reply.headers ?? {});
  if (reply.contentType !== null) headers.set("content-type", reply.contentType);
  return new Response(reply.status === 204 ? null : reply.body, { status: reply.status, headers });
}

export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = value === undefined ? null : JSON.stringify(value);
  return { status, body, contentType: "application/json", headers };
}
