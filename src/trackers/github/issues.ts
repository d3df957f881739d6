// What the GitHub tracker does about issues that the list has found: details, landed commits and changes.
import type { AdapterDeps } from "../../adapter.ts";
import type { GithubClient } from "../../github/client.ts";
import type { Served } from "../../github/server.ts";
import type { Tracker } from "../../ports.ts";
import { readIssues } from "./details.ts";
import { readTexts } from "./edits.ts";
import { readLanded } from "./landed.ts";
import { createPeople } from "./people.ts";
import { writeChange } from "./write.ts";

export type SingleIssues = Omit<Tracker, "listIssues">;

export function createIssues(client: GithubClient, served: Served, deps: AdapterDeps): SingleIssues {
  const people = createPeople(client, deps);
  // REST and GraphQL know a comment by different ids; cards are few.
  const nodes = new Map<string, string>();
  return {
    readIssues: (refs) => readIssues({ client, served, people, nodes, deps }, refs),
    readCardTexts: (ref, commentId) => readTexts(client, ref, nodes.get(commentId)),
    readLanded: (queries) => readLanded(client, served, queries),
    write: (change) => writeChange(client, served, change),
  };
}
