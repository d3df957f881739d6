// Finds out which blockers of issues are open: GitHub's own dependencies first, then what the text says.
import { parseTextBlockers } from "../../core/blockers.ts";
import { type Blocker, type IssueDetail, issueName, type IssueRef } from "../../core/issue.ts";
import { inBatches } from "../../github/batches.ts";
import type { GithubClient } from "../../github/client.ts";
import { isUnknown, partOf, problemAt } from "../../github/graphql.ts";
import { repoName, type RepoPath, type Served } from "../../github/server.ts";
import { stateQuery } from "./queries.ts";
import { type RawIssue, StateRepo } from "./schemas.ts";

const STATES_AT_ONCE = 100;
/** An issue that says it waits for more than this is not looked up further: the rest cannot be read. */
const MAX_REFERENCES = 50;
/** GitHub's numbers are 32-bit; a larger one names nothing. */
const MAX_NUMBER = 2 ** 31 - 1;

/** The dependencies that GitHub knows, by name; one that the token cannot see is counted by GitHub and not shown. */
export function nativeBlockers(client: GithubClient, ref: IssueRef, issue: RawIssue): readonly Blocker[] {
  const nodes = issue.blockedBy?.nodes ?? [];
  const seen = nodes.filter((node) => node !== null);
  const blockers: Blocker[] = seen.map((node) => ({
    name: `${repoName(client.server, node.repository.nameWithOwner)}#${node.number}`,
    state: node.state === "CLOSED" ? "closed" : "open",
  }));
  const open = blockers.filter(({ state }) => state === "open").length;
  const hidden = Math.max(
    nodes.length - seen.length,
    (issue.issueDependenciesSummary?.blockedBy ?? 0) - open,
  );
  if (hidden > 0)
    blockers.push({
      name: `${hidden} that GitHub counts for ${issueName(ref)} and does not show`,
      state: "unreadable",
    });
  return blockers;
}

/** An issue with its text and what is known of its blockers. */
export type Blocked = Pick<IssueDetail, "repo" | "number" | "body" | "blockers">;

/** Completes blockers with those that texts name, each state read once. `known`: states that were read already. */
export async function withTextBlockers(
  client: GithubClient,
  served: Served,
  issues: readonly Blocked[],
  known: ReadonlyMap<string, Blocker["state"]>,
): Promise<readonly (readonly Blocker[])[]> {
  const states = new Map(known);
  const named = issues.map(({ repo, body, blockers }) =>
    parseTextBlockers(body, repo).filter((other) => !blockers.some(({ name }) => name === issueName(other))),
  );
  const paths = new Map(served.paths.map((path) => [path.repo, path]));
  const wanted = new Map<string, Wanted>();
  for (const ref of named.flatMap((refs) => refs.slice(0, MAX_REFERENCES))) {
    const path = paths.get(ref.repo);
    const name = issueName(ref);
    if (path === undefined || ref.number > MAX_NUMBER || states.has(name)) continue;
    wanted.set(name, { path, number: ref.number, name });
  }
  await readStates(client, [...wanted.values()], states);
  return issues.map(({ blockers }, index) => {
    const others = named[index] ?? [];
    if (others.length === 0) return blockers;
    const stated = (ref: IssueRef): Blocker => {
      const name = issueName(ref);
      return { name, state: states.get(name) ?? "unreadable" };
    };
    return [...blockers, ...others.map(stated)];
  });
}

interface Wanted {
  readonly path: RepoPath;
  readonly number: number;
  readonly name: string;
}

async function readStates(
  client: GithubClient,
  wanted: readonly Wanted[],
  states: Map<string, Blocker["state"]>,
): Promise<void> {
  await inBatches(
    wanted,
    STATES_AT_ONCE,
    async (batch) => {
      const { text, variables } = stateQuery(batch);
      await client.query(text, variables, (answer) => {
        for (const [index, { name }] of batch.entries()) {
          const part = partOf(StateRepo, answer.data[`r${index}`], name);
          const isRead = problemAt(answer, `r${index}`) === null && !isUnknown(part);
          states.set(name, isRead ? stateOf(part.it) : "unreadable");
        }
      });
    },
    // The hold names it; the next tick reads it again.
    ({ name }) => states.set(name, "unreadable"),
  );
}

function stateOf(it: ReturnType<typeof StateRepo.parse>["it"]): Blocker["state"] {
  switch (it?.issueState ?? it?.pullState ?? "") {
    case "OPEN":
      return "open";
    case "CLOSED":
    case "MERGED":
      return "closed";
    default:
      return "unreadable";
  }
}
