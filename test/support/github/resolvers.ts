// Answers GraphQL queries over the double's world; graphql-js executes them on GitHub's published schema.
import { GraphQLError } from "graphql";
import type { Account, Check, Commit, GraphqlFailure, Issue, Repo, State, TimelineEvent } from "./state.ts";
import { findRepo, sameLabel } from "./state.ts";

type Fields = Readonly<Record<string, unknown>>;
interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
}

/** The top of a query for one account. */
export function rootFor(state: State, viewer: Account): Fields {
  const node = ({ id }: { readonly id: string }): Fields => {
    const found = nodeById(state, viewer, id);
    if (found === null)
      throw failure({
        type: "NOT_FOUND",
        message: `Could not resolve to a node with the global id of '${id}'.`,
      });
    return found;
  };
  return {
    // GraphQL names a bot without its suffix as an actor, and with it as the viewer.
    viewer: { login: viewer.type === "Bot" ? `${viewer.login}[bot]` : viewer.login },
    node,
    nodes: ({ ids }: { readonly ids: readonly string[] }) => ids.map((id) => node({ id })),
    repository({ owner, name }: { readonly owner: string; readonly name: string }) {
      const repo = findRepo(state, owner, name);
      if (repo === null)
        throw failure({
          type: "NOT_FOUND",
          message: `Could not resolve to a Repository with the name '${owner}/${name}'.`,
        });
      if (repo.error !== null) throw failure(repo.error);
      return repoFields(state, viewer, repo);
    },
  };
}

function failure({ type, message }: GraphqlFailure): GraphQLError {
  return new GraphQLError(message, type === undefined ? {} : { extensions: { type } });
}

function nodeById(state: State, viewer: Account, id: string): Fields | null {
  for (const repo of state.repos) {
    const issue = [...repo.issues.values()].find((one) => one.id === id);
    if (issue !== undefined) return issueFields(state, viewer, repo, issue);
    for (const commit of repo.commits) {
      const index = commit.checks.findIndex((_, at) => checkId(commit, at) === id);
      const check = commit.checks[index];
      if (check?.kind === "run") return runFields(commit, check, index);
    }
  }
  return null;
}

function repoFields(state: State, viewer: Account, repo: Repo): Fields {
  const head = repo.commits[0];
  return {
    nameWithOwner: `${repo.owner}/${repo.name}`,
    hasIssuesEnabled: repo.issuesEnabled,
    isArchived: repo.archived,
    viewerPermission: repo.people.get(viewer.login)?.role.toUpperCase() ?? "READ",
    defaultBranchRef:
      head === undefined ? null : { name: repo.defaultBranch, target: () => commitFields(repo, head) },
    label: ({ name }: { readonly name: string }) => {
      const label = repo.labels.find((one) => sameLabel(one, name));
      return label === undefined ? null : { name: label };
    },
    issues(
      args: PageArguments & {
        readonly states?: readonly string[] | null;
        readonly labels?: readonly string[] | null;
      },
    ) {
      if (!repo.issuesEnabled) return connection([], args);
      const issues = [...repo.issues.values()].filter(
        (issue) =>
          (args.states?.includes(issue.open ? "OPEN" : "CLOSED") ?? true) &&
          (args.labels?.some((label) => issue.labels.some((own) => sameLabel(own, label))) ?? true),
      );
      return connection(
        issues.map((issue) => issueFields(state, viewer, repo, issue)),
        args,
      );
    },
    issue: ({ number }: { readonly number: number }) => {
      const issue = repo.issues.get(number);
      if (issue === undefined || !repo.issuesEnabled)
        throw failure({
          type: "NOT_FOUND",
          message: `Could not resolve to an Issue with the number of ${number}.`,
        });
      if (issue.error !== null) throw failure(issue.error);
      return issueFields(state, viewer, repo, issue);
    },
    issueOrPullRequest: ({ number }: { readonly number: number }) => {
      const issue = repo.issues.get(number);
      if (issue === undefined)
        throw failure({
          type: "NOT_FOUND",
          message: `Could not resolve to an issue or pull request with the number of ${number}.`,
        });
      // A pull request is a record whose title says so: nothing else of it is ever asked.
      const pull = /^pull: (OPEN|CLOSED|MERGED)$/.exec(issue.title);
      return pull === null
        ? issueFields(state, viewer, repo, issue)
        : { __typename: "PullRequest", state: pull[1] };
    },
    object: ({ oid }: { readonly oid: string }) => {
      const commit = repo.commits.find((one) => one.oid === oid);
      return commit === undefined ? null : commitFields(repo, commit);
    },
  };
}

function actorFields(account: Account | null): Fields | null {
  return account === null ? null : { __typename: account.type, login: account.login };
}

