// Rings through a Slack incoming webhook.
import { defineAdapter } from "../adapter.ts";
import type { Bell } from "../core/bell.ts";
import { AfkError } from "../errors.ts";
import { checkedUrl, createHttp } from "../http.ts";
import type { Notifier } from "../ports.ts";
import { checkUrl, deliver, headline, LEGAL_URL, messageLink, receiverUrl, sentence } from "./doorbell.ts";

const WHAT = "Slack (AFK_SLACK_WEBHOOK_URL)";
const REMEDY = "make a new incoming webhook in Slack and set AFK_SLACK_WEBHOOK_URL to its URL";

// Slack's limits for a header, a text object and a block's id.
const HEADER_CHARACTERS = 150;
const TEXT_CHARACTERS = 3000;
const BLOCK_ID_CHARACTERS = 255;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

export const slack = defineAdapter({
  variables: {
    AFK_SLACK_WEBHOOK_URL: {
      about: "The URL of a Slack incoming webhook.",
      parse: receiverUrl(LEGAL_URL, (text) => checkedUrl(WHAT, text)),
    },
  },
  create(settings, deps): Notifier {
    const http = createHttp(deps);
    return {
      name: "slack",
      async ring(bell) {
        const url = settings.AFK_SLACK_WEBHOOK_URL.reveal();
        const answer = await deliver(http, { what: WHAT, url, body: slackMessage(bell), remedy: REMEDY });
        // Slack says exactly this; a wrong address that answers 200 to everything must not pass for a rung bell.
        if (answer.trim() !== "ok")
          throw new AfkError("contract", `${WHAT} did not answer 'ok', so nobody was rung: ${REMEDY}.`);
      },
    };
  },
  check: async ({ AFK_SLACK_WEBHOOK_URL: url }) =>
    checkUrl("slack", WHAT, () => checkedUrl(WHAT, url.reveal())),
});

/** Text of unknown origin stands only in `plain_text`; the one block with markup holds our own words and the links. */
function slackMessage(bell: Bell): unknown {
  const title = escaped(headline(bell), HEADER_CHARACTERS);
  const text = escaped(sentence(bell), TEXT_CHARACTERS);
  const links = [link(bell.threadUrl, "Open the thread"), link(bell.issueUrl, "Open the issue")].flat();
  return {
    // What notifications show; as Slack reads it as markup, the two settings keep names in it from becoming mentions.
    text: `${title} - ${text}`,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      {
        type: "header",
        block_id: bell.dedupeKey.slice(0, BLOCK_ID_CHARACTERS),
        text: { type: "plain_text", text: title, emoji: false },
      },
      { type: "section", text: { type: "plain_text", text, emoji: false } },
      ...(links.length === 0
        ? []
        : [{ type: "section", text: { type: "mrkdwn", text: links.join(" | "), verbatim: true } }]),
    ],
  };
}

/** Slack's form of a link with our own label; none when it would not leave room for another one beside it. */
function link(url: string | null, label: string): readonly string[] {
  const target = messageLink(url)?.replaceAll("|", "%7C").replaceAll("&", "&amp;");
  return target === undefined || target.length > TEXT_CHARACTERS / 2 - 50 ? [] : [`<${target}|${label}>`];
}

/** Escapes Slack's three control characters; the result is cut between characters to at most `limit`. */
function escaped(text: string, limit: number): string {
  let result = "";
  for (const character of text) {
    const next = ESCAPES[character] ?? character;
    if (result.length + next.length >= limit) return `${result}…`;
    result += next;
  }
  return result;
}
