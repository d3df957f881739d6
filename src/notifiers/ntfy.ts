// Rings through an ntfy topic, on ntfy.sh or a server of one's own.
import * as z from "zod/mini";
import { defineAdapter } from "../adapter.ts";
import { optionalSecret } from "../config/parsers.ts";
import type { Bell, BellKind } from "../core/bell.ts";
import { digest } from "../digest.ts";
import { AfkError } from "../errors.ts";
import { checkedUrl, createHttp, parseJson } from "../http.ts";
import type { Notifier } from "../ports.ts";
import {
  checkUrl,
  deliver,
  headline,
  LEGAL_URL,
  messageLink,
  receiverUrl,
  sentence,
  TONES,
} from "./doorbell.ts";

const WHAT = "ntfy (AFK_NTFY_URL)";
const REMEDY = "check the server and topic in AFK_NTFY_URL, and that AFK_NTFY_TOKEN may publish to it";

// ntfy's scale goes from 1 to 5, and 3 is the default.
const LOW = 2;
const HIGH = 4;

/** ntfy shows the emoji of a tag that it knows by name in front of the title. */
const EMOJI: Readonly<Record<BellKind, string>> = {
  done: "white_check_mark",
  "needs-human": "raised_hand",
  frozen: "ice_cube",
  waiting: "hourglass",
};

/** The part of ntfy's answer that proves a published message. */
const Published = z.object({ id: z.string().check(z.minLength(1)) });

export const ntfy = defineAdapter({
  variables: {
    AFK_NTFY_URL: {
      about: "The ntfy topic with its server, such as https://ntfy.sh/some-topic.",
      parse: receiverUrl(`${LEGAL_URL}, and one topic after the server`, splitUrl),
    },
    AFK_NTFY_TOKEN: {
      about: "An ntfy access token, when the topic needs one.",
      parse: optionalSecret(),
    },
  },
  create(settings, deps): Notifier {
    const http = createHttp(deps);
    return {
      name: "ntfy",
      async ring(bell) {
        const { server, topic } = splitUrl(settings.AFK_NTFY_URL.reveal());
        const token = settings.AFK_NTFY_TOKEN;
        const answer = await deliver(http, {
          what: WHAT,
          url: server,
          headers: token === null ? {} : { authorization: `Bearer ${token.reveal()}` },
          body: ntfyMessage(bell, topic),
          remedy: REMEDY,
        });
        parseJson(WHAT, answer, Published);
      },
    };
  },
  check: async ({ AFK_NTFY_URL: url }) => checkUrl("ntfy", WHAT, () => splitUrl(url.reveal())),
});

/** JSON is published to the server's root with the topic in the body; headers could not carry Unicode. */
function splitUrl(text: string): { readonly server: string; readonly topic: string } {
  const url = checkedUrl(WHAT, text);
  const [, path = "/", topic = ""] = /^(.*\/)([^/]+)\/?$/.exec(url.pathname) ?? [];
  if (!/^[-_A-Za-z0-9]{1,64}$/.test(topic) || url.search !== "" || url.hash !== "")
    throw new AfkError(
      "config",
      `${WHAT} must be the server and one topic, like https://ntfy.sh/some-topic.`,
    );
  return { server: url.origin + path, topic };
}

function ntfyMessage(bell: Bell, topic: string): unknown {
  const thread = messageLink(bell.threadUrl);
  const issue = messageLink(bell.issueUrl);
  const click = thread ?? issue;
  return {
    topic,
    title: headline(bell),
    message: sentence(bell),
    priority: TONES[bell.kind].loud ? HIGH : LOW,
    tags: [EMOJI[bell.kind], bell.kind],
    ...(click === null ? {} : { click }),
    actions: [view(thread, "Open the thread"), view(issue, "Open the issue")].flat(),
    // Since ntfy 2.16 a repeat replaces the first message on the phone; older servers ignore the field.
    sequence_id: digest.sha256(bell.dedupeKey).slice(0, 32),
  };
}

function view(url: string | null, label: string): readonly unknown[] {
  return url === null ? [] : [{ action: "view", label, url }];
}
