// What an ntfy topic gets, and how the server and the topic are read from one URL.
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { BellKind } from "../../src/core/bell.ts";
import { ntfy } from "../../src/notifiers/ntfy.ts";
import { notifierConformance } from "../conformance/notifier.ts";
import { everythingIn, failureOf } from "../support/failure.ts";
import { bell, notifierDeps, settingsOf } from "../support/notifier.ts";
import { openSink, reply } from "../support/sink.ts";
import type { Answer } from "../support/sink.ts";

const published = reply(200, '{"id":"sPs71M8A2T","event":"message"}', { "content-type": "application/json" });

notifierConformance({
  name: "ntfy",
  adapter: ntfy,
  urlVariable: "AFK_NTFY_URL",
  url: (origin) => `${origin}/hidden-topic`,
  others: { AFK_NTFY_TOKEN: "tk_hidden" },
  accepts: published,
});

const Message = z.object({
  topic: z.string(),
  title: z.string(),
  message: z.string(),
  priority: z.number(),
  tags: z.array(z.string()),
  click: z.optional(z.string()),
  actions: z.array(z.strictObject({ action: z.literal("view"), label: z.string(), url: z.string() })),
  sequence_id: z.string().check(z.regex(/^[-_A-Za-z0-9]{1,64}$/)),
});

async function sent(
  changes: Parameters<typeof bell>[0] = {},
  {
    path = "/alerts",
    token = "",
    answer = published,
  }: { path?: string; token?: string; answer?: Answer } = {},
) {
  const sink = await openSink(answer);
  try {
    const raw = { AFK_NTFY_URL: sink.origin + path, ...(token === "" ? {} : { AFK_NTFY_TOKEN: token }) };
    await ntfy.create(settingsOf(ntfy, raw), notifierDeps()).ring(bell(changes));
    const [received] = sink.received;
    return {
      path: received?.path,
      authorization: received?.headers.authorization,
      message: Message.parse(JSON.parse(received?.body ?? "")),
    };
  } finally {
    await sink.close();
  }
}

describe("an ntfy message", () => {
  test("has a title, a sentence, a tap target and a button for each link", async () => {
    const { message } = await sent();

    expect(message).toMatchObject({
      title: "Needs a person: acme/api#7 Sort the list",
      message: "The agent was silent for 30 minutes. (stalled)",
      click: "https://t3.example/threads/5f1c",
      tags: ["raised_hand", "needs-human"],
      actions: [
        { label: "Open the thread", url: "https://t3.example/threads/5f1c" },
        { label: "Open the issue", url: "https://github.com/acme/api/issues/7" },
      ],
    });
  });

  test.each([
    ["done", 2],
    ["needs-human", 4],
    ["frozen", 4],
    ["waiting", 4],
  ] as const satisfies readonly (readonly [BellKind, number])[])(
    "of kind '%s' has priority %d",
    async (kind, priority) => {
      const { message } = await sent({ kind });

      expect(message.priority).toBe(priority);
    },
  );

  test("opens the issue when there is no thread to open", async () => {
    const { message } = await sent({ threadUrl: null });

    expect(message.click).toBe("https://github.com/acme/api/issues/7");
  });

  test("can be told from a repeat by a sequence id that ntfy takes", async () => {
    const first = await sent({ dedupeKey: "5f1c:LE_1:frozen" });
    const repeat = await sent({ dedupeKey: "5f1c:LE_1:frozen" });
    const another = await sent({ dedupeKey: "5f1c:LE_1:done" });

    expect(repeat.message.sequence_id).toBe(first.message.sequence_id);
    expect(another.message.sequence_id).not.toBe(first.message.sequence_id);
  });

  test("has no address that a phone would turn into a link", async () => {
    const { message } = await sent({
      title: "[x](https://evil.example)",
      message: "see https://evil.example",
    });

    expect(message.title + message.message).not.toContain("://");
  });
});

describe("an ntfy URL", () => {
  test.each([
    ["/alerts", "/", "alerts"],
    ["/alerts/", "/", "alerts"],
    ["/ntfy/alerts", "/ntfy/", "alerts"],
    ["/My_topic-1", "/", "My_topic-1"],
  ])("with the path %s is published at %s to the topic %s", async (path, server, topic) => {
    const result = await sent({}, { path });

    expect([result.path, result.message.topic]).toEqual([server, topic]);
  });

  test.each(["", "/", "/two%20words", "/a.b", "/alerts?auth=hidden", "/alerts#hidden", `/${"x".repeat(65)}`])(
    "with the path %j names no topic and is refused",
    (path) => {
      const parsed = ntfy.variables["AFK_NTFY_URL"]?.parse.safeParse(`https://ntfy.sh${path}`);

      expect(parsed?.error?.issues[0]?.message).toContain("one topic after the server");
    },
  );
});

test("a token is sent as a bearer, and no header when there is none", async () => {
  const withToken = await sent({}, { token: "tk_abc" });
  const without = await sent();

  expect(withToken.authorization).toBe("Bearer tk_abc");
  expect(without.authorization).toBeUndefined();
});

test("an address that answers 200 without ntfy's id has rung nobody", async () => {
  const failure = await failureOf(sent({}, { answer: reply(200, "<html>hidden</html>") }));

  expect(failure.kind).toBe("contract");
  expect(everythingIn(failure)).not.toContain("hidden");
});
