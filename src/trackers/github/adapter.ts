// The GitHub tracker: reads by GraphQL, many repos and issues in one request, and writes by REST.
import { type AdapterDeps, defineAdapter, type Settings } from "../../adapter.ts";
import { createGithubClient, type GithubClient } from "../../github/client.ts";
import { githubServer, githubVariables, type Served, servedRepos } from "../../github/server.ts";
import type { Tracker } from "../../ports.ts";
import type { SingleIssues } from "./issues.ts";
import { listIssues } from "./list.ts";

export const githubTracker = defineAdapter<Tracker, typeof githubVariables>({
  variables: githubVariables,
  create(settings, deps) {
    const { client, served } = connect(settings, deps);
    // Most ticks find no issue, and are spared what only issues need.
    let single: Promise<SingleIssues> | null = null;
    const issues = (): Promise<SingleIssues> =>
      (single ??= import("./issues.ts").then(({ createIssues }) => createIssues(client, served, deps)));
    return {
      listIssues: () => listIssues(client, served, deps),
      readIssues: async (refs) => (await issues()).readIssues(refs),
      readCardTexts: async (ref, commentId) => (await issues()).readCardTexts(ref, commentId),
      readLanded: async (queries) => (await issues()).readLanded(queries),
      write: async (change) => (await issues()).write(change),
    };
  },
  async check(settings, deps) {
    const { client, served } = connect(settings, deps);
    const { checkRepos } = await import("./check.ts");
    return checkRepos(client, served, deps);
  },
});

function connect(
  settings: Settings<typeof githubVariables>,
  deps: AdapterDeps,
): { readonly client: GithubClient; readonly served: Served } {
  const server = githubServer(settings.AFK_GITHUB_API_URL);
  return {
    client: createGithubClient(server, settings.AFK_GITHUB_TOKEN, deps),
    served: servedRepos(server, deps.repos),
  };
}
