// Says what a failed HTTP request means and what to do about it, without showing a URL, a header or an answer.
import { isNetworkError, isTimeoutError } from "ky";
import { AfkError } from "./errors.ts";

/** What a status that nobody asked for means, and what to do about it. */
export function refusal(what: string, response: Response): AfkError {
  const { status } = response;
  const retryAfter = /^\d{1,6}$/.exec(response.headers.get("retry-after")?.trim() ?? "")?.[0];
  const again = retryAfter === undefined ? "a later tick tries again" : `it asks to wait ${retryAfter} s`;
  const limited =
    status === 429 ||
    // GitHub says so with 403.
    (status === 403 && (retryAfter !== undefined || response.headers.get("x-ratelimit-remaining") === "0"));
  if (limited) return new AfkError("transport", `${what} limits our requests (${status}): ${again}.`);
  if (status === 408 || status >= 500)
    return new AfkError("transport", `${what} could not answer (${status}): ${again}.`);
  if (status === 401 || status === 403)
    return new AfkError(
      "config",
      `${what} refused our credentials (${status}): check the token and what it may do.`,
    );
  if (status < 400)
    return new AfkError(
      "config",
      `${what} sent us elsewhere (${status}), which afk never follows: give the final URL.`,
    );
  return new AfkError("contract", `${what} refused the request (${status}): afk did not expect that.`);
}

/**
 * The one place that knows the errors of ky and fetch. None is kept as a cause: they hold the URL and the headers.
 * What it does not know stays a bug, without the addresses that its message may quote.
 */
export function toAfkError(error: unknown, what: string, timeout: number, signal: AbortSignal): Error {
  if (error instanceof AfkError) return error;
  if (signal.aborted) return new AfkError("transport", `${what} was not waited for: the tick had to end.`);
  if (isTimeoutError(error))
    return new AfkError(
      "transport",
      `${what} did not answer within ${timeout / 1000} s: a later tick tries again.`,
    );
  if (isNetworkError(error) || isBrokenOff(error)) {
    const code = systemCode(error);
    return new AfkError(
      "transport",
      `${what} could not be reached${code === null ? "" : ` (${code})`}: a later tick tries again.`,
    );
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Error(`A request could not be made. ${what}: ${message.replace(/\w+:\/\/\S+/g, "[address]")}`);
}

/** The connection broke while the body was read: ky passes on what native fetch throws then. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof TypeError && error.message === "terminated";
}

/** The system's word for what happened, such as `ECONNREFUSED`. */
function systemCode(error: unknown): string | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ("code" in cause && typeof cause.code === "string" && /^[A-Z][A-Z0-9_]{2,50}$/.test(cause.code))
      return cause.code;
  }
  return null;
}
