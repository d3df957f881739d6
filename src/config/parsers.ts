// The parsers that variables are declared with; every message says what is legal, never what was found.
import * as z from "zod/mini";
import { Secret } from "../secret.ts";
import { legalBoolean, legalRepos, readBoolean, readList, readRepos } from "./words.ts";

/** A parser of one variable: the raw text, or undefined when nobody set it. */
export type Parser<T> = z.ZodMiniType<T, string | undefined>;

const REQUIRED = Symbol("required");
type Fallback<T> = T | typeof REQUIRED;

const Raw = z.optional(z.string());

/**
 * `read` gives null for a text that is not legal; `fallback` is what an unset variable means. Where that is null, an
 * empty text counts as unset: a cluster's ConfigMap and Secret list every name, also those that have no value.
 */
function parser<T>(
  legal: string,
  fallback: Fallback<T>,
  read: (raw: string) => NonNullable<T> | null,
): Parser<T> {
  return z.pipe(
    Raw,
    z.transform((raw, context): T => {
      if (raw === undefined && fallback !== REQUIRED) return fallback;
      if (raw?.trim() === "" && fallback === null) return fallback;
      const value = raw === undefined ? null : read(raw);
      if (value !== null) return value;
      // The input is left out of the issue: it may be a secret.
      context.issues.push({ code: "custom", message: legal, input: undefined });
      return z.NEVER;
    }),
  );
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const legalText = "expected text on one line, not empty";

function readText(raw: string): string | null {
  const trimmed = raw.trim();
  return trimmed === "" || CONTROL.test(trimmed) ? null : trimmed;
}

/** One line of text, trimmed, not empty; unset means the fallback. */
export function text(fallback: string, legal = legalText): Parser<string> {
  return parser(legal, fallback, readText);
}

/** One line of text, trimmed; unset or empty means null. */
export function optionalText(legal = legalText): Parser<string | null> {
  return parser<string | null>(legal, null, readText);
}

/** One line of text, trimmed, not empty, that must be set. */
export function requiredText(legal = legalText): Parser<string> {
  return parser<string>(legal, REQUIRED, readText);
}

/** True or false in one of the strict spellings; unset means the fallback. */
export function boolean(fallback: boolean): Parser<boolean> {
  return parser(legalBoolean, fallback, readBoolean);
}

/** A whole number in a range, both ends legal; unset means the fallback. */
export function wholeNumber(range: {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}): Parser<number> {
  const legal = `expected a whole number from ${range.min} to ${range.max}`;
  return parser(legal, range.fallback, (raw) => {
    const trimmed = raw.trim();
    if (!/^[0-9]{1,15}$/.test(trimmed)) return null;
    const value = Number(trimmed);
    return value >= range.min && value <= range.max ? value : null;
  });
}

/** One word out of a fixed set, in lower case; unset means the fallback. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  fallback: NoInfer<Word>,
): Parser<Word> {
  return parser<Word>(legalWords(words), fallback, (raw) => {
    const wanted = raw.trim().toLowerCase();
    return words.find((word) => word === wanted) ?? null;
  });
}

/** Says which words are legal, for example `expected 'local' | 'github'`. */
export function legalWords(words: readonly string[]): string {
  return `expected ${words.map((word) => `'${word}'`).join(" | ")}`;
}

/** A list separated by commas or white space, each word read by `read` (null: not legal), repeats left out. */
export function list(
  legal: string,
  read: (word: string) => string | null,
  fallback: readonly string[] = [],
): Parser<readonly string[]> {
  return parser<readonly string[]>(legal, fallback, (raw) => {
    const words = readList(raw).map(read);
    const legalOnes = words.filter((word) => word !== null);
    return legalOnes.length === words.length ? [...new Set(legalOnes)] : null;
  });
}

/** A list of repo names, each in its one spelling. */
export function repos(): Parser<readonly string[]> {
  return parser<readonly string[]>(legalRepos, [], readRepos);
}

const legalLogins = "expected logins separated by commas, without '@'; a bot as name[bot]";

/** Logins in lower case; a bot as `name[bot]`. */
export function logins(): Parser<readonly string[]> {
  return list(legalLogins, (word) => {
    const login = word.toLowerCase();
    return /^[a-z0-9_][a-z0-9._@+-]*(?:\[bot\])?$/.test(login) ? login : null;
  });
}

/** A label in lower case, as trackers compare labels; a comma would split it where labels are listed. */
export function label(fallback: string): Parser<string> {
  return parser("expected a label of 1 to 50 characters without a comma", fallback, (raw) => {
    const name = readText(raw)?.toLowerCase() ?? "";
    return name === "" || name.length > 50 || name.includes(",") ? null : name;
  });
}

/** A list of adapter kinds, none twice; a fallback that names one means that the list may not be empty. */
export function kindList(kinds: readonly string[], fallback: readonly string[]): Parser<readonly string[]> {
  const needed = fallback.length > 0 ? "at least one" : "none or more";
  const legal = `${legalWords(kinds)}, ${needed}, none twice, separated by commas`;
  return parser<readonly string[]>(legal, fallback, (raw) => {
    const words = readList(raw.toLowerCase());
    if (words.length === 0 && fallback.length > 0) return null;
    const legalOnes = words.every((word) => kinds.includes(word));
    return legalOnes && new Set(words).size === words.length ? words : null;
  });
}

const legalUrl =
  "expected an address that begins with http:// or https://, without a user name, a query or a fragment";
const legalSecretUrl = "expected an address that begins with http:// or https://";

function readHttpUrl(raw: string): string | null {
  const url = readUrl(raw);
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return null;
  return url.href.replace(/\/+$/, "");
}

function readUrl(raw: string): URL | null {
  const trimmed = raw.trim();
  if (CONTROL.test(trimmed) || !URL.canParse(trimmed)) return null;
  const url = new URL(trimmed);
  return url.protocol === "http:" || url.protocol === "https:" ? url : null;
}

/** The address of a service, without a slash at the end; unset means the fallback. */
export function httpUrl(fallback: string): Parser<string> {
  return parser(legalUrl, fallback, readHttpUrl);
}

/** The address of a service, without a slash at the end; unset or empty means null. */
export function optionalHttpUrl(): Parser<string | null> {
  return parser<string | null>(legalUrl, null, readHttpUrl);
}

/** The address of a service, without a slash at the end, that must be set. */
export function requiredHttpUrl(): Parser<string> {
  return parser<string>(legalUrl, REQUIRED, readHttpUrl);
}

const legalSecret = "expected a secret on one line, not empty";

function readSecret(raw: string): Secret | null {
  const value = readText(raw);
  return value === null ? null : new Secret(() => value);
}

function readSecretUrl(raw: string): Secret | null {
  const url = readUrl(raw);
  return url === null ? null : new Secret(() => url.href);
}

/** A secret on one line that must be set, as `X` or `X_FILE`. */
export function secret(): Parser<Secret> {
  return markSecret(parser<Secret>(legalSecret, REQUIRED, readSecret));
}

/** A secret on one line, as `X` or `X_FILE`; unset or empty means null. */
export function optionalSecret(): Parser<Secret | null> {
  return markSecret(parser<Secret | null>(legalSecret, null, readSecret));
}

/** An http(s) address that is itself a secret (a webhook) and must be set, as `X` or `X_FILE`. */
export function secretUrl(): Parser<Secret> {
  return markSecret(parser<Secret>(legalSecretUrl, REQUIRED, readSecretUrl));
}

/** One secret per line, the first the most important, as `X` or `X_FILE`; unset means none. */
export function secretLines(): Parser<readonly Secret[]> {
  const legal = "expected at least one line that is not empty";
  return markSecret(
    parser<readonly Secret[]>(legal, [], (raw) => {
      const lines = raw.split(/\r?\n/).map((line) => line.trim());
      const secrets = lines.filter((line) => line !== "").map((line) => new Secret(() => line));
      return secrets.length === 0 ? null : secrets;
    }),
  );
}

/** Declares that what this parser reads is a secret: never shown, and legal as `X_FILE`. Must be the last step. */
export function markSecret<T>(parse: Parser<T>): Parser<T> {
  return parse.check(z.meta({ secret: true }));
}

/** Whether a parser was marked as reading a secret. */
export function readsSecret(parse: z.ZodMiniType): boolean {
  return z.globalRegistry.get(parse)?.["secret"] === true;
}
