// Rings by posting JSON to any HTTP receiver, signed when a secret is set.
import { createHmac } from "node:crypto";
import { defineAdapter } from "../adapter.ts";
import type { Bell } from "../core/bell.ts";
import { optionalSecret } from "../config/parsers.ts";
import { oneLine } from "../core/text.ts";
import { checkedUrl, createHttp } from "../http.ts";
import type { Notifier } from "../ports.ts";
import { checkUrl, deliver, LEGAL_URL, messageLink, receiverUrl } from "./doorbell.ts";

const WHAT = "The webhook (AFK_WEBHOOK_URL)";
const REMEDY = "check AFK_WEBHOOK_URL, and that the receiver verifies with the same AFK_WEBHOOK_SECRET";

const TITLE_CHARACTERS = 300;
const MESSAGE_CHARACTERS = 2000;

export const webhook = defineAdapter({
  variables: {
    AFK_WEBHOOK_URL: {
      about: "The URL that gets a POST with JSON for every bell.",
      parse: receiverUrl(LEGAL_URL, (text) => checkedUrl(WHAT, text)),
    },
    AFK_WEBHOOK_SECRET: {
      about: "Signs the body: header X-Afk-Signature is sha256= and the HMAC-SHA256 in hex.",
      parse: optionalSecret(),
    },
  },
  create(settings, deps): Notifier {
    const http = createHttp(deps);
    return {
      name: "webhook",
      async ring(bell) {
        const body = JSON.stringify(webhookMessage(bell));
        const key = settings.AFK_WEBHOOK_SECRET;
        await deliver(http, {
          what: WHAT,
          url: settings.AFK_WEBHOOK_URL.reveal(),
          headers: key === null ? {} : { "x-afk-signature": `sha256=${hmac(key.reveal(), body)}` },
          body,
          remedy: REMEDY,
        });
      },
    };
  },
  check: async ({ AFK_WEBHOOK_URL: url }) => checkUrl("webhook", WHAT, () => checkedUrl(WHAT, url.reveal())),
});

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}

/** Version 1 of what a receiver gets; fields are only ever added. */
function webhookMessage(bell: Bell): unknown {
  return {
    schema: 1,
    kind: bell.kind,
    repo: bell.repo,
    issue: bell.issue,
    title: oneLine(bell.title, TITLE_CHARACTERS),
    reason: bell.reason,
    message: oneLine(bell.message, MESSAGE_CHARACTERS),
    threadUrl: messageLink(bell.threadUrl),
    issueUrl: messageLink(bell.issueUrl),
    dedupeKey: bell.dedupeKey,
  };
}
