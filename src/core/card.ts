// The run card's machine line: what afk remembers of a run, signed, in one comment of the issue (DESIGN section 4).
import type { Signer } from "./digest.ts";
import { issueName, type IssueRef } from "./issue.ts";

/** How a run ended. A terminal run never comes back without a new arming. */
export type Outcome = "close_success" | "escalate_prepush" | "freeze_escalate" | "handed_over" | "issue_gone";

/** The signed state of a run. Times are ISO 8601 strings, as they stand in the card. */
export interface Card {
  readonly thread: string;
  readonly executor: string;
  readonly executorId: string;
  readonly repo: string;
  readonly issue: number;
  readonly lane: number;
  readonly slot: number;
  /** The arming's id. */
  readonly armed: string;
  /** The hash of the approved title and body. */
  readonly body: string;
  /** The default branch's head at dispatch: commits of this run come after it. */
  readonly base: string;
  readonly dispatchedAt: string;
  readonly pushedAt: string | null;
  readonly commit: string | null;
  readonly firstRedAt: string | null;
  readonly redShas: readonly string[];
  readonly attempts: number;
  readonly turnAt: string | null;
  readonly resumes: number;
  readonly waitingSince: string | null;
  readonly spentUsd: number | null;
  readonly stop: "confirmed" | "unconfirmed" | "unsupported" | null;
  /** The doorbell kinds that rang; `<kind>:failed:<n>` counts the ticks in which a ring failed. */
  readonly rang: readonly string[];
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  /** Keys that a newer version wrote and we do not know; kept as they are. */
  readonly unknown: Readonly<Record<string, unknown>>;
}

type KnownKey = Exclude<keyof Card, "unknown">;

/** The order of the keys in the line is part of the contract. */
const KEYS = [
  "thread",
  "executor",
  "executorId",
  "repo",
  "issue",
  "lane",
  "slot",
  "armed",
  "body",
  "base",
  "dispatchedAt",
  "pushedAt",
  "commit",
  "firstRedAt",
  "redShas",
  "attempts",
  "turnAt",
  "resumes",
  "waitingSince",
  "spentUsd",
  "stop",
  "rang",
  "outcome",
  "reason",
] as const satisfies readonly KnownKey[];

/** Every comment whose first line starts with this is a card, or pretends to be one. */
export const CARD_MARKER = "<!-- afk:run:";
// With `s`: JSON leaves the line separators of Unicode as they are.
const LINE = /^<!-- afk:run:v1 (\{.*\}) hmac-sha256:([0-9a-f]{64}) -->$/s;

/** Writes the machine line: one line, keys in order, nothing in it that could end an HTML comment. */
export function renderCardLine(card: Card, signer: Signer): string {
  const data: Record<string, unknown> = {};
  for (const key of KEYS) data[key] = card[key];
  const json = escaped(JSON.stringify({ ...data, ...card.unknown }));
  return `<!-- afk:run:v1 ${json} hmac-sha256:${signer.sign(signedText(card, json))} -->`;
}

/** What the first line of a comment turned out to be. */
export type ParsedCard =
  | { readonly kind: "card"; readonly card: Card }
  /** A marker of another version, with another signature, or with fields that are not ours. */
  | { readonly kind: "invalid"; readonly message: string; readonly otherVersion: boolean };

/** Reads the machine line of a comment that stands at `place`; never throws, whatever the comment holds. */
export function parseCard(text: string, place: IssueRef, signer: Signer): ParsedCard {
  const end = text.indexOf("\n");
  const line = (end < 0 ? text : text.slice(0, end)).replace(/\r$/, "");
  const match = LINE.exec(line);
  if (match === null) {
    const otherVersion = !line.startsWith("<!-- afk:run:v1 ");
    const message = otherVersion
      ? "it is of a version that this afk does not know"
      : "its first line is damaged";
    return { kind: "invalid", message, otherVersion };
  }
  const [, json = "", signature = ""] = match;
  if (!signer.verifies(signedText(place, json), signature))
    return { kind: "invalid", message: "its signature does not match AFK_STATE_KEY", otherVersion: false };
  const card = toCard(parsedJson(json));
  if (card === null || card.repo !== place.repo || card.issue !== place.number)
    return {
      kind: "invalid",
      message: "its fields are not those of a run of this issue",
      otherVersion: false,
    };
  return { kind: "card", card };
}

function signedText(place: IssueRef | Card, json: string): string {
  const ref = "number" in place ? place : { repo: place.repo, number: place.issue };
  return `afk:run:v1\n${issueName(ref)}\n${json}`;
}

function escaped(json: string): string {
  return json
    .replaceAll("<", "\\u003c")
    .replaceAll(">", "\\u003e")
    .replace(/(?<=-)-/g, "\\u002d");
}

function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A validly signed line that is no JSON can only come from somebody who holds the key; it reads as invalid.
    return null;
  }
}

function toCard(value: unknown): Card | null {
  const data = new Map<string, unknown>(Object.entries(value ?? {}));
  const known = Object.fromEntries(KEYS.map((key) => [key, data.get(key)]));
  if (!hasOurFields(known)) return null;
  const unknown = Object.fromEntries([...data].filter(([key]) => !Object.hasOwn(known, key)));
  return { ...known, unknown };
}

function hasOurFields(known: object): known is Omit<Card, "unknown"> {
  return KEYS.every((key) => FIELD[key](Reflect.get(known, key)));
}

const text = (value: unknown): boolean => typeof value === "string";
const textOrNull = (value: unknown): boolean => value === null || typeof value === "string";
const time = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));
const timeOrNull = (value: unknown): boolean => value === null || time(value);
const count = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const texts = (value: unknown): boolean => Array.isArray(value) && value.every(text);
const oneOf =
  (...words: readonly (string | null)[]) =>
  (value: unknown): boolean =>
    words.some((word) => word === value);

const FIELD: Readonly<Record<KnownKey, (value: unknown) => boolean>> = {
  thread: text,
  executor: text,
  executorId: text,
  repo: text,
  issue: count,
  lane: count,
  slot: count,
  armed: text,
  body: text,
  base: text,
  dispatchedAt: time,
  pushedAt: timeOrNull,
  commit: textOrNull,
  firstRedAt: timeOrNull,
  redShas: texts,
  attempts: count,
  turnAt: timeOrNull,
  resumes: count,
  waitingSince: timeOrNull,
  spentUsd: (value) => value === null || (typeof value === "number" && value >= 0),
  stop: oneOf("confirmed", "unconfirmed", "unsupported", null),
  rang: texts,
  outcome: oneOf("close_success", "escalate_prepush", "freeze_escalate", "handed_over", "issue_gone", null),
  reason: textOrNull,
};
