// Servers that fail in every way there is and repeat, wherever an answer has room, what they were told in confidence.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { onTestFinished } from "vitest";

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

/** Answers one request; `echo` is all that the request held. */
export type Misdeed = (response: ServerResponse, echo: string) => void;

/** A reply whose reason phrase, headers and body repeat the request. */
function repeating(
  status: number,
  body: (echo: string) => string = echoing,
  headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
): Misdeed {
  return (response, echo) => {
    const inline = echo.replace(/[^\x20-\x7e]/g, "").slice(0, 300);
    response.writeHead(status, inline, { ...headers, "www-authenticate": inline, "x-request": inline });
    response.end(body(echo));
  };
}

/** Every field in which GitHub, T3, Slack or ntfy put a sentence. */
function echoing(echo: string): string {
  const words = { message: echo, error: echo, reason: echo, code: echo, type: echo };
  return JSON.stringify({ ...words, _tag: echo, requiredScope: echo, errors: [{ ...words, path: null }] });
}

const html = { "content-type": "text/html" };

/** What goes wrong on a connection that was made. `elsewhere`: another origin. */
export function misdeeds(elsewhere: string): Readonly<Record<string, Misdeed>> {
  return {
    "says 401": repeating(401),
    "says 403": repeating(403),
    "says 404": repeating(404),
    "says 500": repeating(500),
    "answers with a web page": repeating(200, (echo) => `<!doctype html><p>${echo}</p>`, html),
    "cuts the connection in the middle": (response, echo) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100000" });
      response.write(echoing(echo), () => response.destroy());
    },
    "answers with other types": repeating(200, (echo) =>
      JSON.stringify({ data: echo, errors: { message: echo }, threads: echo, [echo]: [] }),
    ),
    "breaks off its JSON": repeating(200, (echo) => echoing(echo).slice(0, -20)),
    "sends us elsewhere": (response, echo) =>
      repeating(307, echoing, { location: `${elsewhere}/?${encodeURIComponent(echo.slice(0, 200))}` })(
        response,
        echo,
      ),
    "repeats our Authorization as its error": repeating(200),
  };
}

export interface Hostile {
  readonly origin: string;
  readonly heard: readonly Heard[];
  misdeed: Misdeed;
  /** Which requests it spoils; the others go on to the honest server behind it. */
  spoils: (heard: Heard) => boolean;
}

/** Stands in front of an honest server, until the test is over. */
export async function openHostile(misdeed: Misdeed, honest: string | null = null): Promise<Hostile> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { method = "", url: path = "", headers } = request;
    const body = Buffer.concat(chunks).toString("utf8");
    const one = { method, path, authorization: headers.authorization ?? "", body };
    heard.push(one);
    if (honest === null || hostile.spoils(one))
      return hostile.misdeed(response, `${one.authorization} ${path} ${body}`);
    const init = {
      method,
      headers: { authorization: one.authorization, "content-type": "application/json", "user-agent": "afk" },
      ...(body === "" ? {} : { body }),
    };
    const answered = await fetch(`${honest}${path}`, init);
    const type = answered.headers.get("content-type");
    response.writeHead(answered.status, type === null ? {} : { "content-type": type });
    response.end(await answered.text());
  }
  const hostile: Hostile = {
    origin: `http://127.0.0.1:${await listen(server)}`,
    heard,
    misdeed,
    spoils: () => true,
  };
  return hostile;
}

/** An https server whose certificate is for another host and signed by nobody; gives its address. */
export async function openWrongTls(): Promise<string> {
  const server = createTlsServer(
    { key: tlsFile("key.pem"), cert: tlsFile("certificate.pem") },
    (_, response) => response.end("{}"),
  );
  return `https://127.0.0.1:${await listen(server)}`;
}

export const CERTIFICATE = new URL("../fixtures/tls/certificate.pem", import.meta.url);

function tlsFile(name: string): string {
  return readFileSync(new URL(name, CERTIFICATE), "utf8");
}

/** An address where nobody listens: of a port that was only free a moment ago, another test could make its server. */
export function nobodyThere(): string {
  return "http://127.0.0.1:2";
}

async function listen(server: Server & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections?.();
    await closed;
  });
  return (server.address() as AddressInfo).port;
}
