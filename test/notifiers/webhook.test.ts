// What a webhook's receiver gets, and how it can tell that it comes from us.
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { webhook } from "../../src/notifiers/webhook.ts";
import { notifierConformance } from "../conformance/notifier.ts";
import { bell, notifierDeps, settingsOf } from "../support/notifier.ts";
import { openSink, reply } from "../support/sink.ts";
import type { Sink } from "../support/sink.ts";

notifierConformance({
  name: "webhook",
  adapter: webhook,
  urlVariable: "AFK_WEBHOOK_URL",
  url: (origin) => `${origin}/hooks/hidden?key=hidden`,
  others: { AFK_WEBHOOK_SECRET: "hidden-secret" },
  accepts: reply(204),
});

let sink: Sink;

beforeEach(async () => {
  sink = await openSink();
});
afterEach(() => sink.close());

function notifier(others: Readonly<Record<string, string>> = {}) {
  return webhook.create(
    settingsOf(webhook, { AFK_WEBHOOK_URL: `${sink.origin}/hook?a=1`, ...others }),
    notifierDeps(),
  );
}

test("the body has every field of the bell under version 1", async () => {
  await notifier().ring(bell());

  expect(JSON.parse(sink.received[0]?.body ?? "")).toEqual({
    schema: 1,
    kind: "needs-human",
    repo: "acme/api",
    issue: 7,
    title: "Sort the list",
    reason: "stalled",
    message: "The agent was silent for 30 minutes.",
    threadUrl: "https://t3.example/threads/5f1c",
    issueUrl: "https://github.com/acme/api/issues/7",
    dedupeKey: "5f1c:LE_1:needs-human",
  });
  expect(sink.received[0]?.path).toBe("/hook?a=1");
});

test("the signature is the HMAC of the very bytes that arrive", async () => {
  await notifier({ AFK_WEBHOOK_SECRET: "k3y" }).ring(bell({ title: "Größe 😀" }));

  const [received] = sink.received;
  const expected = createHmac("sha256", "k3y")
    .update(Buffer.from(received?.body ?? ""))
    .digest("hex");
  expect(received?.headers["x-afk-signature"]).toBe(`sha256=${expected}`);
});

test("without a secret there is no signature", async () => {
  await notifier().ring(bell());

  expect(sink.received[0]?.headers).not.toHaveProperty("x-afk-signature");
});

test.each([200, 201, 202, 204])(
  "a receiver that answers %d has taken the message, whatever else it says",
  async (status) => {
    sink.answer = reply(status, status === 204 ? "" : "<p>thanks</p>");

    await notifier().ring(bell());

    expect(sink.received).toHaveLength(1);
  },
);
