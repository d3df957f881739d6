// The GitHub tracker: reads by GraphQL, many repos and issues in one request, and writes by REST.
import { type AdapterDeps, defineAdapter, type Settings } from "../../adapter.ts";
import { createGithubClient, type GithubClient } from "../../github/client.ts";
import { githubServer, githubVariables, type Served, servedRepos } from "../../github/server.ts";
import type { Tracker } from "../../ports.ts";
import { checkRepos } from "./check.ts";
import { readIssues } from "./details.ts";
import { readLanded } from "./landed.ts";
import { listIssues } from "./list.ts";
import { createPeople } from "./people.ts";
import { writeChange } from "./write.ts";

export const githubTracker = defineAdapter<Tracker, typeof githubVariables>({
  variables: githubVariables,
  create(settings, deps) {
    const { client, served } = connect(settings, deps);
    const people = createPeople(client, deps);
    return {
      listIssues: () => listIssues(client, served, deps),
      readIssues: (refs) => readIssues({ client, served, people, deps }, refs),
      readLanded: (queries) => readLanded(client, served, queries),
      write: (change) => writeChange(client, served, change),
    };
  },
  async check(settings, deps) {
    const { client, served } = connect(settings, deps);
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
