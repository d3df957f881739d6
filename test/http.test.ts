// How src/http.ts reads answers: what is data, and which of the three failures everything else is.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { checkedUrl, createHttp, type Http, type HttpRequest, parseJson } from "../src/http.ts";
import { everythingIn, failureOf } from "./support/failure.ts";
import { mockHttp } from "./support/http.ts";

const mocks = mockHttp();
const origin = "https://api.example.com";
const Thing = z.object({ name: z.string() });

function http(signal = new AbortController().signal) {
  return createHttp({ fetch: (input, init) => fetch(input, init), signal });
}

function request(extra: Partial<HttpRequest> = {}): HttpRequest {
  return {
    what: "The service (AFK_SERVICE_URL)",
    method: "GET",
    url: `${origin}/things/7?key=hidden-key`,
    headers: { authorization: "Bearer hidden-token" },
    ...extra,
  };
}

/** Asks for a thing, as the clients of JSON servers do. */
function askFor(asked: HttpRequest, by: Http = http()) {
  return by.request(asked, (answer) => ({ ...answer, data: parseJson(asked.what, answer.data, Thing) }));
}

function answers(
  status: number,
  body?: string | Record<string, unknown>,
  headers?: Record<string, string>,
): void {
  mocks.at(origin).get("/things/7").query(true).reply(status, body, headers);
}

describe("an answer", () => {
  test("is given with its status, its headers and the fields that were asked for", async () => {
    answers(200, { name: "seven", more: true }, { etag: "abc" });

    const answer = await askFor(request());

    expect(answer.data).toEqual({ name: "seven" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe("abc");
  });

  test.each(["POST", "PUT", "PATCH"] as const)(
    "to %s comes after the body was sent as JSON",
    async (method) => {
      mocks
        .at(origin)
        .intercept(
          "/things",
          method,
          { labels: ["a"] },
          { reqheaders: { "content-type": "application/json" } },
        )
        .reply(201, { name: "new" });

      const answer = await askFor(request({ method, url: `${origin}/things`, body: { labels: ["a"] } }));

      expect([answer.status, answer.data]).toEqual([201, { name: "new" }]);
    },
  );

  test("without a body is empty text", async () => {
    mocks.at(origin).delete("/things/7").reply(204);

    const answer = await http().requestText({ what: "It", method: "DELETE", url: `${origin}/things/7` });

    expect([answer.status, answer.data]).toEqual([204, ""]);
  });

  test("with a status that the caller accepts is no failure", async () => {
    mocks.at(origin).get("/absent").reply(404, { message: "Not Found" });

    const answer = await http().requestText({
      what: "It",
      method: "GET",
      url: `${origin}/absent`,
      accept: [404],
    });

    expect([answer.status, JSON.parse(answer.data)]).toEqual([404, { message: "Not Found" }]);
  });
});

describe("a failure", () => {
  test.each([
    ["in the middle", [0x61, 0xff, 0x62]],
    ["cut off at the end", [0x61, 0xc3]],
  ])("is an answer that is no UTF-8 text, %s", async (_, bytes) => {
    mocks.at(origin).get("/things").reply(200, Buffer.from(bytes));

    const asking = http().requestText({ what: "It", method: "GET", url: `${origin}/things` });

    await expect(asking).rejects.toMatchObject({
      kind: "contract",
      message: expect.stringContaining("damaged"),
    });
  });

  test.each([
    [401, {}, "config", "check the token"],
    [403, {}, "config", "check the token"],
    [403, { "x-ratelimit-remaining": "0" }, "transport", "limits our requests"],
    [403, { "retry-after": "60" }, "transport", "wait 60 s"],
    [429, {}, "transport", "a later tick"],
    [429, { "retry-after": "17" }, "transport", "wait 17 s"],
    [408, {}, "transport", "could not answer"],
    [500, {}, "transport", "could not answer (500)"],
    [503, { "retry-after": "5" }, "transport", "wait 5 s"],
    [301, { location: "https://other.example/" }, "config", "give the final URL"],
    [400, {}, "contract", "(400)"],
    [404, {}, "contract", "(404)"],
    [422, {}, "contract", "(422)"],
  ] as const)("with status %d and headers %j is of kind %s", async (status, headers, kind, words) => {
    answers(status, { message: "hidden-answer" }, headers);

    const failure = await failureOf(askFor(request()));

    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain("The service (AFK_SERVICE_URL)");
    expect(failure.message).toContain(words);
  });

  test.each([
    ["a web page", "<!doctype html><p>hidden-answer</p>", "a web page that is not JSON"],
    ["text", "hidden-answer", "something that is not JSON"],
    ["nothing", "", "empty answer"],
    ["another shape", '{"name":{"hidden-answer":1}}', "name: Invalid input: expected string"],
    ["no object", '["hidden-answer"]', "the whole: Invalid input"],
  ])("is a broken contract when the answer is %s", async (_, body, words) => {
    answers(200, body);

    const failure = await failureOf(askFor(request()));

    expect(failure.kind).toBe("contract");
    expect(failure.message).toContain(words);
  });

  test("without an answer is passing and names the system's word for it", async () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED hidden-host"), { code: "ECONNREFUSED" });
    mocks.at(origin).get("/things/7").query(true).replyWithError(refused);

    const failure = await failureOf(askFor(request()));

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      "The service (AFK_SERVICE_URL) could not be reached (ECONNREFUSED): a later tick tries again.",
    ]);
  });

  test("because the tick ends is passing", async () => {
    const ended = AbortSignal.abort();

    const failure = await failureOf(askFor(request(), http(ended)));

    expect([failure.kind, failure.message]).toEqual([
      "transport",
      "The service (AFK_SERVICE_URL) was not waited for: the tick had to end.",
    ]);
  });

  test("of a header that HTTP forbids makes no request and does not quote it", async () => {
    const failure = await failureOf(askFor(request({ headers: { authorization: "Bearer hidden\ntoken" } })));

    expect(failure.kind).toBe("config");
    expect(everythingIn(failure)).not.toContain("hidden");
  });

  test("that nobody foresaw is a bug that quotes no address", async () => {
    const strange = createHttp({
      fetch: async () => {
        throw new RangeError("odd: https://hooks.example.com/hidden-path failed");
      },
      signal: new AbortController().signal,
    });

    const failure: unknown = await askFor(request(), strange).catch((error: unknown) => error);

    expect(failure).not.toHaveProperty("kind");
    expect(String(failure)).toContain("RangeError: odd: [address] failed");
    expect(everythingIn(failure)).not.toContain("hidden");
  });

  test.each([200, 302, 401, 404, 429, 500])(
    "with status %d shows no URL, header or answer",
    async (status) => {
      answers(status, "hidden-answer", { "x-private": "hidden-header", location: "https://hidden.example/" });

      const failure = await failureOf(askFor(request()));

      expect(everythingIn(failure)).not.toMatch(/hidden|example\.com/);
    },
  );

  test("is never tried again by itself", async () => {
    mocks.at(origin).get("/things/7").query(true).once().reply(503);

    await failureOf(askFor(request()));

    // A second request would have met no mock, which fails this test afterwards.
  });
});

