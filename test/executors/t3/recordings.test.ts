// What afk makes of every recorded answer of a real T3 Code server: each thread's state, and what each refusal means.
import { describe, expect, test } from "vitest";
import type { Thread } from "../../../src/core/thread.ts";
import { createClient, type DispatchAnswer } from "../../../src/executors/t3/client.ts";
import type { Command } from "../../../src/executors/t3/commands.ts";
import { AfkError } from "../../../src/errors.ts";
import { Secret } from "../../../src/secret.ts";
import { recording, recordingNames, replay } from "../../support/t3/recordings.ts";
import { executorOf, openT3, REPO } from "./support.ts";

/** Read five seconds after the newest change; `empty`: no turn was ever accepted. */
const STATES: Readonly<Record<string, string>> = {
  "auth-09-read-only-snapshot-ok": "",
  "bootstrap-02-thread-after": "thr-boot2 idle",
  "bootstrap-03-thread-after": "thr-wsboot idle",
  "bootstrap-04-thread-after-resend": "thr-wsboot idle",
  "idem-17-thread-after-same-messageId": "thr-dbl idle",
  "shell-00-empty": "",
  "shell-01-before-any-turn": "thr-1 empty idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle",
  "snapshot-00-empty": "",
  "snapshot-01-before-any-turn":
    "thr-1 idle, thr-q3 empty idle, thr-q5 idle, thr-q6 deleted empty idle, thr-q7 empty idle",
  "snapshot-02-query-ignored":
    "thr-1 idle, thr-q3 empty idle, thr-q5 idle, thr-q6 deleted empty idle, thr-q7 empty idle, thr-err idle, thr-int idle, thr-stop idle, thr-dbl idle, thr-ask idle, thr-app idle, thr-bad error setup, thr-wt error setup, thr-boot2 idle, thr-int2 idle, thr-die idle, thr-401 running, thr-killed running, thr-terminated running, thr-killed2 idle, thr-lost idle",
  "snapshot-03-archived-and-deleted-while-running":
    "thr-run-archive archived running, thr-run-delete deleted running",
  "thread-01-before-any-turn": "thr-1 empty idle",
  "thread-02-windowed-turnLimit-1": "thr-dbl idle",
  "thread-03-windowed-older-page": "thr-dbl idle",
  "turn-02-shell-just-dispatched": "thr-1 running, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle",
  "turn-03-shell-running": "thr-1 running, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle",
  "turn-03-snapshot-running":
    "thr-1 running, thr-q3 empty idle, thr-q5 idle, thr-q6 deleted empty idle, thr-q7 empty idle",
  "turn-03-thread-running": "thr-1 running",
  "turn-04-shell-completed": "thr-1 idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle",
  "turn-04-snapshot-completed":
    "thr-1 idle, thr-q3 empty idle, thr-q5 idle, thr-q6 deleted empty idle, thr-q7 empty idle",
  "turn-04-thread-completed": "thr-1 idle",
  "turn-05-shell-provider-error-400":
    "thr-1 idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle, thr-err idle",
  "turn-05-snapshot-provider-error-400":
    "thr-1 idle, thr-q3 empty idle, thr-q5 idle, thr-q6 deleted empty idle, thr-q7 empty idle, thr-err idle",
  "turn-05-thread-provider-error-400": "thr-err error other",
  "turn-06-thread-interrupted": "thr-int idle",
  "turn-07-thread-completed-after-interrupt": "thr-int idle",
  "turn-08-thread-session-stopped": "thr-stop idle",
  "turn-09-thread-second-turn-while-running": "thr-dbl idle",
  "turn-10-shell-pending-user-input":
    "thr-1 idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle, thr-err idle, thr-int idle, thr-stop idle, thr-dbl idle, thr-ask waiting",
  "turn-10-snapshot-pending-user-input":
    "thr-1 idle, thr-q3 empty idle, thr-q5 idle, thr-q6 deleted empty idle, thr-q7 empty idle, thr-err idle, thr-int idle, thr-stop idle, thr-dbl idle, thr-ask running",
  "turn-10-thread-pending-user-input": "thr-ask waiting",
  "turn-11-thread-after-unknown-request": "thr-ask waiting",
  "turn-12-thread-after-user-input": "thr-ask idle",
  "turn-13-shell-pending-approval":
    "thr-1 idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle, thr-err idle, thr-int idle, thr-stop idle, thr-dbl idle, thr-ask idle, thr-app waiting",
  "turn-13-thread-pending-approval": "thr-app waiting",
  "turn-14-thread-after-approval": "thr-app idle",
  "turn-15-thread-unknown-provider": "thr-bad error setup",
  "turn-16-thread-missing-worktree": "thr-wt error setup",
  "turn-17-thread-interrupted-with-turnId": "thr-int2 idle",
  "turn-18-thread-provider-process-killed": "thr-die error killed may pass",
  "turn-19-thread-recovered-after-provider-death": "thr-die idle",
  "turn-20-thread-provider-error-401": "thr-401 running",
  "turn-21-shell-after-SIGKILL-restart":
    "thr-1 idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle, thr-err idle, thr-int idle, thr-stop idle, thr-dbl idle, thr-ask idle, thr-app idle, thr-bad error setup, thr-wt error setup, thr-boot2 idle, thr-int2 idle, thr-die idle, thr-401 running, thr-killed running, thr-terminated running, thr-killed2 running",
  "turn-21-thread-after-SIGKILL-restart": "thr-killed2 running",
  "turn-21-thread-after-interrupt-of-stale-turn": "thr-killed2 idle",
  "turn-21-thread-after-session-stop-of-stale-turn": "thr-killed2 idle",
  "turn-21-thread-new-turn-after-restart": "thr-killed2 idle",
  "turn-22-shell-after-SIGTERM-restart":
    "thr-1 idle, thr-q3 empty idle, thr-q5 empty idle, thr-q7 empty idle, thr-err idle, thr-int idle, thr-stop idle, thr-dbl idle, thr-ask idle, thr-app idle, thr-bad error setup, thr-wt error setup, thr-boot2 idle, thr-int2 idle, thr-die idle, thr-401 running, thr-killed running, thr-terminated running",
  "turn-22-thread-after-SIGTERM-restart": "thr-terminated running",
  "turn-23-thread-accepted-then-server-killed-at-once": "thr-lost running",
  "turn-24-thread-lost-turn-recovered": "thr-lost idle",
  "turn-26-thread-after-session-stop-on-stale-turn": "thr-stale error killed",
};

