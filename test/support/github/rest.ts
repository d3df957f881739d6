// Answers the REST calls that afk makes over the double's world; what GitHub does not document is refused and remembered.
import { undocumented } from "./rest-table.ts";
import type { Account, Issue, Repo, Role, State } from "./state.ts";
import { addComment, addLabel, editComment, findRepo, removeLabel, setOpen } from "./state.ts";

export interface RestAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly location?: string;
}

export interface RestCallMade {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
  readonly viewer: Account;
}

const MAY: Readonly<Record<Role, readonly string[]>> = {
  admin: ["pull", "triage", "push", "maintain", "admin"],
  maintain: ["pull", "triage", "push", "maintain"],
  write: ["pull", "triage", "push"],
  triage: ["pull", "triage"],
  read: ["pull"],
};

export function answerRest(state: State, call: RestCallMade, violations: string[]): RestAnswer {
  const { method, url, body, viewer } = call;
  const violation = undocumented(method, url.pathname, body);
  if (violation !== null) {
    violations.push(violation);
    return { status: 422, body: { message: violation } };
  }
  const [owner = "", name = "", ...rest] = url.pathname.split("/").slice(2).map(decodeURIComponent);
  const repo = findRepo(state, owner, name);
  if (repo === null || repo.error !== null) return notFound();
  if (`${repo.owner}/${repo.name}`.toLowerCase() !== `${owner}/${name}`.toLowerCase())
    return { status: 301, body: { message: "Moved Permanently" }, location: "/repositories/1" };
  if (rest[0] === "collaborators") return permission(repo, rest[1] ?? "", state);
  if (!repo.issuesEnabled) return { status: 410, body: { message: "Issues are disabled for this repo" } };
  if (!may(repo, viewer, "pull")) return notFound();
  if (rest[1] === "comments") return changeComment(state, repo, rest[2] ?? "", call);
  const issue = repo.issues.get(Number(rest[1]));
  if (issue === undefined) return notFound();
  if (repo.archived && method !== "GET")
    return { status: 403, body: { message: "Repository was archived so is read-only." } };
  return onIssue(state, repo, issue, rest.slice(2), call);
}

function notFound(): RestAnswer {
  return { status: 404, body: { message: "Not Found" } };
}

function may(repo: Repo, { login }: Account, what: string): boolean {
  const person = repo.people.get(login);
  return person === undefined ? repo.isPublic && what === "pull" : MAY[person.role].includes(what);
}

function permission(repo: Repo, login: string, state: State): RestAnswer {
  const account = [...state.accounts.values()].find((one) => one.login.toLowerCase() === login.toLowerCase());
  if (account !== undefined && account.type !== "User")
    return { status: 404, body: { message: `${login} is not a user` } };
  const person = [...repo.people].find(([one]) => one.toLowerCase() === login.toLowerCase())?.[1];
  const role = person?.role ?? (repo.isPublic ? "read" : null);
  if (role === null) return { status: 200, body: { permission: "none", role_name: "none", user: { login } } };
  const booleans = Object.fromEntries(MAY.admin.map((word) => [word, MAY[role].includes(word)]));
  // The old words: triage shows as read, and maintain as write.
  const word = role === "triage" ? "read" : role === "maintain" ? "write" : role;
  return {
    status: 200,
    body: { permission: word, role_name: person?.custom ?? role, user: { login, permissions: booleans } },
  };
}

function changeComment(
  state: State,
  repo: Repo,
  id: string,
  { method, body, viewer }: RestCallMade,
): RestAnswer {
  for (const issue of repo.issues.values()) {
    const comment = issue.comments.find((one) => String(one.id) === id);
    if (comment === undefined) continue;
    if (comment.author?.login !== viewer.login && !may(repo, viewer, "push"))
      return { status: 403, body: {} };
    if (method === "DELETE") {
      issue.comments = issue.comments.filter((one) => one !== comment);
      return { status: 204 };
    }
    editComment(state, comment, viewer, textIn(body, "body"));
    return { status: 200, body: { id: comment.id, body: comment.body } };
  }
  return notFound();
}

function onIssue(
  state: State,
  repo: Repo,
  issue: Issue,
  rest: readonly string[],
  { method, body, viewer }: RestCallMade,
): RestAnswer {
  const labels = (): unknown => issue.labels.map((name) => ({ name }));
  if (method === "GET") return { status: 200, body: labels() };
  if (method === "POST" && rest[0] === "comments") {
    const comment = addComment(state, issue, viewer, textIn(body, "body"));
    return { status: 201, body: { id: comment.id, body: comment.body } };
  }
  if (!may(repo, viewer, "triage"))
    return { status: 403, body: { message: "Must have admin rights to Repository." } };
  if (method === "POST") {
    for (const label of listIn(body, "labels")) addLabel(state, repo, issue, label, viewer);
    return { status: 200, body: labels() };
  }
  if (method === "DELETE") {
    const isGone = removeLabel(state, issue, rest[1] ?? "", viewer);
    return isGone
      ? { status: 200, body: labels() }
      : { status: 404, body: { message: "Label does not exist" } };
  }
  setOpen(state, issue, textIn(body, "state") === "open", viewer);
  return { status: 200, body: { number: issue.number, state: issue.open ? "open" : "closed" } };
}

function textIn(body: unknown, name: string): string {
  return typeof body === "object" && body !== null ? String(Reflect.get(body, name)) : "";
}

function listIn(body: unknown, name: string): readonly string[] {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : [];
  return Array.isArray(value) ? value.map(String) : [];
}
