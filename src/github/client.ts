// Asks GitHub: GraphQL for reads, REST for writes, with its limits respected and its redirects never followed.
import type { AdapterDeps } from "../adapter.ts";
import { oneLine } from "../core/text.ts";
import { AfkError } from "../errors.ts";
import { refusal } from "../http-failures.ts";
import { createHttp, type HttpRequest, parseJson, TooLongError } from "../http.ts";
import type { Secret } from "../secret.ts";
import {
  type GraphqlAnswer,
  GraphqlEnvelope,
  type GraphqlProblem,
  missingField,
  saysLimited,
  saysTooMuch,
} from "./graphql.ts";
import {
  isLimited,
  limitError,
  LONGEST_WAIT_SECONDS,
  nearLimit,
  type RawAnswer,
  REQUESTS_AT_ONCE,
  retryAfter,
  TooMuchError,
} from "./limits.ts";
import type { GithubServer } from "./server.ts";

/** Parts of a query that older servers do not have. */
export type Feature = "dependencies" | "subIssues";

export interface RestRequest {
  readonly method: HttpRequest["method"];
  /** Below the REST address, each part encoded. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses outside 200 to 299 that are an answer to the caller. */
  readonly accept?: readonly number[];
}

export interface GithubClient {
  readonly server: GithubServer;
  /** What an answer of this tick said about a token whose hour is nearly used up; null when none did. */
  readonly nearLimit: () => string | null;
  /**
   * Asks a query whose text may leave out what this server lacks, which is found out once. `read` takes what is wanted from
   * the answer: the rest, which is far more, is let go of at once (see `Http.request`).
   * @throws AfkError when there is no answer at all; TooMuchError when a smaller question may have one.
   */
  query<T>(text: QueryText, variables: Variables, read: (answer: GraphqlAnswer) => T): Promise<T>;
  /** @throws AfkError for any status that is neither a success nor accepted. */
  rest(request: RestRequest): Promise<RawAnswer>;
}

export type Variables = Readonly<Record<string, unknown>>;
export type QueryText = (has: (feature: Feature) => boolean) => string;

const WHAT = "GitHub";
const FIELDS: Readonly<Record<string, Feature>> = {
  blockedBy: "dependencies",
  issueDependenciesSummary: "dependencies",
  subIssues: "subIssues",
};
/** Every status is judged here: GitHub uses some in its own way. */
const EVERY_STATUS = Array.from({ length: 300 }, (_, index) => 300 + index);
/** A page of 50 comments of the greatest length, each character escaped. */
const MAX_BYTES = 32 * 1024 * 1024;
/** GitHub itself gives up after 10 seconds. */
const QUERY_MILLISECONDS = 20_000;

