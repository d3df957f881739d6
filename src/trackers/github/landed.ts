// Finds the commits of runs on default branches: those after the run's base that carry a run's trailer.
import type { LandedCommit, LandedQuery } from "../../core/issue.ts";
import { known, type Observation, unknown } from "../../core/observation.ts";
import type { GithubClient } from "../../github/client.ts";
import { ancestorsOf, type History, readHistories } from "../../github/history.ts";
import { elsewhere, type Served } from "../../github/server.ts";

const TRAILER = /^AFK-Run:/im;

/** Answers each query in order; the queries of one repo share one walk down its default branch. */
export async function readLanded(
  client: GithubClient,
  served: Served,
  queries: readonly LandedQuery[],
): Promise<readonly Observation<readonly LandedCommit[]>[]> {
  const byRepo = Map.groupBy(queries, ({ repo }) => repo);
  const asked = served.paths.filter(({ repo }) => byRepo.has(repo));
  const histories = await readHistories(
    client,
    asked.map((path) => ({
      path,
      wanted: new Set((byRepo.get(path.repo) ?? []).map(({ base }) => base)),
    })),
  );
  const answers = new Map(asked.map(({ repo }, index) => [repo, histories[index]]));
  return queries.map((query) => {
    const history = answers.get(query.repo);
    if (history === undefined) return unknown("config", elsewhere(client.server, query.repo));
    return history.known ? landedSince(history.value, query) : history;
  });
}

function landedSince(
  { commits, complete }: History,
  { repo, base }: LandedQuery,
): Observation<readonly LandedCommit[]> {
  if (!commits.some(({ oid }) => oid === base))
    return complete
      ? unknown(
          "config",
          `The commit ${base.slice(0, 12)}, on which the run began, is not on the default branch of ${repo} any more: was its history rewritten?`,
        )
      : unknown(
          "transport",
          `The newest ${commits.length} commits of ${repo} do not reach back to ${base.slice(0, 12)}, on which the run began.`,
        );
  const before = ancestorsOf(commits, base);
  return known(
    commits
      .filter(({ oid, message }) => !before.has(oid) && TRAILER.test(message))
      .map(({ oid, message }) => ({ sha: oid, message: message.trimEnd() })),
  );
}
