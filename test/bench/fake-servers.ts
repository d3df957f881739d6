// A process with a small GitHub and a small T3 that answer fast and count: `node fake-servers.ts <options as JSON>`.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { renderCardLine } from "../../src/core/card.ts";
import { bodyHash, threadId } from "../../src/core/identity.ts";
import { newCard } from "../../src/core/new-card.ts";
import { createSigner, digest } from "../../src/digest.ts";
import { Secret } from "../../src/secret.ts";

export const FAKE_SERVERS = fileURLToPath(import.meta.url);
export const STATE_KEY = "the-state-key-of-the-benchmark-32";

export interface FakeOptions {
  readonly repos: number;
  /** In progress, spread evenly over the repos; each with its thread at work. */
  readonly issues: number;
  readonly latencyMilliseconds: number;
  /** At least so much is what T3 answers. */
  readonly executorBytes: number;
}

/** One request: what it was, and when it came and was answered, in milliseconds. */
export interface Traced {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
}

const ENVIRONMENT = "bench";
const BASE = "b".repeat(40);

if (process.argv[1] === FAKE_SERVERS) serve(JSON.parse(process.argv[2] ?? "") as FakeOptions);

function serve(options: FakeOptions): void {
  const signer = createSigner([new Secret(() => STATE_KEY)]);
  const startedAt = new Date(Date.now() - 600_000).toISOString();
  let trace: Traced[] = [];
  const issues = new Map<string, Record<string, unknown>>();
  const threads: Record<string, unknown>[] = [];
  const countIn = (index: number): number => Math.ceil((options.issues - index) / options.repos);
  const wanted = { nodes: [{ name: "ready-for-agent" }, { name: "agent-in-progress" }] };
  for (let index = 0; index < options.repos; index += 1)
    for (let number = 1; number <= countIn(index); number += 1) addIssue(index, number);

  function addIssue(index: number, number: number): void {
    const repo = `127.0.0.1/acme/r${index}`;
    const text = { title: `Issue ${number}`, body: "Please do what has to be done here. ".repeat(20) };
    const place = { repo, lane: 0, slot: number };
    const thread = threadId(digest, place);
    const run = { thread, issue: { repo, number }, armed: "LE_1", body: bodyHash(digest, text), base: BASE };
    const card = newCard(run, place, Date.parse(startedAt), { kind: "t3", id: `t3:${ENVIRONMENT}` });
    issues.set(`${index}#${number}`, {
      ...listed(index, number),
      ...text,
      labels: wanted,
      id: `I_${index}_${number}`,
      createdAt: startedAt,
      lastEditedAt: null,
      author: { kind: "User", login: "alice" },
      editor: null,
      userContentEdits: { totalCount: 0, nodes: [] },
      comments: {
        pageInfo: { hasNextPage: false, endCursor: null },
        nodes: [
          {
            fullDatabaseId: "1",
            viewerDidAuthor: true,
            createdAt: startedAt,
            body: `${renderCardLine(card, signer)}\n\nA card.`,
          },
        ],
      },
      timelineItems: {
        pageInfo: { hasPreviousPage: false, startCursor: null },
        nodes: ["ready-for-agent", "agent-in-progress"].map((name, event) => ({
          kind: "LabeledEvent",
          id: `LE_${event + 1}`,
          createdAt: startedAt,
          actor: { kind: "User", login: event === 0 ? "alice" : "afk" },
          label: { name },
        })),
      },
      issueDependenciesSummary: { blockedBy: 0 },
      blockedBy: { nodes: [] },
      subIssues: { totalCount: 0, nodes: [] },
    });
    threads.push({
      id: thread,
      projectId: `p${index}`,
      title: `${repo}#${number}: ${text.title}`,
      createdAt: startedAt,
      updatedAt: startedAt,
      archivedAt: null,
      latestTurn: { turnId: "t", state: "running", requestedAt: startedAt, startedAt, completedAt: null },
      session: { status: "running", activeTurnId: "t", updatedAt: new Date().toISOString() },
      latestUserMessageAt: startedAt,
      hasPendingApprovals: false,
      hasPendingUserInput: false,
    });
  }
  function listed(index: number, number: number) {
    const url = `https://github.example/acme/r${index}/issues/${number}`;
    return { number, title: `Issue ${number}`, url, state: "OPEN" };
  }
  function page(index: number, after: number, size: number, labels: boolean) {
    const count = Math.max(0, Math.min(size, countIn(index) - after));
    const end = after + count;
    const nodes = Array.from({ length: count }, (_, at) => ({
      ...listed(index, after + at + 1),
      ...(labels ? { labels: wanted } : {}),
    }));
    return { pageInfo: { hasNextPage: end < countIn(index), endCursor: String(end) }, nodes };
  }
  const nothing = { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };

  function graphql(text: string, variables: Readonly<Record<string, unknown>>) {
    const operation = /^query (\w+)/.exec(text)?.[1] ?? "";
    const data: Record<string, unknown> = { viewer: { login: "afk" } };
    for (let at = 0; variables[`n${at}`] !== undefined; at += 1) {
      const name = String(variables[`n${at}`]);
      const index = Number(name.slice(1));
      if (operation === "List")
        data[`r${at}`] = {
          nameWithOwner: `acme/${name}`,
          hasIssuesEnabled: true,
          isArchived: false,
          ready: page(index, 0, 5, true),
          inProgress: page(index, 0, 50, false),
          human: nothing,
        };
      if (operation === "ListPage")
        data[`r${at}`] = { page: page(index, Number(variables[`c${at}`]), 50, true) };
      if (operation === "Details") {
        const repo: Record<string, unknown> = {
          hasIssuesEnabled: true,
          defaultBranchRef: { name: "main", target: { oid: BASE } },
        };
        for (let k = 0; variables[`i${at}_${k}`] !== undefined; k += 1)
          repo[`i${k}`] = issues.get(`${index}#${String(variables[`i${at}_${k}`])}`) ?? null;
        data[`r${at}`] = repo;
      }
      if (operation === "History")
        data[`r${at}`] = {
          defaultBranchRef: {
            target: {
              history: {
                pageInfo: { hasNextPage: false, endCursor: null },
                nodes: [{ oid: BASE, message: "First\n", parents: { nodes: [] } }],
              },
            },
          },
        };
    }
    return { kind: `graphql ${operation}`, answer: JSON.stringify({ data }) };
  }

  function rest(path: string) {
    const [, , , name = "", , number] = path.split(/[/?]/);
    const index = Number(name.slice(1));
    if (path.includes("/collaborators/"))
      return JSON.stringify({ permission: "write", user: { permissions: { push: true } } });
    if (path.includes("/timeline"))
      return JSON.stringify([{ event: "labeled", label: { name: "ready-for-agent" }, issue: number }]);
    const from = (Number(/[?&]page=(\d+)/.exec(path)?.[1] ?? "1") - 1) * 100;
    return JSON.stringify(page(index, from, 100, true).nodes);
  }

  const shell = JSON.stringify({
    projects: Array.from({ length: options.repos }, (_, index) => ({
      id: `p${index}`,
      workspaceRoot: `/data/acme__r${index}`,
      deletedAt: null,
    })),
    threads,
  });
  const padding = Math.max(0, options.executorBytes - shell.length);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const from = performance.now();
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    if (path === "/trace") {
      response.end(JSON.stringify(trace));
      trace = [];
      return;
    }
    const made = { kind: path, answer: "{}" };
    if (path === "/graphql") Object.assign(made, asked(Buffer.concat(body).toString("utf8")));
    else if (path.startsWith("/repos/")) made.answer = rest(path);
    else if (path.endsWith("/environment"))
      made.answer = JSON.stringify({ environmentId: ENVIRONMENT, serverVersion: "0.0.32", capabilities: {} });
    else made.answer = shell;
    await pause(Math.max(0, options.latencyMilliseconds - (performance.now() - from)));
    trace.push({ kind: made.kind, from, to: performance.now() });
    response.setHeader("content-type", "application/json");
    if (path.endsWith("/shell") && padding > 0) return pad(response, made.answer);
    response.end(made.answer);
  }
  function asked(text: string) {
    const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, unknown> };
    return graphql(query, variables);
  }
  /** Blanks before the end: an answer of any length that means the same. */
  function pad(response: ServerResponse, text: string): void {
    const blanks = Buffer.alloc(1 << 20, " ");
    let left = padding;
    response.on("error", () => undefined);
    function more(): void {
      while (left > 0) {
        const chunk = blanks.subarray(0, Math.min(left, blanks.length));
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
      response.end(text);
    }
    more();
  }

  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
  });
}
