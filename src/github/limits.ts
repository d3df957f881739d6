// Recognises the ways in which GitHub says "not now": used up hours, secondary limits, and queries that are too heavy.
import { AfkError } from "../errors.ts";

/** An answer of GitHub, whatever its status. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The request was more than GitHub works on at once; a smaller one may succeed. */
export class TooMuchError extends AfkError {
  constructor(message: string) {
    super("transport", message);
  }
}

/** How many requests to GitHub are under way at once: a third of what it allows to one account. */
export const REQUESTS_AT_ONCE = 32;
/** The longest wait, in seconds, that a tick spends on a limit. */
export const LONGEST_WAIT_SECONDS = 5;
/** Below this many requests or points the operator is warned. */
const FLOOR = 100;

/** Whether a refusal is about how much was asked and not about who asks (GitHub says both with 403). */
export function isLimited({ status, headers, text }: RawAnswer): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return retryAfter(headers) !== null || remaining(headers) === 0 || /rate limit/i.test(text);
}

/** Whole seconds that GitHub asks to wait; null when it does not say. */
export function retryAfter(headers: Headers): number | null {
  const match = /^\d{1,6}$/.exec(headers.get("retry-after")?.trim() ?? "");
  return match === null ? null : Number(match[0]);
}

export function limitError({ headers }: RawAnswer): AfkError {
  const reset = Number(headers.get("x-ratelimit-reset") ?? Number.NaN);
  const seconds = retryAfter(headers);
  if (seconds === null && remaining(headers) === 0 && reset > 0 && reset < 1e11)
    return new AfkError(
      "transport",
      `GitHub's limit for this token is used up until ${new Date(reset * 1000).toISOString()}: a later tick goes on.`,
    );
  const wait = seconds === null ? "at least a minute" : `${seconds} s`;
  return new AfkError(
    "transport",
    `GitHub limits our requests for now and asks to wait ${wait}: a later tick goes on.`,
  );
}

/** A sentence for the operator when the token's limit is nearly used up; null when it is not. */
export function nearLimit(headers: Headers): string | null {
  const left = remaining(headers);
  if (left === null || left >= FLOOR) return null;
  const resource = headers.get("x-ratelimit-resource") === "graphql" ? "points" : "requests";
  return `GitHub leaves this token only ${left} ${resource} of its hour: fewer repos, rarer ticks or a token of its own help.`;
}

function remaining(headers: Headers): number | null {
  const match = /^\d{1,9}$/.exec(headers.get("x-ratelimit-remaining")?.trim() ?? "");
  return match === null ? null : Number(match[0]);
}
