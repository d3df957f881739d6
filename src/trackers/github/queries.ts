// The texts of the tracker's queries. Names and numbers are always variables, never part of a text.
import { variableList } from "../../github/batches.ts";
import type { QueryText } from "../../github/client.ts";
import type { RepoPath } from "../../github/server.ts";

export interface Query {
  readonly text: QueryText;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The labels that make an issue afk's business. */
export interface RunLabels {
  readonly ready: string;
  readonly inProgress: string;
  readonly human: string;
}

const LISTED = "id number title url state";
const PAGE = "pageInfo { hasNextPage endCursor }";
const ORDER = "orderBy: { field: CREATED_AT, direction: ASC }";

/** What GitHub gives at once at most. */
const MOST = 100;

/** The first pages of up to 50 repos, without the issues' labels: they would cost many times as much as the rest. */
export function listQuery(asked: readonly { readonly path: RepoPath; readonly labels: RunLabels }[]): Query {
  const { declared, values } = variableList([
    { name: "o", type: "String!", values: asked.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: asked.map(({ path }) => path.name) },
    { name: "r", type: "[String!]", values: asked.map(({ labels }) => [labels.ready]) },
    { name: "p", type: "[String!]", values: asked.map(({ labels }) => [labels.inProgress]) },
    { name: "h", type: "[String!]", values: asked.map(({ labels }) => [labels.human]) },
  ]);
  const repos = asked.map(
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    nameWithOwner hasIssuesEnabled isArchived
    ready: issues(first: ${MOST}, states: [OPEN], labels: $r${i}, ${ORDER}) { ...Listed }
    inProgress: issues(first: ${MOST}, labels: $p${i}, ${ORDER}) { ...Listed }
    human: issues(first: ${MOST}, states: [OPEN], labels: $h${i}, ${ORDER}) { ...Listed }
  }`,
  );
  const text = `query List(${declared}) {
  ${repos.join("\n  ")}
}
fragment Listed on IssueConnection { ${PAGE} nodes { ${LISTED} } }`;
  return { text: () => text, variables: values };
}

export interface NextPage {
  readonly path: RepoPath;
  readonly label: string;
  readonly onlyOpen: boolean;
  readonly cursor: string;
}

/** Further pages of single lists. */
export function pageQuery(pages: readonly NextPage[]): Query {
  const { declared, values } = variableList([
    { name: "o", type: "String!", values: pages.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: pages.map(({ path }) => path.name) },
    { name: "l", type: "[String!]", values: pages.map(({ label }) => [label]) },
    { name: "s", type: "[IssueState!]", values: pages.map((page) => (page.onlyOpen ? ["OPEN"] : null)) },
    { name: "c", type: "String!", values: pages.map(({ cursor }) => cursor) },
  ]);
  const repos = pages.map(
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    page: issues(first: ${MOST}, after: $c${i}, states: $s${i}, labels: $l${i}, ${ORDER}) { ${PAGE} nodes { ${LISTED} } }
  }`,
  );
  const text = `query ListPage(${declared}) {\n  ${repos.join("\n  ")}\n}`;
  return { text: () => text, variables: values };
}

const COMMENTS = `${PAGE} nodes { id fullDatabaseId viewerDidAuthor createdAt body }`;
const ACTOR = "actor { kind: __typename login }";
const TIMELINE_ITEMS =
  "itemTypes: [LABELED_EVENT, UNLABELED_EVENT, CLOSED_EVENT, REOPENED_EVENT, RENAMED_TITLE_EVENT]";
const TIMELINE = `pageInfo { hasPreviousPage startCursor } nodes {
    kind: __typename
    ... on LabeledEvent { id createdAt ${ACTOR} label { name } }
    ... on UnlabeledEvent { createdAt label { name } }
    ... on ClosedEvent { createdAt closer { kind: __typename ... on Commit { oid } ... on PullRequest { mergeCommit { oid } } } }
    ... on ReopenedEvent { createdAt }
    ... on RenamedTitleEvent { createdAt ${ACTOR} }
  }`;

/** One repo and the numbers of the issues asked about in it. */
export interface DetailGroup {
  readonly path: RepoPath;
  readonly numbers: readonly number[];
}

