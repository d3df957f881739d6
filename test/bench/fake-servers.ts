// Serves a small GitHub and a small T3 on one loopback port, fast and counting; `node fake-servers.ts <options as JSON>` is a process with them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Answer, createFleet } from "./fleet.ts";
import type { ServerOptions, Traced } from "./fleet-options.ts";

export const FAKE_SERVERS = fileURLToPath(import.meta.url);

export interface Served {
  readonly port: number;
  /** What was asked since the last call. */
  takeTrace(): readonly Traced[];
  close(): void;
}

/** Listens on a free port; every request waits for the latency, whatever its answer takes to make. */
export async function serveFleet(options: ServerOptions): Promise<Served> {
  const fleet = createFleet(options, Date.now());
  const shell = fleet.shell();
  let trace: Traced[] = [];

  function takeTrace(): readonly Traced[] {
    const taken = trace;
    trace = [];
    return taken;
  }

  function answerTo(method: string, path: string, body: string): Answer & { readonly isWrite: boolean } {
    if (path === "/graphql") {
      const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
      return { ...fleet.graphql(query, variables), isWrite: !query.startsWith("query ") };
    }
    const isWrite = method !== "GET";
    if (path.startsWith("/repos/")) return { ...fleet.rest(path), isWrite };
    if (path.endsWith("/environment")) return { ...fleet.environment(), isWrite };
    return path === "/api/orchestration/shell" ? { ...shell, isWrite } : { kind: path, text: "{}", isWrite };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const from = performance.now();
    const path = request.url ?? "";
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    response.on("error", () => undefined).setHeader("content-type", "application/json");
    if (path === "/trace") return void response.end(JSON.stringify(takeTrace()));
    const { kind, isWrite, text } = answerTo(
      request.method ?? "",
      path,
      Buffer.concat(body).toString("utf8"),
    );
    await pause(Math.max(0, options.latencyMilliseconds - (performance.now() - from)));
    trace.push({ kind, isWrite, from, to: performance.now() });
    response.end(text);
  }

  const server = createServer((request, response) => void handle(request, response));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    port: address.port,
    takeTrace,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

if (process.argv[1] === FAKE_SERVERS) {
  const { port } = await serveFleet(JSON.parse(process.argv[2] ?? "") as ServerOptions);
  process.stdout.write(`${port}\n`);
}
