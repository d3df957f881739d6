// Compares the T3 double with the recordings: asks it what was asked then, and leaves out what differs between servers.
import { expect } from "vitest";
import { type RecordedBody, recording } from "./recordings.ts";
import type { SessionRow, ThreadRow, TurnRow } from "./rows.ts";
import { createT3, TOKEN, type T3Double, type T3Options } from "./server.ts";

/** A server with the recorded machine's directories. */
export function openRecorded(options: Partial<T3Options> = {}): T3Double {
  let now = Date.parse("2026-11-20T23:25:36.000Z");
  return createT3({
    now: () => (now += 1),
    isDirectory: (path) =>
      !path.includes("does-not-exist") && !path.endsWith(".md") && !path.endsWith("/made"),
    ...options,
  });
}

let commands = 0;

/** Gives a command of the test's own, which must be accepted; gives its id. */
export function command(t3: T3Double, body: object): string {
  commands += 1;
  const commandId = `helper-${commands}`;
  const whole = {
    commandId,
    createdAt: "now",
    runtimeMode: "full-access",
    interactionMode: "default",
    ...body,
  };
  const answer = t3.handle({
    method: "POST",
    path: "/api/orchestration/dispatch",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(whole),
  });
  expect(answer.status).toBe(200);
  return whole.commandId;
}

export function newThread(threadId: string, projectId: string): object {
  const modelSelection = { instanceId: "claudeAgent", model: "claude-sonnet-4-6" };
  return {
    type: "thread.create",
    threadId,
    projectId,
    title: threadId,
    modelSelection,
    branch: null,
    worktreePath: null,
  };
}

export function ask(t3: T3Double, name: string, token = TOKEN) {
  const { method = "", path = "", headers = {}, body, rawBody } = recording(name).request;
  const authorization = headers["authorization"] === undefined ? {} : { authorization: `Bearer ${token}` };
  const text = rawBody ?? (body === undefined ? "" : JSON.stringify(body));
  return t3.handle({ method, path, headers: { ...headers, ...authorization }, body: text });
}

interface Seen {
  readonly status: number | undefined;
  readonly type: string;
  readonly body: unknown;
}

export function replayed(t3: T3Double, name: string, token?: string): Seen {
  const { status, contentType, body } = ask(t3, name, token);
  const isJson = contentType === "application/json";
  return { status, type: contentType ?? "", body: shape(isJson ? JSON.parse(body) : body) };
}

export function recorded(name: string): Seen {
  const { status, headers = {}, body } = recording(name).response;
  return { status, type: headers["content-type"] ?? "", body: shape(body) };
}

/** What must be equal: all but ids, times and numbers that each server makes for itself, and the words of errors. */
function shape(body: RecordedBody | string | undefined): unknown {
  if (body === undefined || typeof body === "string") return body;
  const changing = ["traceId", "sequence", "snapshotSequence", "updatedAt", "expiresAt"];
  const { thread, threads, projects, ...rest } = body;
  return {
    ...Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, changing.includes(key) ? 0 : value]),
    ),
    thread: thread && shapeOf(thread),
    threads: threads?.map(shapeOf),
    projects: projects?.map((one) => Object.keys(one).toSorted()),
  };
}

export function shapeOf(thread: ThreadRow): object {
  const { session, latestTurn, messages, activities } = thread;
  return {
    id: thread.id,
    keys: Object.keys(thread).toSorted(),
    isOver: [thread.archivedAt !== null, typeof thread.deletedAt === "string"],
    session: session && sessionShape(session),
    latestTurn: latestTurn && turnShape(latestTurn),
    messages: messages?.map(({ id, role, text }) => (role === "user" ? [id, text] : role)),
    requests: activities?.map(({ kind }) => kind).filter((kind) => /requested|resolved|failed/.test(kind)),
  };
}

function sessionShape({ status, activeTurnId, lastError }: SessionRow): unknown {
  return [status, activeTurnId !== null, lastError !== null];
}

function turnShape({ state, completedAt, assistantMessageId, ...rest }: TurnRow): unknown {
  return [state, completedAt !== null, assistantMessageId !== null, Object.keys(rest).toSorted()];
}
