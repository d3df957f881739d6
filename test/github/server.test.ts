// Which GitHub is meant: addresses and repo names for github.com, an Enterprise Server and ghe.com.
import { expect, it } from "vitest";
import { elsewhere, githubServer, repoName, repoPath } from "../../src/github/server.ts";

it.each([
  ["https://api.github.com", "https://api.github.com/graphql", null],
  ["https://git.example.com/api/v3", "https://git.example.com/api/graphql", "git.example.com"],
  ["https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql", "acme.ghe.com"],
  ["http://127.0.0.1:4811", "http://127.0.0.1:4811/graphql", "127.0.0.1"],
])("%s asks queries of %s", (rest, graphql, host) => {
  expect(githubServer(rest)).toEqual({ rest, graphql, host });
});

it.each(["http://git.example.com/api/v3", "http://10.0.0.1", "https://user:pass@git.example.com"])(
  "%s is refused before anything is sent",
  (url) => {
    expect(() => githubServer(url)).toThrow(/AFK_GITHUB_API_URL/);
  },
);

it.each([
  ["https://api.github.com", "acme/shop", "acme/shop"],
  ["https://api.github.com", "local/shop", null],
  ["https://api.github.com", "git.example.com/acme/shop", null],
  ["https://git.example.com/api/v3", "git.example.com/acme/shop", "acme/shop"],
  ["https://git.example.com/api/v3", "acme/shop", null],
  ["https://git.example.com/api/v3", "other.example.com/acme/shop", null],
  ["https://api.acme.ghe.com", "acme.ghe.com/acme/shop", "acme/shop"],
])("on %s, %s is %s", (url, repo, expected) => {
  const server = githubServer(url);
  const path = repoPath(server, repo);

  expect(path === null ? null : `${path.owner}/${path.name}`).toBe(expected);
  if (path !== null) expect(repoName(server, "Acme/Shop")).toBe(repo);
  else expect(elsewhere(server, repo)).toContain(repo);
});
