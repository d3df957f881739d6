// The GraphQL fields of the double's commits: history, checks, statuses and GitHub's own fold of them.
import { connection, failure, type Fields, type PageArguments } from "./connection.ts";
import type { Check, Commit, Repo } from "./state.ts";

export function commitFields(repo: Repo, commit: Commit): Fields {
  const from = repo.commits.indexOf(commit);
  const shown = commit.checks.flatMap((check, index) => contextFields(commit, check, index));
  return {
    __typename: "Commit",
    oid: commit.oid,
    message: commit.message,
    parents: (args: PageArguments) =>
      connection(
        commit.parents.map((oid) => ({ __typename: "Commit", oid })),
        args,
      ),
    history: (args: PageArguments) =>
      connection(
        repo.commits.slice(from).map((one) => commitFields(repo, one)),
        args,
      ),
    statusCheckRollup:
      shown.length === 0 && commit.hiddenState === null
        ? null
        : {
            state: rollupState(commit),
            contexts(args: PageArguments) {
              if (commit.checksError !== null) throw failure(commit.checksError);
              return connection(shown, args);
            },
          },
    checkSuites: (args: PageArguments) => connection(suitesOf(commit), args),
  };
}

export function checkId(commit: Commit, index: number): string {
  return `CR_${commit.oid.slice(0, 12)}_${index}`;
}

function suiteId(commit: Commit, check: Check): string {
  const place = check.kind === "status" ? "" : `${check.workflow ?? ""}_${check.event}`;
  return `CS_${commit.oid.slice(0, 12)}_${place}`;
}

function workflowFields(workflow: string | null, event: string): Fields | null {
  return workflow === null ? null : { event, url: "https://github.com/run/1", workflow: { name: workflow } };
}

export function runFields(
  commit: Commit,
  check: Extract<Check, { readonly kind: "run" }>,
  index: number,
): Fields {
  return {
    __typename: "CheckRun",
    id: checkId(commit, index),
    name: check.name,
    status: check.status,
    conclusion: check.conclusion,
    startedAt: check.startedAt,
    completedAt: null,
    detailsUrl: check.url,
    permalink: "https://github.com/check/1",
    title: check.output.title,
    summary: check.output.summary,
    text: null,
    annotations: (args: PageArguments) =>
      connection(
        check.output.notes.map((message) => ({
          path: "src/sort.ts",
          message,
          location: { start: { line: 7 } },
        })),
        args,
      ),
    checkSuite: {
      id: suiteId(commit, check),
      app: { slug: "github-actions" },
      workflowRun: workflowFields(check.workflow, check.event),
    },
  };
}

function contextFields(commit: Commit, check: Check, index: number): readonly Fields[] {
  switch (check.kind) {
    case "run":
      return [runFields(commit, check, index)];
    case "status":
      return [
        {
          __typename: "StatusContext",
          context: check.context,
          state: check.state,
          description: check.description,
          targetUrl: check.url,
          createdAt: check.createdAt,
        },
      ];
    case "suite":
      return [];
  }
}

function suitesOf(commit: Commit): readonly Fields[] {
  const suites = new Map<string, Fields>();
  for (const check of commit.checks) {
    if (check.kind === "status") continue;
    const isRun = check.kind === "run";
    suites.set(suiteId(commit, check), {
      id: suiteId(commit, check),
      status: check.status,
      conclusion: check.conclusion,
      createdAt: isRun ? (check.startedAt ?? "2026-11-20T00:00:00Z") : check.createdAt,
      workflowRun: workflowFields(check.workflow, check.event),
    });
  }
  return [...suites.values()];
}

/** GitHub's own fold: a cancelled check makes it a failure, a skipped one does not. */
function rollupState(commit: Commit): string {
  if (commit.hiddenState !== null) return commit.hiddenState;
  const words = commit.checks.map((check) => {
    if (check.kind === "suite") return "SUCCESS";
    if (check.kind === "status") return check.state;
    if (check.status !== "COMPLETED") return "PENDING";
    return ["SUCCESS", "NEUTRAL", "SKIPPED"].includes(check.conclusion ?? "") ? "SUCCESS" : "FAILURE";
  });
  return ["FAILURE", "ERROR", "PENDING", "EXPECTED"].find((word) => words.includes(word)) ?? "SUCCESS";
}
