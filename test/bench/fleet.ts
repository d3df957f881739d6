// The answers of a small GitHub and a small T3 about a fleet, each issue and thread made once and kept as text.
import { renderCard } from "../../src/core/card-text.ts";
import { bodyHash, threadId } from "../../src/core/identity.ts";
import { newCard, newView } from "../../src/core/new-card.ts";
import { createSigner, digest } from "../../src/digest.ts";
import { Secret } from "../../src/secret.ts";
import { policy } from "../support/world.ts";
import { issuesOf, LABELER, OWN_ACCOUNT, repoAt, type ServerOptions, STATE_KEY } from "./fleet-options.ts";

const ENVIRONMENT = "bench";
const HEAD = "b".repeat(40);
const READY = "ready-for-agent";
const IN_PROGRESS = "agent-in-progress";
const BODY = "Please do what has to be done here. ".repeat(20);
const NOTHING = `{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[]}`;
/** What a page of REST has at most. */
const PAGE = 100;

export interface Answer {
  readonly kind: string;
  readonly text: string;
}

export interface FleetAnswers {
  /** @throws Error for a question that is not one of afk's reads. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Answer;
  rest(path: string): Answer;
  shell(): Answer;
  environment(): Answer;
}

/** Makes the fleet; `now` in milliseconds since the epoch. */
export function createFleet(options: ServerOptions, now: number): FleetAnswers {
  const signer = createSigner([new Secret(() => STATE_KEY)]);
  const startedAt = new Date(now - 600_000).toISOString();
  const details = new Map<string, string>();
  const threads: string[] = [];
  for (let index = 0; index < options.repos; index += 1)
    for (let number = 1; number <= issuesOf(options, index); number += 1) addIssue(index, number);

  function isRun(number: number): boolean {
    return options.runs === "all" || number === 1;
  }

  function listed(index: number, number: number) {
    const url = `https://github.example/acme/r${index}/issues/${number}`;
    return { id: `I_${index}_${number}`, number, title: `Issue ${number}`, url, state: "OPEN" };
  }

  function addIssue(index: number, number: number): void {
    const repo = repoAt(index);
    const text = { title: `Issue ${number}`, body: BODY };
    const place = { repo, lane: 0, slot: number };
    const thread = threadId(digest, place);
    const run = { thread, issue: { repo, number }, armed: "LE_1", body: bodyHash(digest, text), base: HEAD };
    const card = newCard(run, place, Date.parse(startedAt), { kind: "t3", id: `t3:${ENVIRONMENT}` });
    const labels = isRun(number) ? [READY, IN_PROGRESS] : [READY];
    const comment = {
      id: "IC_kwDO1",
      fullDatabaseId: "1",
      viewerDidAuthor: true,
      createdAt: startedAt,
      // As afk wrote it when it started the run, so that there is nothing to write.
      body: renderCard(card, newView(policy(), { stageCount: 1, reportsCost: false }, null), signer),
    };
    const detail = {
      ...listed(index, number),
      ...text,
      labels: { nodes: labels.map((name) => ({ name })) },
      createdAt: startedAt,
      lastEditedAt: null,
      author: { kind: "User", login: LABELER },
      editor: null,
      userContentEdits: { totalCount: 0, nodes: [] },
      comments: {
        pageInfo: { hasNextPage: false, endCursor: null },
        nodes: isRun(number) ? [comment] : [],
      },
      timelineItems: {
        pageInfo: { hasPreviousPage: false, startCursor: null },
        nodes: labels.map((name, event) => ({
          kind: "LabeledEvent",
          id: `LE_${event + 1}`,
          createdAt: startedAt,
          actor: { kind: "User", login: event === 0 ? LABELER : OWN_ACCOUNT },
          label: { name },
        })),
      },
      issueDependenciesSummary: { blockedBy: 0 },
      blockedBy: { nodes: [] },
      subIssues: { totalCount: 0, nodes: [] },
    };
    details.set(`${index}#${number}`, JSON.stringify(detail));
    // A thread that is not at work is of an issue that was done with before.
    const named = isRun(number) ? number : number + 100_000;
    threads.push(threadText(thread, index, `${repo}#${named}: ${text.title}`, isRun(number)));
  }

  /** A thread at work, or one that an earlier run left for people to talk to. */
  function threadText(id: string, index: number, title: string, isAtWork: boolean): string {
    const turn = { turnId: "t", requestedAt: startedAt, startedAt };
    const at = new Date(now).toISOString();
    return JSON.stringify({
      id,
      projectId: `p${index}`,
      title,
      createdAt: startedAt,
      updatedAt: startedAt,
      archivedAt: null,
      ...(isAtWork ? {} : { settledOverride: "settled" }),
      latestTurn: isAtWork
        ? { ...turn, state: "running", completedAt: null }
        : { ...turn, state: "completed", completedAt: startedAt },
      session: isAtWork
        ? { status: "running", activeTurnId: "t", updatedAt: at }
        : { status: "ready", activeTurnId: null, updatedAt: startedAt },
      latestUserMessageAt: startedAt,
      hasPendingApprovals: false,
      hasPendingUserInput: false,
    });
  }

  function page(index: number, label: string, after: number, size: number): string {
    const all = issuesOf(options, index);
    const count = label === READY || options.runs === "all" ? all : Math.min(1, all);
    const end = Math.min(count, after + size);
    const nodes: string[] = [];
    for (let number = after + 1; number <= end; number += 1)
      nodes.push(JSON.stringify(listed(index, number)));
    const more = `{"hasNextPage":${end < count},"endCursor":"${end}"}`;
    return `{"pageInfo":${more},"nodes":[${nodes.join(",")}]}`;
  }

  function repoText({ operation, query, variables, at }: RepoQuestion): string {
    const name = String(variables[`n${at}`]);
    const index = Number(name.slice(1));
    switch (operation) {
      case "List":
        return `{"nameWithOwner":"acme/${name}","hasIssuesEnabled":true,"isArchived":false,"ready":${page(index, READY, 0, sizeOf(query, "ready"))},"inProgress":${page(index, IN_PROGRESS, 0, sizeOf(query, "inProgress"))},"human":${NOTHING}}`;
      case "ListPage":
        return `{"page":${page(index, String(variables[`l${at}`]), Number(variables[`c${at}`]), sizeOf(query, "page"))}}`;
      case "Details": {
        const issues: string[] = [];
        for (let k = 0; variables[`i${at}_${k}`] !== undefined; k += 1)
          issues.push(`,"i${k}":${details.get(`${index}#${String(variables[`i${at}_${k}`])}`) ?? "null"}`);
        return `{"hasIssuesEnabled":true,"defaultBranchRef":{"name":"main","target":{"oid":"${HEAD}"}}${issues.join("")}}`;
      }
      case "Commits":
        return `{"object":${GREEN}}`;
      case "History":
        return `{"defaultBranchRef":{"target":{"history":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[{"oid":"${HEAD}","message":"First\\n","parents":{"nodes":[]}}]}}}}`;
      default:
        throw new Error(`The benchmark's GitHub has no answer to ${operation}.`);
    }
  }

  return {
    graphql(query, variables) {
      const operation = /^query (\w+)/.exec(query)?.[1] ?? "";
      const parts = [`"viewer":{"login":"${OWN_ACCOUNT}"}`];
      for (let at = 0; variables[`n${at}`] !== undefined; at += 1)
        parts.push(`"r${at}":${repoText({ operation, query, variables, at })}`);
      return { kind: `graphql ${operation}`, text: `{"data":{${parts.join(",")}}}` };
    },
    rest(path) {
      const [, , , name = "", , number = ""] = path.split(/[/?]/);
      const index = Number(name.slice(1));
      if (path.includes("/collaborators/"))
        return {
          kind: "rest permission",
          text: `{"permission":"write","user":{"permissions":{"push":true}}}`,
        };
      if (path.includes("/timeline"))
        return { kind: "rest timeline", text: `[${details.get(`${index}#${number}`) ?? ""}]` };
      const from = (Number(/[?&]page=(\d+)/.exec(path)?.[1] ?? "1") - 1) * PAGE;
      const issues: string[] = [];
      for (let one = from + 1; one <= Math.min(from + PAGE, issuesOf(options, index)); one += 1)
        issues.push(details.get(`${index}#${one}`) ?? "");
      return { kind: "rest issues", text: `[${issues.join(",")}]` };
    },
    shell: () => ({ kind: "shell", text: shellText(options, threads, threadText) }),
    environment: () => ({
      kind: "environment",
      text: `{"environmentId":"${ENVIRONMENT}","serverVersion":"0.0.32","capabilities":{}}`,
    }),
  };
}

interface RepoQuestion {
  readonly operation: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The number of the repo within the question. */
  readonly at: number;
}

/** How many issues a question wants of one list. */
function sizeOf(query: string, list: string): number {
  return Number(new RegExp(`${list}: issues\\(first: (\\d+)`).exec(query)?.[1]);
}

const GREEN = JSON.stringify({
  statusCheckRollup: {
    state: "SUCCESS",
    contexts: {
      pageInfo: { hasNextPage: false, endCursor: null },
      nodes: [
        {
          kind: "CheckRun",
          id: "C_1",
          name: "test",
          status: "COMPLETED",
          conclusion: "SUCCESS",
          startedAt: "2026-01-01T00:00:00Z",
          completedAt: "2026-01-01T00:01:00Z",
          detailsUrl: "https://github.example/run",
          permalink: "https://github.example/run",
          checkSuite: { id: "S_1", app: { slug: "github-actions" }, workflowRun: null },
        },
      ],
    },
  },
  checkSuites: { nodes: [] },
});

/** The fleet's threads and, up to the wanted length, threads that people made. */
function shellText(
  options: ServerOptions,
  threads: readonly string[],
  threadText: (id: string, index: number, title: string, isAtWork: boolean) => string,
): string {
  const projects = Array.from({ length: options.repos }, (_, index) => ({
    id: `p${index}`,
    workspaceRoot: `/data/acme__r${index}`,
    deletedAt: null,
  }));
  const all = [...threads];
  let length = all.reduce((sum, text) => sum + text.length + 1, 0);
  for (let number = 0; length < options.executorBytes; number += 1) {
    const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const text = threadText(id, 0, `A talk of people about something else, number ${number}`, false);
    all.push(text);
    length += text.length + 1;
  }
  return `{"projects":${JSON.stringify(projects)},"threads":[${all.join(",")}]}`;
}