/** Commands that were not simply accepted. */
const REFUSED: Readonly<Record<string, string>> = {
  "auth-10-insufficient-scope-dispatch": "config",
  "bootstrap-01-http-new-thread": "refused",
  "err-01-project-create-missing-root": "invalid invalid_command",
  "err-02-project-create-root-is-a-file": "invalid invalid_command",
  "err-03-thread-create-unknown-project": "refused",
  "err-04-turn-start-unknown-thread": "refused",
  "err-05-thread-turn-interrupt-unknown-thread": "refused",
  "err-06-thread-session-stop-unknown-thread": "refused",
  "err-07-thread-archive-unknown-thread": "refused",
  "err-08-thread-delete-unknown-thread": "refused",
  "err-09-thread-user-input-respond-unknown-thread": "refused",
  "err-10-thread-approval-respond-unknown-thread": "refused",
  "err-11-unknown-type": "invalid",
  "err-12-missing-fields": "invalid",
  "err-13-bad-enum": "invalid",
  "err-14-blank-commandId": "invalid",
  "err-18-createdAt-missing": "invalid",
  "err-25-project-delete-with-threads": "refused",
  "idem-03-project-create-same-projectId-new-commandId": "refused",
  "idem-04-project-create-same-workspaceRoot-new-projectId": "refused",
  "idem-05-project-create-same-workspaceRoot-trailing-slash": "refused",
  "idem-09-thread-create-same-threadId-new-commandId": "refused",
  "idem-10-rejected-commandId-resent": "refused",
  "idem-11-rejected-commandId-resent-with-corrected-body": "refused",
  "idem-12-archive-twice-new-commandId": "refused",
  "idem-14-thread-create-after-delete-same-threadId": "refused",
  "idem-24-project-create-deleted-projectId": "refused",
};

/** Reads that are no list and no thread. */
const READS: Readonly<Record<string, string>> = {
  "auth-01-missing-token": "config",
  "auth-02-garbage-token": "config",
  "auth-03-bad-signature": "config",
  "auth-04-expired-token": "config",
  "auth-12-revoked-token": "config",
  "auth-05-session-state-valid": "authenticated, 8 scopes",
  "auth-06-session-state-missing": "not authenticated",
  "auth-07-session-state-expired": "not authenticated",
  "env-descriptor": "1d694bb5-a603-419c-9ba1-0ed00f93452d 0.0.31",
  "bootstrap-05-thread-after-failure": "null",
  "err-21-thread-snapshot-unknown": "null",
  "err-23-thread-snapshot-deleted": "null",
  "err-24-thread-archived-after-turn-start": "null",
  "turn-25-thread-after-archive-while-running": "null",
  "turn-25-thread-after-delete-while-running": "null",
  "thread-04-windowed-bad-limit": "contract",
  // The server lacks the path; so it does in the next read, which decides.
  "err-19-wrong-method": "config",
  "err-20-unknown-route": "config",
};

