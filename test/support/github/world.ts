// A GitHub with one repo, and what people do there: the hands of a test.
import type { AdapterDeps } from "../../../src/adapter.ts";
import type { Clock } from "../../../src/ports.ts";
import { Secret } from "../../../src/secret.ts";
import { machineDeps } from "../machine.ts";
import { type GithubServer, githubServerDouble } from "./server.ts";
import {
  type Account,
  addComment,
  addLabel,
  type Check,
  type Comment,
  type Commit,
  deed,
  findRepo,
  type Issue,
  nextId,
  removeLabel,
  type Repo,
  type Role,
  setOpen,
  type State,
  tick,
} from "./state.ts";

export const TOKEN = "ghp_worldtoken";
export const SETTINGS = {
  AFK_GITHUB_API_URL: "https://api.github.com",
  AFK_GITHUB_TOKEN: new Secret(() => TOKEN),
} as const;

export interface NewGithubIssue {
  readonly title: string;
  readonly body?: string;
  readonly labels?: readonly string[];
  /** Who opens it; by default the maintainer. */
  readonly by?: Account | null;
  /** Who labels it; by default the maintainer. */
  readonly labeledBy?: Account | null;
}

export interface People {
  readonly maintainer: Account;
  readonly outsider: Account;
  /** The account of the token. */
  readonly afk: Account;
}

export interface GithubWorld {
  readonly state: State;
  readonly server: GithubServer;
  readonly people: People;
  readonly deps: AdapterDeps;
  readonly warnings: string[];
  readonly slept: number[];
  addRepo(name: string): Repo;
  repo(name?: string): Repo;
  issue(number: number, repo?: string): Issue;
  join(login: string, type?: Account["type"], role?: Role, custom?: string): Account;
  open(issue: NewGithubIssue, repo?: string): number;
  label(number: number, label: string, by?: Account | null): void;
  unlabel(number: number, label: string, by?: Account | null): void;
  editBody(number: number, body: string, by: Account | null, repo?: string): void;
  editTitle(number: number, title: string, by: Account | null, repo?: string): void;
  comment(number: number, text: string, by?: Account | null): Comment;
  close(number: number, by?: Account | null): void;
  /** Somebody pushes a commit to the default branch; closing keywords in it close issues. */
  push(message: string, options?: { readonly parents?: readonly string[]; readonly repo?: string }): string;
  setChecks(sha: string, checks: readonly Check[], repo?: string): void;
}

const START = Date.parse("2026-11-20T08:00:00Z");
export const REPO = "acme/shop";

export interface WorldOptions {
  readonly repos?: readonly string[];
  readonly allowlist?: readonly string[];
  readonly policy?: Parameters<typeof machineDeps>[0]["policy"];
}

