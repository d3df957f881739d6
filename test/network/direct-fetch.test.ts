// The built command's own transport, held to what Node's fetch does on real sockets.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHttp } from "../../src/http.ts";
import type { HttpRequest } from "../../src/http.ts";
import { everythingIn, failureOf } from "../support/failure.ts";
import { openSink } from "../support/sink.ts";
import type { Sink } from "../support/sink.ts";
import { transports } from "../support/transports.ts";

let sink: Sink;

beforeEach(async () => {
  sink = await openSink();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await sink.close();
});

function request(extra: Partial<HttpRequest> = {}): HttpRequest {
  return { what: "The service", method: "GET", url: `${sink.origin}/start`, ...extra };
}

describe.each(transports)("over $name", (transport) => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(transport.globals)) vi.stubGlobal(name, value);
  });

  function http(signal = new AbortController().signal) {
    return createHttp({ fetch: transport.fetch, signal });
  }

  test("a packed answer is unpacked", async () => {
    sink.answer = (response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(50_000)));
    };

    expect((await http().requestText(request())).data).toBe("x".repeat(50_000));
  });

  test("what is asked arrives: method, headers in any case, and a body with its length in bytes", async () => {
    const headers = { Authorization: "Bearer hidden-token\n", "X-Odd": " caf\u00e9 " };

    await http().requestText(request({ method: "PATCH", headers, body: { name: "ä€😀" } }));
    await http().requestText(request({ method: "DELETE" }));
    await http().requestText(request({ method: "POST" }));

    expect(sink.received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["PATCH", "/start", '{"name":"ä€😀"}'],
      ["DELETE", "/start", ""],
      ["POST", "/start", ""],
    ]);
    expect(sink.received[0]?.headers).toMatchObject({
      authorization: "Bearer hidden-token",
      "content-length": "20",
      "content-type": "application/json",
      "user-agent": "afk",
      "x-odd": "caf\u00e9",
    });
    expect(sink.received[2]?.headers).toMatchObject({ "content-length": "0" });
  });

  test.each(["hidden\ntoken", "hidden\u0000token", "hidden€token"])(
    "a header that HTTP forbids is neither sent nor shown: %j",
    async (token) => {
      const failure = await failureOf(http().requestText(request({ headers: { authorization: token } })));

      expect(failure.kind).toBe("config");
      expect(everythingIn(failure)).not.toContain("hidden");
      expect(sink.received).toEqual([]);
    },
  );

  test("an answer without a body is empty, and its headers are read in any case", async () => {
    sink.answer = (response) => {
      response.writeHead(204, { "Retry-After": "7", "X-Twice": ["a", "b"] }).end();
    };

    const answer = await http().requestText(request());

    expect([answer.status, answer.data]).toEqual([204, ""]);
    expect(answer.headers.get("retry-after")).toBe("7");
    expect(answer.headers.get("x-twice")).toBe("a, b");
  });

  test("many requests at once each get their own answer", async () => {
    sink.answer = (response) => response.end(response.req.url);
    const numbers = Array.from({ length: 40 }, (_, index) => index);

    const answers = await Promise.all(
      numbers.map((number) => http().requestText(request({ url: `${sink.origin}/${number}` }))),
    );

    expect(answers.map(({ data }) => data)).toEqual(numbers.map((number) => `/${number}`));
  });
});