function issueFields(state: State, viewer: Account, repo: Repo, issue: Issue): Fields {
  const name = `${repo.owner}/${repo.name}`;
  const blockers = issue.blockedBy.flatMap((ref) => {
    const [owner = "", repoName = ""] = ref.repo.split("/");
    const other = findRepo(state, owner, repoName);
    const found = other?.issues.get(ref.number);
    return other === null || found === undefined ? [] : [{ repo: other, issue: found }];
  });
  const open = blockers.filter((blocker) => blocker.issue.open).length;
  return {
    __typename: "Issue",
    id: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    url: `https://github.com/${name}/issues/${issue.number}`,
    state: issue.open ? "OPEN" : "CLOSED",
    createdAt: issue.createdAt,
    lastEditedAt: issue.edits[0]?.editedAt ?? null,
    author: actorFields(issue.author),
    editor: actorFields(issue.edits[0]?.editor ?? null),
    repository: { nameWithOwner: name },
    labels: (args: PageArguments) =>
      connection(
        issue.labels.map((label) => ({ name: label })),
        args,
      ),
    userContentEdits: (args: PageArguments) => ({
      ...connection(
        issue.edits.map(({ editedAt, editor }) => ({ editedAt, editor: actorFields(editor) })),
        args,
      ),
      totalCount: issue.edits.length + issue.lostEdits,
    }),
    comments: (args: PageArguments) =>
      connection(
        issue.comments.map((comment) => ({
          fullDatabaseId: String(comment.id),
          viewerDidAuthor: comment.author?.login === viewer.login && comment.author.type === viewer.type,
          author: actorFields(comment.author),
          createdAt: comment.createdAt,
          body: comment.body,
        })),
        args,
      ),
    timelineItems: (args: PageArguments & { readonly itemTypes?: readonly string[] | null }) =>
      connection(issue.timeline.filter((event) => isAsked(event, args.itemTypes)).map(eventFields), args),
    issueDependenciesSummary: { blockedBy: open + issue.hiddenBlockers },
    blockedBy: (args: PageArguments) =>
      connection(
        blockers.map((blocker) => issueFields(state, viewer, blocker.repo, blocker.issue)),
        args,
      ),
    subIssues: (args: PageArguments) =>
      connection(
        issue.subIssues.flatMap((number) => {
          const sub = repo.issues.get(number);
          return sub === undefined ? [] : [issueFields(state, viewer, repo, sub)];
        }),
        args,
      ),
  };
}

function isAsked(event: TimelineEvent, types: readonly string[] | null | undefined): boolean {
  const word = event.kind.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  return types?.includes(word) ?? true;
}

function eventFields(event: TimelineEvent): Fields {
  const common = {
    __typename: event.kind,
    id: event.id,
    createdAt: event.createdAt,
    actor: actorFields(event.actor),
  };
  switch (event.kind) {
    case "LabeledEvent":
    case "UnlabeledEvent":
      return { ...common, label: { name: event.label } };
    case "ClosedEvent":
      if (event.commit !== null) return { ...common, closer: { __typename: "Commit", oid: event.commit } };
      if (event.mergeCommit !== undefined)
        return { ...common, closer: { __typename: "PullRequest", mergeCommit: { oid: event.mergeCommit } } };
      return { ...common, closer: null };
    case "ReopenedEvent":
    case "RenamedTitleEvent":
      return common;
  }
}

function commitFields(repo: Repo, commit: Commit): Fields {
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

function checkId(commit: Commit, index: number): string {
  return `CR_${commit.oid.slice(0, 12)}_${index}`;
}

function suiteId(commit: Commit, check: Check): string {
  const place = check.kind === "status" ? "" : `${check.workflow ?? ""}_${check.event}`;
  return `CS_${commit.oid.slice(0, 12)}_${place}`;
}

function workflowFields(workflow: string | null, event: string): Fields | null {
  return workflow === null ? null : { event, url: "https://github.com/run/1", workflow: { name: workflow } };
}

function runFields(commit: Commit, check: Extract<Check, { readonly kind: "run" }>, index: number): Fields {
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

/** One page of a list, by the rules of GitHub: a size is needed, from 1 to 100. */
function connection(items: readonly unknown[], args: PageArguments): Fields {
  const size = args.first ?? args.last ?? 0;
  if (size < 1 || size > 100)
    throw failure({
      type: "EXCESSIVE_PAGINATION",
      message: "You must provide a `first` or `last` value from 1 to 100.",
    });
  const low = args.after === null || args.after === undefined ? 0 : Number(atob(args.after)) + 1;
  const high = args.before === null || args.before === undefined ? items.length : Number(atob(args.before));
  const isForward = args.first !== null && args.first !== undefined;
  const start = isForward ? low : Math.max(low, high - size);
  const end = isForward ? Math.min(high, low + size) : high;
  return {
    totalCount: items.length,
    nodes: items.slice(start, end),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: end > start ? btoa(String(start)) : null,
      endCursor: end > start ? btoa(String(end - 1)) : null,
    },
  };
}
