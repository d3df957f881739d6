// What a Slack channel gets: plain text that nobody's issue title can turn into a mention or a link.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import type { Bell } from "../../src/core/bell.ts";
import { slack } from "../../src/notifiers/slack.ts";
import { notifierConformance } from "../conformance/notifier.ts";
import { failureOf } from "../support/failure.ts";
import { bell, notifierDeps, settingsOf } from "../support/notifier.ts";
import { reply } from "../support/sink.ts";

notifierConformance({
  name: "slack",
  adapter: slack,
  urlVariable: "AFK_SLACK_WEBHOOK_URL",
  url: (origin) => `${origin}/services/T0/B0/hidden`,
  others: {},
  // Slack's own answer, with the media type it really has.
  accepts: reply(200, "ok", { "content-type": "text/html" }),
});

const Text = z.strictObject({
  type: z.enum(["plain_text", "mrkdwn"]),
  text: z.string().check(z.minLength(1), z.maxLength(3000)),
  emoji: z.optional(z.literal(false)),
  verbatim: z.optional(z.literal(true)),
});
const Message = z.strictObject({
  text: z.string().check(z.minLength(1)),
  parse: z.literal("none"),
  link_names: z.literal(false),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
  blocks: z
    .array(
      z.strictObject({
        type: z.enum(["header", "section"]),
        block_id: z.optional(z.string().check(z.maxLength(255))),
        text: Text,
      }),
    )
    .check(z.minLength(2)),
});

/** What would be sent, and what comes of the given answer. */
async function ring(changes: Partial<Bell>, answer = "ok") {
  const bodies: string[] = [];
  const deps = notifierDeps({
    fetch: async (input, init) => {
      bodies.push(await new Request(input, init).text());
      return new Response(answer);
    },
  });
  const settings = settingsOf(slack, { AFK_SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/hidden" });
  const ringing = slack.create(settings, deps).ring(bell(changes));
  return { ringing, message: async () => ringing.then(() => Message.parse(JSON.parse(bodies[0] ?? ""))) };
}

async function sent(changes: Partial<Bell>): Promise<z.infer<typeof Message>> {
  return (await ring(changes)).message();
}

describe("a Slack message", () => {
  test("has a headline, a sentence, two links and a text for notifications", async () => {
    const message = await sent({ kind: "frozen" });

    expect(message.text).toBe(
      "Frozen: acme/api#7 Sort the list - The agent was silent for 30 minutes. (stalled)",
    );
    expect(message.blocks.map((block) => block.text.text)).toEqual([
      "Frozen: acme/api#7 Sort the list",
      "The agent was silent for 30 minutes. (stalled)",
      "<https://t3.example/threads/5f1c|Open the thread> | <https://github.com/acme/api/issues/7|Open the issue>",
    ]);
  });

  test("carries the dedupe key as the id of its first block", async () => {
    const message = await sent({ dedupeKey: "thread:arming:frozen" });
    const long = await sent({ dedupeKey: "x".repeat(300) });

    expect(message.blocks[0]?.block_id).toBe("thread:arming:frozen");
    expect(long.blocks[0]?.block_id).toHaveLength(255);
  });

  test("has only one block when there is nothing to link to", async () => {
    const message = await sent({ threadUrl: null, issueUrl: null });

    expect(message.blocks.map((block) => block.text.type)).toEqual(["plain_text", "plain_text"]);
  });

  test.each([
    ["<!here> come", "&lt;!here&gt; come"],
    ["<!channel> & all", "&lt;!channel&gt; &amp; all"],
    ["<@U123> you", "&lt;@\u2060U123&gt; you"],
    ["@channel come", "@\u2060channel come"],
    ["<https://evil.example|the fix>", "&lt;https:\u2060//evil.example|the fix&gt;"],
    ["https://evil.example", "https:\u2060//evil.example"],
    ["&lt;!here&gt;", "&amp;lt;!here&amp;gt;"],
    ["one\ntwo\u202Ethree", "one twothree"],
  ])("shows the title %j as %j", async (title, shown) => {
    const message = await sent({ title });

    expect(message.blocks[0]?.text.text).toBe(`Needs a person: acme/api#7 ${shown}`);
    expect(message.text).toContain(shown);
  });

  test("keeps a link from breaking out of its place", async () => {
    const message = await sent({ threadUrl: "https://t3.example/a|b>c<d?e=1&f=<!here>" });

    expect(message.blocks[2]?.text.text).toContain(
      "<https://t3.example/a%7Cb%3Ec%3Cd?e=1&amp;f=%3C!here%3E|Open the thread>",
    );
  });

  test.each([
    [200, 2],
    [500, 1],
  ])(
    "leaves out what would be too long for Slack: of a link with %d '&' and a plain one, %d stay",
    async (count, kept) => {
      const message = await sent({ threadUrl: `https://t3.example/?${"&".repeat(count)}` });

      expect(message.blocks[2]?.text.text.split(" | ")).toHaveLength(kept);
    },
  );

  test("has no control sequence, mention or link of anybody else, whatever the issue says", async () => {
    const pieces = [
      "<!here>",
      "<@U1>",
      "@channel",
      "&",
      "<",
      ">",
      "|",
      "https://",
      "x",
      "😀",
      "\ud83d",
      "\n",
      "`",
    ];
    const hostile = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()))
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (title, text, reason) => {
        const message = await sent({ title, message: text, reason });

        for (const shown of [message.text, ...message.blocks.slice(0, 2).map((block) => block.text.text)]) {
          expect(shown).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)|@[\p{L}\p{N}_.-]|:\/\//u);
          expect(shown.isWellFormed()).toBe(true);
        }
        expect(message.blocks[0]?.text.text.length).toBeLessThanOrEqual(150);
        expect(message.blocks).toHaveLength(3);
      }),
      { numRuns: 100 },
    );
  });

  test("cuts a headline of characters that need escaping between two characters", async () => {
    const message = await sent({ title: "&".repeat(500) });

    expect(message.blocks[0]?.text.text).toMatch(/^Needs a person: acme\/api#7 (&amp;)+…$/);
  });
});

test("an address that answers 200 without Slack's 'ok' has rung nobody", async () => {
  const { ringing } = await ring({}, "<html>Welcome</html>");

  const failure = await failureOf(ringing);

  expect(failure.kind).toBe("contract");
  expect(failure.message).toContain("did not answer 'ok'");
});