export function githubWorld(options: WorldOptions = {}): GithubWorld {
  const maintainer: Account = { login: "maria", type: "User" };
  const outsider: Account = { login: "oscar", type: "User" };
  const afk: Account = { login: "afk-account", type: "User" };
  const accounts = new Map([
    [TOKEN, afk],
    ["maria", maintainer],
    ["oscar", outsider],
  ]);
  const state: State = { now: START, repos: [], accounts, lastId: 0 };
  const server = githubServerDouble(state);
  const warnings: string[] = [];
  const slept: number[] = [];
  const clock: Clock = {
    now: () => state.now,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      state.now += milliseconds;
    },
  };
  const names = options.repos ?? [REPO];

  function addRepo(name: string): Repo {
    const [owner = "", short = ""] = name.split("/");
    const repo: Repo = {
      owner,
      name: short,
      formerNames: [],
      archived: false,
      issuesEnabled: true,
      isPublic: true,
      defaultBranch: "main",
      labels: ["bug", "ready-for-agent", "agent-in-progress", "ready-for-human"],
      people: new Map([
        [maintainer.login, { role: "maintain" }],
        [afk.login, { role: "write" }],
      ]),
      issues: new Map(),
      commits: [],
      lastNumber: 0,
      error: null,
    };
    state.repos.push(repo);
    return repo;
  }
  for (const name of names) {
    addRepo(name);
    push("Start", { repo: name });
  }

  function repoOf(name: string = names[0] ?? REPO): Repo {
    const [owner = "", short = ""] = name.split("/");
    const repo = findRepo(state, owner, short);
    if (repo === null) throw new Error(`There is no repo ${name}.`);
    return repo;
  }
  function issueOf(number: number, name?: string): Issue {
    const issue = repoOf(name).issues.get(number);
    if (issue === undefined) throw new Error(`There is no issue ${number}.`);
    return issue;
  }

  function push(
    message: string,
    { parents, repo: name }: { readonly parents?: readonly string[]; readonly repo?: string } = {},
  ): string {
    const repo = repoOf(name);
    const head = repo.commits[0];
    tick(state);
    const oid = nextId(state).toString(16).padStart(8, "0") + "c0de".repeat(8);
    const commit: Commit = {
      oid,
      message,
      parents: parents ?? (head === undefined ? [] : [head.oid]),
      checks: [],
      hiddenState: null,
      checksError: null,
    };
    repo.commits.unshift(commit);
    for (const [, number] of message.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #(\d+)/gi)) {
      const issue = repo.issues.get(Number(number));
      if (issue !== undefined) setOpen(state, issue, false, afk, { commit: oid });
    }
    return oid;
  }

  const deps = machineDeps({
    base: "/nowhere",
    repos: options.allowlist ?? names,
    clock,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  });
  return {
    state,
    server,
    people: { maintainer, outsider, afk },
    warnings,
    slept,
    deps: {
      ...deps,
      fetch: server.fetch,
      log: { debug: () => undefined, info: () => undefined, warn: (message) => void warnings.push(message) },
    },
    addRepo,
    repo: repoOf,
    issue: issueOf,
    join(login, type = "User", role, custom) {
      const account = { login, type };
      state.accounts.set(login, account);
      if (role !== undefined) repoOf().people.set(login, custom === undefined ? { role } : { role, custom });
      return account;
    },
    open({ title, body = "", labels = [], by = maintainer, labeledBy = maintainer }, name) {
      const repo = repoOf(name);
      repo.lastNumber += 1;
      const issue: Issue = {
        id: `I_kwDO${nextId(state)}`,
        number: repo.lastNumber,
        author: by,
        createdAt: tick(state),
        title,
        body,
        open: true,
        stateReason: null,
        labels: [],
        edits: [],
        lostEdits: 0,
        comments: [],
        timeline: [],
        blockedBy: [],
        hiddenBlockers: 0,
        subIssues: [],
        error: null,
      };
      repo.issues.set(issue.number, issue);
      for (const label of labels) addLabel(state, repo, issue, label, labeledBy);
      return issue.number;
    },
    label: (number, label, by = maintainer) => addLabel(state, repoOf(), issueOf(number), label, by),
    unlabel: (number, label, by = maintainer) => void removeLabel(state, issueOf(number), label, by),
    editBody(number, body, by, name) {
      const issue = issueOf(number, name);
      issue.body = body;
      issue.edits.unshift({ editedAt: tick(state), editor: by });
    },
    editTitle(number, title, by, name) {
      const issue = issueOf(number, name);
      issue.title = title;
      issue.timeline.push({ kind: "RenamedTitleEvent", ...deed(state, by) });
    },
    comment: (number, text, by = maintainer) => addComment(state, issueOf(number), by, text),
    close: (number, by = maintainer) => setOpen(state, issueOf(number), false, by),
    push,
    setChecks(sha, checks, name) {
      const commit = repoOf(name).commits.find(({ oid }) => oid === sha);
      if (commit === undefined) throw new Error(`There is no commit ${sha}.`);
      commit.checks = [...checks];
    },
  };
}
