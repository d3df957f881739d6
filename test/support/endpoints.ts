// The name of the place that a request asks, for faults, kills and coverage: `github.Details`, `t3.thread.create`, `bell.ring`.

/** The name by its path alone, whatever host stands for the server. */
export function endpointOf(method: string, url: URL, text: string): string {
  if (url.pathname.startsWith("/hook")) return "bell.ring";
  if (/^\/(api|\.well-known)\//.test(url.pathname)) return `t3.${t3Endpoint(method, url, text)}`;
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
