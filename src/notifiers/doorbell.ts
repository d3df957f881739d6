// What all doorbells share: the words of a bell, text that can neither notify nor link, and one POST with our sentences.
import * as z from "zod/mini";
import type { Finding } from "../adapter.ts";
import type { Bell, BellKind } from "../core/bell.ts";
import { markSecret, secretUrl } from "../config/parsers.ts";
import type { Parser } from "../config/parsers.ts";
import { oneLine } from "../core/text.ts";
import { AfkError } from "../errors.ts";
import type { Http } from "../http.ts";
import type { Secret } from "../secret.ts";

/** How a kind of bell sounds. */
export interface Tone {
  readonly word: string;
  /** False for good news, which need not wake anybody. */
  readonly loud: boolean;
}

export const TONES: Readonly<Record<BellKind, Tone>> = {
  done: { word: "Done", loud: false },
  "needs-human": { word: "Needs a person", loud: true },
  frozen: { word: "Frozen", loud: true },
  waiting: { word: "Waits for an answer", loud: true },
};

const TITLE_CHARACTERS = 120;
const SENTENCE_CHARACTERS = 600;
// ntfy refuses a message of more than 8 KiB, and a link stands in it up to two times.
const LINK_CHARACTERS = 1000;

/** "Done: owner/name#7 Title", inert. */
export function headline(bell: Bell): string {
  const title = inert(bell.title, TITLE_CHARACTERS);
  return `${TONES[bell.kind].word}: ${inert(bell.repo, TITLE_CHARACTERS)}#${bell.issue} ${title}`.trimEnd();
}

/** The sentence with its reason code, inert and never empty. */
export function sentence(bell: Bell): string {
  return `${inert(bell.message, SENTENCE_CHARACTERS)} (${inert(bell.reason, TITLE_CHARACTERS)})`.trimStart();
}

/** One line without control characters in which a chat finds neither a mention nor an address to link. */
function inert(text: string, limit: number): string {
  return (
    oneLine(text, limit)
      // Every one: the last character of a piece meets the first of the next.
      .replaceAll("@", "@\u2060")
      .replaceAll("://", ":\u2060//")
  );
}

/** A link that may stand in a message: http or https, without user or password, not endless; else null. */
export function messageLink(text: string | null): string | null {
  const url = text === null ? null : URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  if (url.username !== "" || url.password !== "" || url.href.length > LINK_CHARACTERS) return null;
  return url.href;
}

/** What a receiver's URL must be, for the errors of the configuration. */
export const LEGAL_URL = "expected an https:// address (http:// only to this machine) without a user name";

export interface Delivery {
  /** Who gets it, as the start of a sentence; names the variable and not its value. */
  readonly what: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object, or JSON text that was signed. */
  readonly body: unknown;
  /** What a person must do when the receiver does not know or trust us. */
  readonly remedy: string;
}

const TIMEOUT_MILLISECONDS = 5_000;
const MAX_BYTES = 1024 * 1024;
/** Unknown or forbidden: the same request will never work, so a person must act. */
const WRONG_ADDRESS = [401, 403, 404, 410];

/** Sends a bell and gives back the text of the answer. @throws AfkError when the receiver did not take it. */
export async function deliver(http: Http, delivery: Delivery): Promise<string> {
  const { remedy, ...request } = delivery;
  const answer = await http.requestText({
    ...request,
    method: "POST",
    accept: WRONG_ADDRESS,
    maxBytes: MAX_BYTES,
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  });
  if (!WRONG_ADDRESS.includes(answer.status)) return answer.data;
  throw new AfkError("config", `${delivery.what} does not take our messages (${answer.status}): ${remedy}.`);
}

/** A secret URL that must be set and that `read` takes: a wrong one is a mistake of the configuration, before any request. */
export function receiverUrl(legal: string, read: (text: string) => unknown): Parser<Secret> {
  return markSecret(
    secretUrl().check(z.refine((url) => failureOf(() => read(url.reveal())) === null, { error: legal })),
  );
}

/**
 * What `--check` can say about a doorbell: no receiver has a request that proves anything and rings nobody.
 * @param on the adapter's name
 */
export function checkUrl(on: string, what: string, read: () => unknown): readonly Finding[] {
  const failure = failureOf(read);
  if (failure !== null) return [{ on, result: failure.kind, message: failure.message }];
  return [{ on, result: "ok", message: `${what} is a URL that can be used; it is not rung by --check.` }];
}

function failureOf(read: () => unknown): AfkError | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof AfkError) return error;
    throw error;
  }
}
