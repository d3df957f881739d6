// The world behind the GitHub double: accounts, repos, issues, commits and checks as plain records.

export interface Account {
  readonly login: string;
  readonly type: "User" | "Bot" | "Mannequin" | "Organization";
}

export interface Edit {
  readonly editedAt: string;
  readonly editor: Account | null;
}

export interface Comment {
  readonly id: number;
  readonly author: Account | null;
  readonly createdAt: string;
  body: string;
  /** Every text it had, newest first, as GitHub keeps them; none while it was never edited. */
  versions: CommentVersion[];
}

export interface CommentVersion extends Edit {
  readonly text: string;
}

export type TimelineEvent = {
  readonly id: string;
  readonly createdAt: string;
  readonly actor: Account | null;
} & (
  | { readonly kind: "LabeledEvent" | "UnlabeledEvent"; readonly label: string }
  | { readonly kind: "ClosedEvent"; readonly commit: string | null; readonly mergeCommit?: string }
  | { readonly kind: "ReopenedEvent" }
  | { readonly kind: "RenamedTitleEvent" }
);

export interface Issue {
  readonly id: string;
  readonly number: number;
  readonly author: Account | null;
  readonly createdAt: string;
  title: string;
  body: string;
  open: boolean;
  stateReason: string | null;
  labels: string[];
  /** Newest first, as GitHub lists them. */
  edits: Edit[];
  /** Edits that GitHub counts and no longer shows. */
  lostEdits: number;
  comments: Comment[];
  timeline: TimelineEvent[];
  blockedBy: { readonly repo: string; readonly number: number }[];
  /** Open blockers that the token may not see. */
  hiddenBlockers: number;
  subIssues: number[];
  /** What GitHub says instead of the issue. */
  error: GraphqlFailure | null;
}

export interface GraphqlFailure {
  readonly type?: string;
  readonly message: string;
}

export type Check =
  | {
      readonly kind: "run";
      readonly name: string;
      readonly status: string;
      readonly conclusion: string | null;
      readonly workflow: string | null;
      readonly event: string;
      readonly startedAt: string | null;
      readonly url: string | null;
      readonly output: {
        readonly title: string;
        readonly summary: string;
        readonly notes: readonly string[];
      };
    }
  | {
      readonly kind: "status";
      readonly context: string;
      readonly state: string;
      readonly description: string | null;
      readonly url: string | null;
      readonly createdAt: string;
    }
  /** A workflow run without a check. */
  | {
      readonly kind: "suite";
      readonly workflow: string | null;
      readonly event: string;
      readonly status: string;
      readonly conclusion: string | null;
      readonly createdAt: string;
    };

export interface Commit {
  readonly oid: string;
  readonly message: string;
  readonly parents: readonly string[];
  checks: Check[];
  /** Check runs that count for the rollup and are not shown. */
  hiddenState: string | null;
  /** GitHub refuses to show the checks. */
  checksError: GraphqlFailure | null;
}

export type Role = "admin" | "maintain" | "write" | "triage" | "read";

export interface Repo {
  owner: string;
  name: string;
  /** Names it had before, which redirect. */
  formerNames: string[];
  archived: boolean;
  issuesEnabled: boolean;
  isPublic: boolean;
  defaultBranch: string;
  labels: string[];
  /** By login; `role_name` differs for a custom role. */
  people: Map<string, { readonly role: Role; readonly custom?: string }>;
  issues: Map<number, Issue>;
  /** Newest first, as the default branch's history lists them. */
  commits: Commit[];
  lastNumber: number;
  error: GraphqlFailure | null;
}

/** Everything that the double knows. */
export interface State {
  /** Milliseconds since the epoch; every deed takes a second. */
  now: number;
  repos: Repo[];
  /** By token. */
  accounts: Map<string, Account>;
  lastId: number;
}

export function nextId(state: State): number {
  state.lastId += 1;
  return state.lastId;
}

/** The time of a new deed; GitHub knows seconds only. */
export function tick(state: State): string {
  state.now += 1000;
  return secondOf(state);
}

function secondOf(state: State): string {
  return new Date(state.now).toISOString().replace(/\.\d{3}Z$/, "Z");
}

export function findRepo(state: State, owner: string, name: string): Repo | null {
  const wanted = `${owner}/${name}`.toLowerCase();
  const isIt = (repo: Repo): boolean => `${repo.owner}/${repo.name}`.toLowerCase() === wanted;
  return state.repos.find(isIt) ?? state.repos.find((repo) => repo.formerNames.includes(wanted)) ?? null;
}

export function sameLabel(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function addLabel(state: State, repo: Repo, issue: Issue, label: string, actor: Account | null): void {
  if (issue.labels.some((one) => sameLabel(one, label))) return;
  if (!repo.labels.some((one) => sameLabel(one, label))) repo.labels.push(label);
  issue.labels.push(label);
  issue.timeline.push({ kind: "LabeledEvent", label, ...deed(state, actor) });
}

/** False when the issue did not have the label. */
export function removeLabel(state: State, issue: Issue, label: string, actor: Account | null): boolean {
  const found = issue.labels.find((one) => sameLabel(one, label));
  if (found === undefined) return false;
  issue.labels = issue.labels.filter((one) => one !== found);
  issue.timeline.push({ kind: "UnlabeledEvent", label: found, ...deed(state, actor) });
  return true;
}

export function setOpen(
  state: State,
  issue: Issue,
  open: boolean,
  actor: Account | null,
  by: { readonly commit?: string; readonly mergeCommit?: string } = {},
): void {
  if (issue.open === open) return;
  issue.open = open;
  issue.stateReason = open ? "reopened" : "completed";
  const common = deed(state, actor);
  if (open) issue.timeline.push({ kind: "ReopenedEvent", ...common });
  else {
    const { commit = null, mergeCommit } = by;
    issue.timeline.push({
      kind: "ClosedEvent",
      commit,
      ...(mergeCommit === undefined ? {} : { mergeCommit }),
      ...common,
    });
  }
}

export function addComment(state: State, issue: Issue, author: Account | null, body: string): Comment {
  const comment: Comment = {
    id: 3_000_000_000 + nextId(state),
    author,
    createdAt: tick(state),
    body,
    versions: [],
  };
  issue.comments.push(comment);
  return comment;
}

/** The first edit also makes a version of what was there before it. */
export function editComment(state: State, comment: Comment, editor: Account | null, body: string): void {
  if (comment.versions.length === 0)
    comment.versions = [{ editedAt: comment.createdAt, editor: comment.author, text: comment.body }];
  comment.versions = [{ editedAt: secondOf(state), editor, text: body }, ...comment.versions];
  comment.body = body;
}

export function deed(
  state: State,
  actor: Account | null,
): { id: string; createdAt: string; actor: Account | null } {
  return { id: `LE_lADO${nextId(state)}`, createdAt: tick(state), actor };
}
