// The run cards of a kill world, in every version that was ever written.
import type { Issue } from "../support/github/state.ts";
import type { KillWorld } from "./world.ts";

const LINE = /^<!-- afk:run:v1 (\{.*\}) hmac-sha256:[0-9a-f]{64} -->$/m;

export interface CardState {
  readonly thread: string;
  readonly armed: string;
  readonly attempts: number;
  readonly resumes: number;
  readonly commit: string | null;
  readonly firstRedAt: string | null;
  readonly dispatchedAt: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly stop: string | null;
  readonly rang: readonly string[];
}

/** The state in a comment; null when the comment is no card. */
function cardIn(text: unknown): CardState | null {
  const json = typeof text === "string" ? LINE.exec(text)?.[1] : undefined;
  return json === undefined ? null : (JSON.parse(json) as CardState);
}

/** The cards that stand on an issue now. */
export function cardsOn(issue: Issue): readonly CardState[] {
  return issue.comments.map(({ body }) => cardIn(body)).filter((card) => card !== null);
}

/** Every state that was written to the issue's cards, in order. */
export function versionsOf({ github }: KillWorld, issue: Issue): readonly CardState[] {
  const ids = new Set(issue.comments.map(({ id }) => String(id)));
  return github.server.made.flatMap(({ method, path, body }) => {
    const isNew = method === "POST" && path.endsWith(`/issues/${issue.number}/comments`);
    const isEdit = method === "PATCH" && ids.has(/\/issues\/comments\/(\d+)$/.exec(path)?.[1] ?? "");
    const card = isNew || isEdit ? cardIn(Object(body).body) : null;
    return card === null ? [] : [card];
  });
}

export interface RungBell {
  readonly kind: string;
  /** `<thread>:<arming>:<kind>`. */
  readonly dedupeKey: string;
}

/** What the webhook heard, repeats included. */
export function bellsOf({ bells }: KillWorld): readonly RungBell[] {
  return bells.received
    .filter(({ path }) => path === "/hook/webhook")
    .map(({ body }) => JSON.parse(body) as RungBell);
}
