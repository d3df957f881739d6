// What src/http.ts does with servers that hang, flood, redirect or break off: on real sockets, where mocks would be too kind.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHttp } from "../src/http.ts";
import type { HttpRequest } from "../src/http.ts";
import { everythingIn, failureOf } from "./support/failure.ts";
import { openSink, reply } from "./support/sink.ts";
import type { Sink } from "./support/sink.ts";
import { transports } from "./support/transports.ts";

let sink: Sink;
let other: Sink;

beforeEach(async () => {
  sink = await openSink();
  other = await openSink();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  await sink.close();
  await other.close();
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

  test("a redirect is not followed, so nothing reaches the place it names", async () => {
    sink.answer = reply(307, "", { location: `${other.origin}/stolen` });
    const headers = { authorization: "Bearer hidden-token", "private-token": "hidden-token" };

    const failure = await failureOf(
      http().requestText(request({ method: "POST", body: { secret: 1 }, headers })),
    );

    expect(failure.kind).toBe("config");
    expect(failure.message).toBe(
      "The service sent us elsewhere (307), which afk never follows: give the final URL.",
    );
    expect(sink.received).toHaveLength(1);
    expect(other.received).toEqual([]);
  });

  test("an endless answer is cut off at the most bytes allowed", async () => {
    let sent = 0;
    sink.answer = (response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write("x".repeat(16_384))) sent += 16_384;
      };
      response.on("drain", pour);
      pour();
    };

    const failure = await failureOf(http().requestText(request({ maxBytes: 100_000 })));

    expect([failure.kind, failure.message]).toEqual([
      "contract",
      "The service gave an answer longer than 100000 bytes.",
    ]);
    expect(sent).toBeLessThan(50_000_000);
  });

  test("a small answer that unpacks to a huge one is cut off too", async () => {
    sink.answer = (response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(5_000_000)));
    };

    const failure = await failureOf(http().requestText(request({ maxBytes: 100_000 })));

    expect(failure.kind).toBe("contract");
  });

  test("an answer of exactly the most bytes allowed is taken whole", async () => {
    sink.answer = reply(200, "x".repeat(1000));

    const answer = await http().requestText(request({ maxBytes: 1000 }));

    expect(answer.data).toHaveLength(1000);
  });

  test("text in several pieces keeps its characters", async () => {
    const bytes = Buffer.from('{"name":"ä€😀"}');
    sink.answer = (response) => {
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    };

    const answer = await http().requestText(request());

    expect(JSON.parse(answer.data)).toEqual({ name: "ä€😀" });
  });

  test("a server that never answers is given up after the time allowed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    sink.answer = () => {};

    const failing = failureOf(http().requestText(request({ timeoutMilliseconds: 7000 })));
    await sink.waitFor(1);
    await vi.advanceTimersByTimeAsync(7000);
    const failure = await failing;

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      "The service did not answer within 7 s: a later tick tries again.",
    ]);
  });

  test("a server that stops in the middle of its answer is given up after the time allowed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const headers = Promise.withResolvers<void>();
    sink.answer = (response) => {
      response.writeHead(200).write("the beginning");
    };
    const watched = createHttp({
      fetch: async (input, init) => {
        const response = await transport.fetch(input, init);
        headers.resolve();
        return response;
      },
      signal: new AbortController().signal,
    });

    const failing = failureOf(watched.requestText(request({ timeoutMilliseconds: 7000 })));
    await headers.promise;
    await vi.advanceTimersByTimeAsync(14_000);
    const failure = await failing;

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      "The service did not answer within 7 s: a later tick tries again.",
    ]);
  });

  test("a connection that breaks in the middle of an answer may work later", async () => {
    sink.answer = (response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("the beginning", () => response.destroy());
    };

    const failure = await failureOf(http().requestText(request()));

    expect(failure.kind).toBe("transport");
    expect(failure.message).toContain(`The service could not be reached (${transport.broken})`);
  });

  test("a port where nobody listens may work later, and the address is not shown", async () => {
    const url = `${other.origin}/hidden`;
    await other.close();

    const failure = await failureOf(http().requestText(request({ url })));

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      "The service could not be reached (ECONNREFUSED): a later tick tries again.",
    ]);
    expect(everythingIn(failure)).not.toMatch(/hidden|127\.0\.0\.1/);
  });

  test("the end of the tick ends a request that is under way", async () => {
    const tick = new AbortController();
    sink.answer = () => {};

    const failing = failureOf(http(tick.signal).requestText(request()));
    await sink.waitFor(1);
    tick.abort();
    const failure = await failing;

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      "The service was not waited for: the tick had to end.",
    ]);
  });

  test("a failed request is not sent a second time", async () => {
    sink.answer = reply(503, "", { "retry-after": "0" });

    await failureOf(http().requestText(request()));

    expect(sink.received).toHaveLength(1);
  });

  test("a credential that the server repeats is taken out of its answer", async () => {
    sink.answer = reply(200, '{"message":"hidden-token-of-some-length is no good","other":"short"}');
    const ask = (authorization: string) => http().requestText(request({ headers: { authorization } }));

    expect((await ask("Bearer hidden-token-of-some-length")).data).toBe(
      '{"message":"[redacted] is no good","other":"short"}',
    );
    expect((await ask("Bearer short")).data).toContain('"other":"short"');
  });

  test("a packed answer that ends too soon may work later", async () => {
    sink.answer = (response) => {
      const packed = gzipSync("x".repeat(50_000));
      response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length });
      response.write(packed.subarray(0, 40), () => response.destroy());
    };

    const failure = await failureOf(http().requestText(request()));

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      expect.stringContaining("The service could not be reached"),
    ]);
  });

  test("a refused answer that goes on is not read to its end", async () => {
    const closed = Promise.withResolvers<void>();
    sink.answer = (response) => {
      response.on("close", () => closed.resolve());
      response.writeHead(500).write("x".repeat(100_000));
    };

    const failure = await failureOf(http().requestText(request()));
    await closed.promise;

    expect(failure.kind).toBe("transport");
  });
});
