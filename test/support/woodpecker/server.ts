// A Woodpecker server for tests on a real socket: the routes that afk uses, with the API's field names, filters and pages.
import { createServer, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

/** The states of pipelines, workflows and steps (server/model/const.go); tests may add words that do not exist yet. */
export const STATUS_WORDS = [
  "created",
  "pending",
  "running",
  "blocked",
  "success",
  "failure",
  "error",
  "killed",
  "canceled",
  "skipped",
  "declined",
] as const;

export interface StepRow {
  readonly id: number;
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly state: string;
  readonly exit_code: number;
  readonly error?: string;
  readonly type: string;
}

export interface WorkflowRow {
  readonly id: number;
  readonly pipeline_id: number;
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly error?: string;
  readonly children?: readonly StepRow[];
}

export interface PipelineRow {
  readonly number: number;
  readonly parent: number;
  readonly event: string;
  readonly status: string;
  readonly errors: readonly { type: string; message: string; is_warning: boolean; data: null }[] | null;
  readonly commit: string;
  readonly branch: string;
  readonly cancel_info?: {
    readonly superseded_by?: number;
    readonly canceled_by_user?: string;
    readonly canceled_by_step?: string;
  };
  readonly workflows?: readonly WorkflowRow[];
}

export interface WoodpeckerOptions {
  /** As the forge spells it. */
  readonly fullName?: string;
  readonly active?: boolean;
  /** Version 2: a list of pipelines takes no filter, and a cancelled pipeline says no reason. */
  readonly old?: boolean;
}

export interface WoodpeckerDouble {
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly requests: readonly string[];
  readonly pipelines: PipelineRow[];
  /** Output lines by step id. */
  readonly logs: Map<number, readonly string[]>;
  /** The tokens that are accepted. */
  readonly tokens: Set<string>;
  /** Answers instead of the server when it gives something; null: as usual. */
  fault: (path: string) => { readonly status: number; readonly body: string } | null;
  /** Adds a pipeline with the next number. */
  add(changes: Partial<PipelineRow>): PipelineRow;
  /** Changes a pipeline. */
  change(number: number, changes: Partial<PipelineRow>): void;
}

const REPO_ID = 42;
const PAGE_SIZE = 50;

/** Serves until the test is over. */
export async function openWoodpecker(options: WoodpeckerOptions = {}): Promise<WoodpeckerDouble> {
  const { fullName = "acme/api", active = true, old = false } = options;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? "", "http://127.0.0.1");
    const fault = double.fault(url.pathname);
    if (fault !== null) return void response.writeHead(fault.status).end(fault.body);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!double.tokens.has(token)) return void response.writeHead(401).end("User not authorized");
    respond(response, answer(url));
  });

  const repo = {
    id: REPO_ID,
    forge_remote_id: "7",
    owner: fullName.split("/")[0],
    name: fullName.split("/")[1],
    full_name: fullName,
    default_branch: "main",
    visibility: "private",
    private: true,
    active,
    config_file: "",
    cancel_previous_pipeline_events: ["push", "pull_request"],
  };

  function answer(url: URL): unknown {
    if (url.pathname === "/api/user") return { id: 1, login: "afk-bot", admin: false };
    if (url.pathname === "/api/user/repos") return [repo];
    // PostgreSQL and SQLite compare as they are.
    if (url.pathname === `/api/repos/lookup/${fullName}`) return repo;
    if (url.pathname === `/api/repos/${REPO_ID}`) return repo;
    if (url.pathname === `/api/repos/${REPO_ID}/pipelines`) return list(url.searchParams);
    const one = new RegExp(`^/api/repos/${REPO_ID}/pipelines/(\\d+)$`).exec(url.pathname);
    if (one !== null) return double.pipelines.find(({ number }) => number === Number(one[1]));
    const log = new RegExp(`^/api/repos/${REPO_ID}/logs/(\\d+)/(\\d+)$`).exec(url.pathname);
    return log === null ? undefined : entries(Number(log[1]), Number(log[2]));
  }

  function list(query: URLSearchParams): readonly unknown[] {
    const { page = "1", perPage = "50", event, branch } = Object.fromEntries(query);
    const size = Math.min(Number(perPage), PAGE_SIZE);
    return double.pipelines
      .filter((row) => old || event === undefined || event.split(",").includes(row.event))
      .filter((row) => old || branch === undefined || branch === row.branch)
      .toSorted((one, other) => other.number - one.number)
      .slice((Number(page) - 1) * size, Number(page) * size)
      .map((row) => ({
        ...row,
        // A list never has workflows, and the reason is left out where there is none.
        workflows: undefined,
        cancel_info: old ? undefined : row.cancel_info,
      }));
  }

  function entries(number: number, stepId: number): readonly unknown[] | undefined {
    const pipeline = double.pipelines.find((row) => row.number === number);
    const steps = (pipeline?.workflows ?? []).flatMap(({ children }) => children ?? []);
    if (!steps.some(({ id }) => id === stepId)) return undefined;
    const lines = [...(double.logs.get(stepId) ?? [])].map((text, line) => ({
      id: line + 1,
      step_id: stepId,
      time: line,
      line,
      data: text === "" ? null : Buffer.from(text).toString("base64"),
      type: 0,
    }));
    return [...lines, { id: 99_999, step_id: stepId, time: 0, line: lines.length, data: "MQ==", type: 2 }];
  }

  const double: WoodpeckerDouble = {
    url: await listen(server),
    requests,
    pipelines: [],
    logs: new Map(),
    tokens: new Set([WOODPECKER_TOKEN]),
    fault: () => null,
    add(changes) {
      const number = Math.max(0, ...double.pipelines.map((row) => row.number)) + 1;
      const row: PipelineRow = {
        number,
        parent: 0,
        event: "push",
        status: "pending",
        errors: null,
        commit: "0".repeat(40),
        branch: "main",
        ...changes,
      };
      double.pipelines.push(row);
      return row;
    },
    change(number, changes) {
      const index = double.pipelines.findIndex((row) => row.number === number);
      const row = double.pipelines[index];
      if (row === undefined) throw new Error(`There is no pipeline ${number}.`);
      double.pipelines[index] = { ...row, ...changes };
    },
  };
  return double;
}

export const WOODPECKER_TOKEN = "woodpecker-canary-5bd1";

/** A workflow with one step per state. */
export function workflow(
  name: string,
  state: string,
  steps: Readonly<Record<string, string>> = {},
): WorkflowRow {
  const children = Object.entries(steps).map(([step, stepState], index) => ({
    id: 900 + index,
    pid: 11 + index,
    ppid: 1,
    name: step,
    state: stepState,
    exit_code: stepState === "failure" ? 1 : 0,
    type: "commands",
  }));
  return { id: 70, pipeline_id: 300, pid: 1, name, state, children };
}

function respond(response: ServerResponse, body: unknown): void {
  if (body === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

/** Listens on this machine until the test is over; gives the address. */
async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `http://127.0.0.1:${address.port}`;
}