/** Everything about up to 20 issues, with the newest commit of their repos' default branches. */
export function detailQuery(groups: readonly DetailGroup[]): Query {
  const { declared, values } = variableList([
    { name: "o", type: "String!", values: groups.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: groups.map(({ path }) => path.name) },
    ...groups.map(({ numbers }, i) => ({ name: `i${i}_`, type: "Int!", values: numbers })),
  ]);
  const repos = groups.map(
    ({ numbers }, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    hasIssuesEnabled
    defaultBranchRef { name target { oid } }
    ${numbers.map((_, k) => `i${k}: issue(number: $i${i}_${k}) { ...Detail }`).join("\n    ")}
  }`,
  );
  return {
    variables: values,
    text: (has) => `query Details(${declared}) {
  viewer { login }
  ${repos.join("\n  ")}
}
fragment Detail on Issue {
  ${LISTED} labels(first: 100) { nodes { name } } body createdAt lastEditedAt
  author { kind: __typename login }
  editor { kind: __typename login }
  userContentEdits(first: 100) { totalCount nodes { editedAt editor { kind: __typename login } } }
  comments(first: 50) { ${COMMENTS} }
  timelineItems(last: 100, ${TIMELINE_ITEMS}) { ${TIMELINE} }
  ${
    has("dependencies")
      ? "issueDependenciesSummary { blockedBy } blockedBy(first: 50) { nodes { number state repository { nameWithOwner } } }"
      : ""
  }
  ${has("subIssues") ? "subIssues(first: 100) { totalCount nodes { state } }" : ""}
}`,
  };
}

/** More comments of one issue, by its node id. */
export function commentsQuery(id: string, cursor: string): Query {
  const text = `query Comments($id: ID!, $cursor: String!) {
  node(id: $id) { ... on Issue { comments(first: 50, after: $cursor) { ${COMMENTS} } } }
}`;
  return { text: () => text, variables: { id, cursor } };
}

/** The newest versions of one comment, by its node id. */
export function editsQuery(id: string): Query {
  const text = `query Edits($id: ID!) {
  node(id: $id) { ... on IssueComment { userContentEdits(first: 20) { nodes { diff } } } }
}`;
  return { text: () => text, variables: { id } };
}

/** Older label and state events of one issue, by its node id. */
export function timelineQuery(id: string, cursor: string): Query {
  const text = `query Timeline($id: ID!, $cursor: String!) {
  node(id: $id) { ... on Issue { timelineItems(last: 100, before: $cursor, ${TIMELINE_ITEMS}) { ${TIMELINE} } } }
}`;
  return { text: () => text, variables: { id, cursor } };
}

/** The states of issues and pull requests that texts refer to. */
export function stateQuery(refs: readonly { readonly path: RepoPath; readonly number: number }[]): Query {
  const { declared, values } = variableList([
    { name: "o", type: "String!", values: refs.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: refs.map(({ path }) => path.name) },
    { name: "i", type: "Int!", values: refs.map(({ number }) => number) },
  ]);
  const repos = refs.map(
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    it: issueOrPullRequest(number: $i${i}) { ... on Issue { issueState: state } ... on PullRequest { pullState: state } }
  }`,
  );
  const text = `query States(${declared}) {\n  ${repos.join("\n  ")}\n}`;
  return { text: () => text, variables: values };
}

/** What `--check` needs to know about repos. */
export function checkQuery(asked: readonly { readonly path: RepoPath; readonly labels: RunLabels }[]): Query {
  const { declared, values } = variableList([
    { name: "o", type: "String!", values: asked.map(({ path }) => path.owner) },
    { name: "n", type: "String!", values: asked.map(({ path }) => path.name) },
    { name: "r", type: "String!", values: asked.map(({ labels }) => labels.ready) },
    { name: "p", type: "String!", values: asked.map(({ labels }) => labels.inProgress) },
    { name: "h", type: "String!", values: asked.map(({ labels }) => labels.human) },
  ]);
  const repos = asked.map(
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    nameWithOwner hasIssuesEnabled isArchived viewerPermission
    defaultBranchRef { name }
    ready: label(name: $r${i}) { name }
    inProgress: label(name: $p${i}) { name }
    human: label(name: $h${i}) { name }
  }`,
  );
  const text = `query Check(${declared}) {\n  viewer { login }\n  ${repos.join("\n  ")}\n}`;
  return { text: () => text, variables: values };
}
