// The checks of GitHub as a verdict stage: check runs and commit statuses together, whoever reports them.
import { defineAdapter } from "../adapter.ts";
import { createGithubClient } from "../github/client.ts";
import { githubServer, githubVariables, servedRepos } from "../github/server.ts";
import type { Ci } from "../ports.ts";
import type { Verdicts } from "./github/verdicts.ts";

export const githubCi = defineAdapter<Ci, typeof githubVariables>({
  variables: githubVariables,
  create(settings, deps) {
    const server = githubServer(settings.AFK_GITHUB_API_URL);
    const client = createGithubClient(server, settings.AFK_GITHUB_TOKEN, deps);
    const served = servedRepos(server, deps.repos);
    let made: Promise<Verdicts> | null = null;
    // Most ticks have no commit to ask about, and are spared what only commits need.
    const verdicts = (): Promise<Verdicts> =>
      (made ??= import("./github/verdicts.ts").then(({ createVerdicts }) =>
        createVerdicts(client, served, deps),
      ));
    return {
      readVerdict: async (repo, sha) => (await verdicts()).read(repo, sha),
      // GitHub starts checks itself, so nothing is ever `none` with `canRequest`.
      request: async () => undefined,
    };
  },
  async check(settings, deps) {
    const server = githubServer(settings.AFK_GITHUB_API_URL);
    const client = createGithubClient(server, settings.AFK_GITHUB_TOKEN, deps);
    const { checkChecks } = await import("./github/check.ts");
    return checkChecks(client, servedRepos(server, deps.repos));
  },
});
