// The light Request, Response and AbortSignal against Node's own.
import { describe, expect, it } from "vitest";
import { LightAbortController, LightAbortSignal } from "./light-abort.ts";
import { LightHeaders, LightRequest, LightResponse } from "./light-fetch.ts";

const NODE = {
  AbortController,
  AbortSignal,
  Headers,
  Request,
  Response,
};
const LIGHT = {
  AbortController: LightAbortController,
  AbortSignal: LightAbortSignal,
  Headers: LightHeaders,
  Request: LightRequest,
  Response: LightResponse,
} as unknown as typeof NODE;

/** What happened, as words; of an error its class. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error.constructor.name : error;
  }
}

const URL_TEXT = "https://api.example/graphql?a=1";
const DEEDS: Readonly<Record<string, (platform: typeof NODE) => unknown>> = {
  "headers of a record": ({ Headers: H }) => [...new H({ Accept: " text/* ", "x-b": "1", "X-A": "2" })],
  "headers of headers": ({ Headers: H }) => {
    const first = new H({ accept: "a" });
    const second = new H(first);
    second.set("ACCEPT", "b");
    second.delete("x-none");
    return [first.get("Accept"), [...second.entries()], second.has("accept"), second.get("none")];
  },
  "a header with a line break": ({ Headers: H }) => new H({ authorization: "Bearer a\nb" }),
  "a header with a sign outside Latin-1": ({ Headers: H }) => new H({ authorization: "Bearer \u20ac" }),
  "a header without a legal name": ({ Headers: H }) => new H({ "a b": "c" }),
  "a request": async ({ Request: R }) => {
    const init = { method: "POST", headers: { accept: "x" }, body: "\u00e9\ud83d\ude00" };
    const { url, method, headers } = new R(URL_TEXT, init);
    return [url, method, headers.get("accept"), await new R(new R(new URL(URL_TEXT), init)).text()];
  },
  "a request without a body": async ({ Request: R }) => [new R(URL_TEXT).body, await new R(URL_TEXT).text()],
  "a body read twice": async ({ Request: R }) => {
    const request = new R(URL_TEXT, { method: "POST", body: "once" });
    return [await request.text(), await request.text()];
  },
  "a body cancelled after reading": async ({ Response: R }) => {
    const response = new R("text");
    await response.text();
    await response.body?.cancel();
  },
  "a response": async ({ Response: R }) => {
    const response = new R("\ufeffwords", { status: 404, headers: { "X-A": "b" } });
    return [response.status, response.ok, response.type, response.headers.get("x-a"), await response.text()];
  },
  "a response without a body": async ({ Response: R }) => {
    const response = new R(null, { status: 204 });
    return [response.ok, response.body, await response.text()];
  },
  "a response that may have no body": ({ Response: R }) => new R("body", { status: 204 }),
  "a status that is none": ({ Response: R }) => new R(null, { status: 99 }),
  "bytes that are no UTF-8": ({ Response: R }) => new R(new Uint8Array([97, 0xff, 0xc3, 98])).text(),
  "a body in pieces": async ({ Response: R }) => {
    const { body } = new R("\u00e9!", { status: 201 });
    const bytes: number[] = [];
    for await (const piece of body ?? []) bytes.push(...piece);
    return bytes;
  },
  "a body in pieces, read before": async ({ Response: R }) => {
    const response = new R("text");
    await response.text();
    for await (const piece of response.body ?? []) return piece;
  },
  "joined signals": ({ AbortController: C, AbortSignal: S }) => {
    const [one, other] = [new C(), new C()];
    const joined = S.any([one.signal, other.signal]);
    const heard: string[] = [];
    joined.addEventListener("abort", ({ type }) => heard.push(type), { once: true });
    const silent = (): unknown => heard.push("never");
    joined.addEventListener("abort", silent);
    joined.removeEventListener("abort", silent);
    other.abort("why");
    other.abort("again");
    return [joined.aborted, joined.reason, heard, one.signal.aborted, S.any([other.signal]).reason];
  },
  "a signal aborted for no reason": ({ AbortController: C }) => {
    const controller = new C();
    controller.abort();
    return (controller.signal.reason as Error).name;
  },
  "a look at an aborted signal": ({ AbortController: C }) => {
    const controller = new C();
    controller.signal.throwIfAborted();
    controller.abort(new SyntaxError("stop"));
    controller.signal.throwIfAborted();
  },
};

describe("the light classes", () => {
  it.each(Object.entries(DEEDS))("do as Node's own: %s", async (_, deed) => {
    const expected = await outcome(() => deed(NODE));

    expect(await outcome(() => deed(LIGHT))).toEqual(expected);
  });
});
