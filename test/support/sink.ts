// A real HTTP server on this machine that keeps what it gets and answers as a test says.
import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request, or leaves it open. */
export type Answer = (response: ServerResponse) => void;

export interface Sink {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly received: readonly Received[];
  answer: Answer;
  /** Resolves when the number of requests has been received. */
  waitFor(count: number): Promise<void>;
  close(): Promise<void>;
}

/** An answer with a status, a body and headers. */
export function reply(status: number, body = "", headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => response.writeHead(status, headers).end(body);
}

export async function openSink(answer: Answer = reply(200)): Promise<Sink> {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      received.push({
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body,
      });
      sink.answer(response);
      for (const check of waiting) check();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const sink: Sink = {
    origin: `http://127.0.0.1:${address.port}`,
    received,
    answer,
    waitFor: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (received.length >= count) resolve();
        };
        waiting.push(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return sink;
}