describe("a URL", () => {
  test.each([
    "https://a.example/x",
    "http://localhost:8080/",
    "http://127.0.0.1:1/",
    "http://127.9.0.4/",
    "http://[::1]/",
  ])("%s may be asked", (url) => {
    expect(checkedUrl("It", url).href).toBe(url);
  });

  test("by plain http to another machine may be asked when a person allowed it, and no other kind", () => {
    expect(checkedUrl("It", "http://a.example/x", true).href).toBe("http://a.example/x");
    expect(() => checkedUrl("It", "ws://a.example/x", true)).toThrow("use https");
    expect(() => checkedUrl("It", "http://me@a.example/x", true)).toThrow("its own variable");
  });

  test.each([
    ["http://a.example/hidden", "use https"],
    ["http://localhost.example/hidden", "use https"],
    ["http://127.0.0.1.example/hidden", "use https"],
    ["http://10.0.0.1/hidden", "use https"],
    ["file:///hidden", "use https"],
    ["ws://localhost/hidden", "use https"],
    ["https://me:hidden@a.example/", "its own variable"],
    ["https://hidden@a.example/", "its own variable"],
    ["hidden", "no valid URL"],
    ["", "no valid URL"],
  ])("%s is refused without a request and without showing it", async (url, words) => {
    const failure = await failureOf(askFor(request({ url })));

    expect(failure.kind).toBe("config");
    expect(failure.message).toContain(words);
    expect(everythingIn(failure)).not.toContain("hidden");
  });

  test("of any form is either used as it is or refused with a sentence", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true, withFragments: true })),
        (text) => {
          try {
            const url = checkedUrl("It", text);
            expect(["https:", "http:"]).toContain(url.protocol);
          } catch (error) {
            expect(error).toHaveProperty("kind", "config");
          }
        },
      ),
    );
  });
});

describe("the mocks", () => {
  test("report a request that no mock expects, though nock answers it with 501", async () => {
    mocks.at(origin).get("/used").reply(200, "");
    await http().requestText({ what: "It", method: "GET", url: `${origin}/used` });
    mocks.at(origin).get("/expected").reply(200, "");

    await failureOf(http().requestText({ what: "It", method: "GET", url: `${origin}/surprise` }));

    expect(() => mocks.verify()).toThrow(
      /no mock for the request: GET .*\/surprise\n.*never requested: .*\/expected/,
    );
  });

  test("report a request to a host that no mock knows", async () => {
    const failure = await failureOf(
      http().requestText({ what: "It", method: "GET", url: "https://unknown.example/" }),
    );

    expect(failure.kind).toBe("transport");
    expect(() => mocks.verify()).toThrow("no mock for the request: GET https://unknown.example/");
  });
});
