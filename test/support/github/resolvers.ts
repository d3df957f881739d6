// Answers GraphQL queries over the double's world; graphql-js executes them on GitHub's published schema.
import { checkId, commitFields, runFields } from "./commit-fields.ts";
import { connection, failure, type Fields, type PageArguments } from "./connection.ts";
import type { Account, Comment, Issue, Repo, State, TimelineEvent } from "./state.ts";
import { findRepo, sameLabel } from "./state.ts";

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
      const isHidden = repo !== null && !repo.isPublic && !repo.people.has(viewer.login);
      if (repo === null || isHidden)
        throw failure({
          type: "NOT_FOUND",
          message: `Could not resolve to a Repository with the name '${owner}/${name}'.`,
        });
      if (repo.error !== null) throw failure(repo.error);
      return repoFields(state, viewer, repo);
    },
  };
}

function nodeById(state: State, viewer: Account, id: string): Fields | null {
  for (const repo of state.repos) {
    const issue = [...repo.issues.values()].find((one) => one.id === id);
    if (issue !== undefined) return issueFields(state, viewer, repo, issue);
    for (const { comments } of repo.issues.values()) {
      const comment = comments.find((one) => commentNode(one) === id);
      if (comment !== undefined) return commentFields(viewer, comment);
    }
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
        issue.comments.map((comment) => commentFields(viewer, comment)),
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

function commentFields(viewer: Account, comment: Comment): Fields {
  return {
    __typename: "IssueComment",
    id: commentNode(comment),
    fullDatabaseId: String(comment.id),
    viewerDidAuthor: comment.author?.login === viewer.login && comment.author.type === viewer.type,
    author: actorFields(comment.author),
    createdAt: comment.createdAt,
    body: comment.body,
    userContentEdits: (args: PageArguments) =>
      connection(
        // What GitHub calls a diff is the whole text after the edit.
        comment.versions.map(({ editedAt, editor, text }) => ({
          editedAt,
          editor: actorFields(editor),
          diff: text,
        })),
        args,
      ),
  };
}

function commentNode(comment: Comment): string {
  return `IC_kwDO${comment.id}`;
}

const ITEM_TYPES: Readonly<Record<TimelineEvent["kind"], string>> = {
  LabeledEvent: "LABELED_EVENT",
  UnlabeledEvent: "UNLABELED_EVENT",
  ClosedEvent: "CLOSED_EVENT",
  ReopenedEvent: "REOPENED_EVENT",
  RenamedTitleEvent: "RENAMED_TITLE_EVENT",
};

function isAsked(event: TimelineEvent, types: readonly string[] | null | undefined): boolean {
  return types?.includes(ITEM_TYPES[event.kind]) ?? true;
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
