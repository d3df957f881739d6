// Which GitHub is served: its addresses and token, and which allowlisted repos are on it (DESIGN section 1).
import { httpUrl, secret } from "../config/parsers.ts";
import type { Gap } from "../core/observation.ts";
import { checkedUrl } from "../http.ts";

/** The variables that the tracker and the checks share. */
export const githubVariables = {
  AFK_GITHUB_API_URL: {
    about: "The REST address of GitHub: `https://HOST/api/v3` for a GitHub Enterprise Server.",
    parse: httpUrl("https://api.github.com"),
  },
  AFK_GITHUB_TOKEN: {
    about: "The token for GitHub, else the one in `GITHUB_TOKEN`.",
    parse: secret(),
    orElse: "GITHUB_TOKEN",
  },
} as const;

export interface GithubServer {
  /** The base address of REST, without a slash at the end. */
  readonly rest: string;
  readonly graphql: string;
  /** What repo names begin with; null on github.com. */
  readonly host: string | null;
}

/** A repo as GitHub's requests name it. */
export interface RepoPath {
  /** As the rest of afk names it, in lower case. */
  readonly repo: string;
  readonly owner: string;
  readonly name: string;
}

/** @throws AfkError `config` when the address would be sent unencrypted or is none. */
export function githubServer(apiUrl: string): GithubServer {
  const url = checkedUrl("GitHub (AFK_GITHUB_API_URL)", apiUrl);
  const rest = url.href.replace(/\/+$/, "");
  const isEnterprise = rest.endsWith("/api/v3");
  const host = url.hostname;
  return {
    rest,
    graphql: isEnterprise ? `${rest.slice(0, -"/v3".length)}/graphql` : `${rest}/graphql`,
    host: host === "api.github.com" ? null : host.replace(/^api\.(?=.+\.ghe\.com$)/, ""),
  };
}

/** The path of a repo on this GitHub; null when its name belongs elsewhere. */
export function repoPath(server: GithubServer, repo: string): RepoPath | null {
  const parts = repo.split("/");
  const [owner, name] = server.host === null ? parts : parts.slice(1);
  const isOnHost = server.host === null ? parts[0] !== "local" : parts[0] === server.host;
  if (!isOnHost || parts.length !== (server.host === null ? 2 : 3)) return null;
  return owner === undefined || name === undefined ? null : { repo, owner, name };
}

/** The name by which the rest of afk calls what GitHub calls `Owner/Name`. */
export function repoName(server: GithubServer, nameWithOwner: string): string {
  const name = nameWithOwner.toLowerCase();
  return server.host === null ? name : `${server.host}/${name}`;
}

export interface Served {
  readonly paths: readonly RepoPath[];
  /** The repos that no request may name, because they are elsewhere. */
  readonly gaps: readonly Gap[];
}

/** Splits the allowlist into what this GitHub serves and what it cannot. */
export function servedRepos(server: GithubServer, repos: readonly string[]): Served {
  const paths: RepoPath[] = [];
  const gaps: Gap[] = [];
  for (const repo of repos) {
    const path = repoPath(server, repo);
    if (path === null) gaps.push({ on: repo, kind: "config", message: elsewhere(server, repo) });
    else paths.push(path);
  }
  return { paths, gaps };
}

/** Says why a repo is not asked about. */
export function elsewhere(server: GithubServer, repo: string): string {
  const form = server.host === null ? "owner/name" : `${server.host}/owner/name`;
  return `${repo} is not on the GitHub of AFK_GITHUB_API_URL: its repos are listed in AFK_ALLOWLIST as ${form}.`;
}
