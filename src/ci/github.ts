// The checks of GitHub as a verdict stage: check runs and commit statuses together, whoever reports them.
import { defineAdapter } from "../adapter.ts";
import { createGithubClient } from "../github/client.ts";
import { githubServer, githubVariables, servedRepos } from "../github/server.ts";
import type { Ci } from "../ports.ts";
import { checkChecks } from "./github/check.ts";
import { createVerdicts } from "./github/verdicts.ts";

export const githubCi = defineAdapter<Ci, typeof githubVariables>({
  variables: githubVariables,
  create(settings, deps) {
    const server = githubServer(settings.AFK_GITHUB_API_URL);
    const client = createGithubClient(server, settings.AFK_GITHUB_TOKEN, deps);
    const verdicts = createVerdicts(client, servedRepos(server, deps.repos), deps);
    return {
      readVerdict: (repo, sha) => verdicts.read(repo, sha),
      // GitHub starts checks itself, so nothing is ever `none` with `canRequest`.
      request: async () => undefined,
    };
  },
  async check(settings, deps) {
    const server = githubServer(settings.AFK_GITHUB_API_URL);
    const client = createGithubClient(server, settings.AFK_GITHUB_TOKEN, deps);
    return checkChecks(client, servedRepos(server, deps.repos));
  },
});
