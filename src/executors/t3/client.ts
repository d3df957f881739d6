// Talks to a T3 server: which path holds what, what its refusals mean, and what other versions answer instead.
import * as z from "zod/mini";
import type { AdapterDeps } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { createHttp, parseJson } from "../../http.ts";
import type { Secret } from "../../secret.ts";
import type { Command } from "./commands.ts";
import {
  Accepted,
  AuthSession,
  Environment,
  readRow,
  Refusal,
  Snapshot,
  ThreadAnswer,
  type T3AuthSession,
  type T3Environment,
  type T3Row,
  type T3Snapshot,
} from "./schemas.ts";

export const WHAT = "T3 (AFK_T3_URL)";
/** How a person gets a token. */
export const MINT = "mint one with `t3 auth session issue --token-only` on T3's machine";

export interface T3Client {
  /** Who the server is; asked once. */
  readEnvironment(): Promise<T3Environment>;
  readAuthSession(): Promise<T3AuthSession>;
  /** What is live, with the flags of pending requests; on servers without the shell, everything and no flags. */
  readShell(): Promise<T3Snapshot>;
  /** Everything, archived and deleted included. */
  readSnapshot(): Promise<T3Snapshot>;
  /** One thread with its messages; null when it is unknown, archived or deleted: the server tells these not apart. */
  readThread(threadId: string): Promise<T3Row | null>;
  /** Sends one command once. @throws AfkError when there is no answer to it. */
  dispatch(command: Command): Promise<DispatchAnswer>;
}

/**
 * `refused` says nothing of the cause: "exists already" and "the disk is full" look the same, and the id is burnt.
 * `invalid` leaves no trace; its `reason` is the server's word, if it gave one.
 */
export type DispatchAnswer =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" }
  | { readonly kind: "invalid"; readonly reason: string | null };

export interface T3Server {
  readonly url: string;
  readonly token: Secret;
  readonly allowHttp: boolean;
}

interface Answer {
  readonly status: number;
  readonly isJson: boolean;
  readonly text: string;
}

const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MILLISECONDS = 15_000;
/** Statuses that mean something else here than for other servers. */
const JUDGED = [400, 401, 403, 404, 405, 500, 503];
/** What a server without the web app says on any path that it does not know. */
const NO_SUCH_PATH = "No static directory";

export function createClient(server: T3Server, deps: AdapterDeps): T3Client {
  const http = createHttp({ fetch: deps.fetch, signal: deps.signal, allowPlainHttp: server.allowHttp });
  let environment: Promise<T3Environment> | null = null;

  async function ask(path: string, body?: Command): Promise<Answer> {
    const answer = await http.requestText({
      what: WHAT,
      method: body === undefined ? "GET" : "POST",
      url: `${server.url}${path}`,
      headers: { accept: "application/json", authorization: `Bearer ${server.token.reveal()}` },
      ...(body === undefined ? {} : { body }),
      accept: JUDGED,
      maxBytes: MAX_BYTES,
      timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    });
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    const judged = { status: answer.status, isJson, text: answer.data };
    if (answer.status === 401 || answer.status === 403) throw refusedToken(judged);
    return judged;
  }

  async function read<T>(path: string, schema: z.ZodMiniType<T>): Promise<T | "missing"> {
    const answer = await ask(path);
    if (isMissing(answer)) return "missing";
    return accepted(answer, schema);
  }

  async function readSnapshot(): Promise<T3Snapshot> {
    const snapshot = await read("/api/orchestration/snapshot", Snapshot);
    return snapshot === "missing" ? lacking("the snapshot of all threads") : snapshot;
  }

  async function lacking(what: string): Promise<never> {
    const { serverVersion } = await readEnvironment();
    throw new AfkError(
      "config",
      `${WHAT} runs version ${serverVersion}, which lacks ${what} over HTTP: afk needs T3 Code 0.0.29 or a later one that still has it.`,
    );
  }

  async function readEnvironment(): Promise<T3Environment> {
    environment ??= read("/.well-known/t3/environment", Environment).then((found) => {
      if (found !== "missing") return found;
      throw new AfkError("config", `${WHAT} is not the address of a T3 Code server: correct it.`);
    });
    try {
      return await environment;
    } catch (error) {
      environment = null;
      throw error;
    }
  }

  return {
    readEnvironment,
    readSnapshot,
    async readAuthSession() {
      const session = await read("/api/auth/session", AuthSession);
      return session === "missing" ? lacking("the description of a token") : session;
    },
    async readShell() {
      const shell = await read("/api/orchestration/shell", Snapshot);
      return shell === "missing" ? readSnapshot() : shell;
    },
    async readThread(threadId) {
      const answer = await ask(`/api/orchestration/threads/${encodeURIComponent(threadId)}`);
      if (isMissing(answer)) return liveRow(await readSnapshot(), threadId);
      if (answer.status === 404) return null;
      return readRow(accepted(answer, ThreadAnswer).thread);
    },
    async dispatch(command) {
      const answer = await ask("/api/orchestration/dispatch", command);
      if (isMissing(answer)) return lacking("commands");
      const refusal = refusalOf(answer);
      // Versions before 0.0.25 answer 400 where later ones answer 500, and add words.
      if (answer.status === 500 || refusal.error !== null) return { kind: "refused" };
      if (answer.status === 400) return { kind: "invalid", reason: refusal.reason };
      accepted(answer, Accepted);
      return { kind: "accepted" };
    },
  };
}

/** Before 0.0.29 only the snapshot has threads, with their messages. */
function liveRow(snapshot: T3Snapshot, threadId: string): T3Row | null {
  const found = snapshot.threads.find(({ id }) => id === threadId);
  if (found === undefined) return null;
  const row = readRow(found);
  const isOver = row.isReadable && (row.thread.archivedAt ?? row.thread.deletedAt) !== null;
  return isOver ? null : row;
}

/** Unknown paths get plain text, or the page of the web app with status 200. */
function isMissing(answer: Answer): boolean {
  if (answer.isJson) return false;
  if (answer.status === 503) return answer.text.startsWith(NO_SUCH_PATH);
  return [200, 404, 405].includes(answer.status);
}

function accepted<T>(answer: Answer, schema: z.ZodMiniType<T>): T {
  if (answer.status === 200) return parseJson(WHAT, answer.text, schema);
  if (answer.status >= 500)
    throw new AfkError("transport", `${WHAT} could not answer (${answer.status}): a later tick tries again.`);
  throw new AfkError(
    "contract",
    `${WHAT} refused a read (${answer.status}): its version may be one afk does not know.`,
  );
}

function refusalOf(answer: Answer): z.output<typeof Refusal> {
  const none = { reason: null, requiredScope: null, error: null };
  if (!answer.isJson || answer.status === 200) return none;
  return parseJson(WHAT, answer.text, z.catch(Refusal, none));
}

function refusedToken(answer: Answer): AfkError {
  const scope = refusalOf(answer).requiredScope;
  if (answer.status === 401) return new AfkError("config", `AFK_T3_TOKEN is not valid any more: ${MINT}.`);
  return new AfkError(
    "config",
    scope === null
      ? `AFK_T3_TOKEN may not do this (403): ${MINT}.`
      : `AFK_T3_TOKEN lacks the scope ${scope}: ${MINT}.`,
  );
}