export function createGithubClient(server: GithubServer, token: Secret, deps: AdapterDeps): GithubClient {
  const http = createHttp(deps, REQUESTS_AT_ONCE);
  const startedAt = deps.clock.now();
  const lacking = new Set<Feature>();
  const has = (feature: Feature): boolean => !lacking.has(feature);
  const refusedUntilLater = new Map<Resource, AfkError>();
  let near: string | null = null;

  function once<T>(request: Omit<HttpRequest, "what" | "accept">, read: (raw: RawAnswer) => T): Promise<T> {
    const whole = {
      ...request,
      what: WHAT,
      accept: EVERY_STATUS,
      maxBytes: MAX_BYTES,
      headers: {
        accept: "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        // Read at each request: tokens rotate.
        authorization: `Bearer ${token.reveal()}`,
      },
    };
    return http.request(whole, ({ status, headers, data }) => {
      const now = nearLimit(headers);
      if (now !== null && near === null) deps.log.warn(now, { adapter: "github" });
      near = now ?? near;
      return read({ status, headers, text: data });
    });
  }

  /**
   * A limited request was not carried out, so it may be made again: once, after a short wait that GitHub asked for. One
   * that overwrites was decided on what was read just before it: after a wait that may be old, and the next tick decides.
   */
  async function unlimited<T>(
    resource: Resource,
    attempt: () => Promise<Limitable<T>>,
    overwrites = false,
  ): Promise<T> {
    const before = refusedUntilLater.get(resource);
    if (before !== undefined) throw before;
    const first = await attempt();
    if (!first.limited) return first.value;
    const seconds = overwrites ? null : retryAfter(first.raw.headers);
    const endsAt = startedAt + deps.policyOf("").tickMaxSeconds * 1000;
    if (seconds === null || seconds > LONGEST_WAIT_SECONDS || deps.clock.now() + seconds * 1000 >= endsAt)
      throw remembered(resource, first.raw);
    await deps.clock.sleep(seconds * 1000);
    const second = await attempt();
    if (!second.limited) return second.value;
    throw remembered(resource, second.raw);
  }
  /** GitHub minds requests that go on although it said no, so this tick makes no more of their kind. */
  function remembered(resource: Resource, raw: RawAnswer): AfkError {
    const error = limitError(raw);
    refusedUntilLater.set(resource, error);
    return error;
  }

  async function rest({ accept = [], path, ...request }: RestRequest): Promise<RawAnswer> {
    // An address forgets such a name, encoded or not, and would then mean something else.
    if (/\/\.{1,2}(?=[/?]|$)/.test(path))
      throw new AfkError("contract", `${WHAT} was not asked: a name that is only dots has no address there.`);
    const limitable = (raw: RawAnswer): Limitable<RawAnswer> =>
      isLimited(raw) ? { limited: true, raw } : { limited: false, value: raw };
    const attempt = (): Promise<Limitable<RawAnswer>> =>
      once({ ...request, url: `${server.rest}${path}` }, limitable);
    const raw = await unlimited("rest", attempt, request.method === "PATCH");
    if ((raw.status >= 200 && raw.status < 300) || accept.includes(raw.status)) return raw;
    throw refused(raw);
  }

  async function ask<T>(
    question: string,
    variables: Variables,
    read: (answer: GraphqlAnswer) => T,
  ): Promise<Limitable<Asked<T>>> {
    try {
      return await once(
        {
          method: "POST",
          url: server.graphql,
          body: { query: question, variables },
          timeoutMilliseconds: QUERY_MILLISECONDS,
        },
        (raw) => judged(raw, read),
      );
    } catch (error) {
      if (error instanceof TooLongError) throw new TooMuchError(error.message);
      throw error;
    }
  }

  async function query<T>(
    text: QueryText,
    variables: Variables,
    read: (answer: GraphqlAnswer) => T,
  ): Promise<T> {
    const asked = await unlimited("graphql", () => ask(text(has), variables, read));
    if (asked.isAnswered) return asked.value;
    const missing = asked.problems.map(missingField).filter((field) => field !== null);
    const features = missing.map((field) => FIELDS[field]).filter((feature) => feature !== undefined);
    const news = features.filter(has);
    if (news.length === 0) throw queryRefused(asked.problems[0]?.message);
    for (const feature of news) lacking.add(feature);
    deps.log.debug(`This GitHub does not know ${[...new Set(missing)].join(", ")}.`, { adapter: "github" });
    return query(text, variables, read);
  }

  return { server, query, rest, nearLimit: () => near };
}

/** What GitHub counts apart. */
type Resource = "rest" | "graphql";
/** What a query came to: what was read from its answer, or only complaints about the query. */
type Asked<T> =
  | { readonly isAnswered: true; readonly value: T }
  | { readonly isAnswered: false; readonly problems: readonly GraphqlProblem[] };
type Limitable<T> =
  | { readonly limited: false; readonly value: T }
  | { readonly limited: true; readonly raw: RawAnswer };

/** @throws AfkError for an answer that is none; TooMuchError when GitHub gave up on the query. */
function judged<T>(raw: RawAnswer, read: (answer: GraphqlAnswer) => T): Limitable<Asked<T>> {
  if (isLimited(raw)) return { limited: true, raw };
  if (raw.status === 502 || raw.status === 504)
    throw new TooMuchError(`${WHAT} could not answer in time (${raw.status}): a later tick tries again.`);
  if (raw.status !== 200) throw refused(raw);
  const { data, errors } = parseJson(WHAT, raw.text, GraphqlEnvelope);
  const problems = errors ?? [];
  if (problems.some(saysLimited)) return { limited: true, raw };
  if (problems.some(saysTooMuch))
    throw new TooMuchError(`${WHAT} found a question too heavy: a later tick tries again.`);
  if (data === null || data === undefined) return { limited: false, value: { isAnswered: false, problems } };
  return { limited: false, value: { isAnswered: true, value: read({ data, problems }) } };
}

function queryRefused(message: string | undefined): AfkError {
  return new AfkError("contract", `${WHAT} refused a query: ${oneLine(message ?? "without a reason")}`);
}

function refused({ status, headers }: RawAnswer): AfkError {
  if (status === 401)
    return new AfkError("config", `${WHAT} refused the token (401): put a valid one into AFK_GITHUB_TOKEN.`);
  if (status === 403)
    return new AfkError(
      "config",
      `${WHAT} does not let this token do that (403): give it read and write access to issues, and read access to contents, checks and commit statuses.`,
    );
  if (status >= 300 && status < 400)
    return new AfkError(
      "config",
      `${WHAT} has moved what was asked for (${status}), which afk does not follow: put the repo's present name into AFK_ALLOWLIST.`,
    );
  return refusal(WHAT, new Response(null, { status, headers }));
}