/** Nothing that afk does: other transports, other ways to a token, and bodies that it never sends. */
const UNUSED = [
  "auth-08-token-exchange-read-only",
  "auth-11-token-exchange-reused-credential",
  "bootstrap-03-ws-new-thread",
  "bootstrap-04-ws-resent",
  "bootstrap-05-ws-branch-exists",
  "bootstrap-06-ws-retry-after-failure",
  "err-15-invalid-json",
  "err-16-empty-body",
  "err-17-wrong-content-type",
  "ws-01-ticket",
  "ws-02-dispatch-error-has-a-message",
];

const ACCEPTED = recordingNames.filter((name) => {
  const { request, response } = recording(name);
  return (
    request.path === "/api/orchestration/dispatch" && request.method === "POST" && response.status === 200
  );
});

test("every recording is judged", () => {
  const judged = [
    ...Object.keys(STATES),
    ...Object.keys(REFUSED),
    ...Object.keys(READS),
    ...UNUSED,
    ...ACCEPTED,
  ];

  expect(judged.toSorted()).toEqual(recordingNames.toSorted());
});

describe("the threads of", () => {
  test.each(Object.entries(STATES))("%s", async (name, states) => {
    const threads = await threadsOf(name);

    expect(threads.map((thread) => `${thread.id} ${words(thread)}`).join(", ")).toBe(states);
  });
});

test.each([
  ["is still to begin after less than 180 s", 179_000, "running"],
  ["is lost after 180 s", 181_000, "error lost_turn may pass"],
])("a turn whose server died %s", async (_when, later, state) => {
  const [thread] = await threadsOf("turn-23-thread-accepted-then-server-killed-at-once", later);

  expect(thread && words(thread)).toBe(state);
});

describe("a command", () => {
  test.each(ACCEPTED)("is accepted: %s", async (name) => {
    expect(await dispatched(name)).toBe("accepted");
  });

  test.each(Object.entries(REFUSED))("is not accepted: %s", async (name, answer) => {
    expect(await dispatched(name)).toBe(answer);
  });
});

test.each(Object.entries(READS))("the read %s", async (name, answer) => {
  expect(await failureOr(() => readOf(name))).toBe(answer);
});

function clientFor(name: string) {
  const { deps } = openT3();
  return createClient(
    { url: "http://127.0.0.1:3773", token: new Secret(() => "any"), allowHttp: false },
    { ...deps, fetch: withEnvironment(name) },
  );
}

/** The one recording for everything but the question who the server is. */
function withEnvironment(name: string): typeof fetch {
  const environment = replay("env-descriptor");
  const recorded = replay(name);
  return (input, init) =>
    new Request(input).url.endsWith("/environment") ? environment(input, init) : recorded(input, init);
}

async function dispatched(name: string): Promise<string> {
  // What is recorded may be a command that afk never sends.
  const command: Command = JSON.parse(JSON.stringify(recording(name).request.body));
  return failureOr(async () => {
    const answer: DispatchAnswer = await clientFor(name).dispatch(command);
    return answer.kind === "invalid" && answer.reason !== null ? `invalid ${answer.reason}` : answer.kind;
  });
}

async function readOf(name: string): Promise<string> {
  const client = clientFor(name);
  const { path = "" } = recording(name).request;
  if (path.startsWith("/api/orchestration/threads/"))
    return (await client.readThread("any")) === null ? "null" : "a thread";
  if (path === "/api/auth/session") {
    const { authenticated, scopes } = await client.readAuthSession();
    return authenticated ? `authenticated, ${scopes?.length} scopes` : "not authenticated";
  }
  if (path === "/.well-known/t3/environment") {
    const { environmentId, serverVersion } = await client.readEnvironment();
    return `${environmentId} ${serverVersion}`;
  }
  return `${(await client.readShell()).threads.length} threads`;
}

async function failureOr(act: () => Promise<string>): Promise<string> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AfkError) return error.kind;
    throw error;
  }
}

async function threadsOf(name: string, later = 5000): Promise<readonly Thread[]> {
  const { deps } = openT3();
  const { request, response } = recording(name);
  const times = JSON.stringify(response.body).match(/"(?:updatedAt|createdAt)":"[^"]*"/g) ?? [];
  const newest = Math.max(0, ...times.map((time) => Date.parse(time.split('"')[3] ?? "")));
  const clock = { now: () => newest + later, sleep: () => Promise.resolve() };
  const executor = executorOf({ ...deps, repos: [REPO], clock, fetch: withEnvironment(name) });
  const id = /^\/api\/orchestration\/threads\/([^?]*)/.exec(request.path ?? "")?.[1];
  if (id === undefined)
    return (await executor.listThreads(request.path?.endsWith("/shell") === true ? "live" : "all")).threads;
  const thread = await executor.readThread(id);
  return thread === null ? [] : [thread];
}

function words({ ending, hasMessage, state }: Thread): string {
  const parts = [ending === "none" ? "" : ending, hasMessage ? "" : "empty", state.kind];
  if (state.kind === "error") parts.push(state.cause, state.mayPass ? "may pass" : "");
  return parts.filter((part) => part !== "").join(" ");
}
