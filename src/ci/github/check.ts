// Tells an operator whether the checks of the served repos can be read, and where there are none at all.
import type { Finding } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { inBatches, variableList } from "../../github/batches.ts";
import type { GithubClient } from "../../github/client.ts";
import { blinded, type GraphqlAnswer, isUnknown, partOf, problemAt } from "../../github/graphql.ts";
import type { RepoPath, Served } from "../../github/server.ts";
import { ProbedRepo } from "./schemas.ts";

const REPOS_AT_ONCE = 50;

/** Reads the checks of each default branch's newest commit. @throws AfkError when GitHub answers about no repo at all. */
export async function checkChecks(client: GithubClient, served: Served): Promise<readonly Finding[]> {
  const findings: Finding[] = served.gaps.map(({ on, message }) => ({ on, result: "config", message }));
  const failures: AfkError[] = [];
  await inBatches<RepoPath>(
    served.paths,
    REPOS_AT_ONCE,
    async (batch) => {
      const { declared, values } = variableList([
        { name: "o", type: "String!", values: batch.map(({ owner }) => owner) },
        { name: "n", type: "String!", values: batch.map(({ name }) => name) },
      ]);
      const text = probeText(declared, batch.length);
      const read = (answer: GraphqlAnswer): readonly Finding[] =>
        batch.map(({ repo }, index) => probed(answer, `r${index}`, repo));
      findings.push(...(await client.query(() => text, values, read)));
    },
    ({ repo }, error) => {
      failures.push(error);
      findings.push({ on: repo, result: error.kind, message: error.message });
    },
  );
  if (failures[0] !== undefined && failures.length === served.paths.length) throw failures[0];
  return findings;
}

function probed(answer: GraphqlAnswer, alias: string, repo: string): Finding {
  const what = `the checks of ${repo}`;
  const problem = problemAt(answer, alias);
  const value = problem === null ? partOf(ProbedRepo, answer.data[alias], what) : blinded(what, problem);
  if (!isUnknown(value)) return findingOf(repo, value);
  return { on: repo, result: value.kind === "bug" ? "contract" : value.kind, message: value.message };
}

function findingOf(repo: string, { defaultBranchRef }: ReturnType<typeof ProbedRepo.parse>): Finding {
  const total = defaultBranchRef?.target.statusCheckRollup?.contexts.totalCount ?? 0;
  if (total > 0)
    return { on: repo, result: "ok", message: `The newest commit of ${repo} has ${total} checks.` };
  return {
    on: repo,
    result: "warning",
    message: `The newest commit of ${repo} has no checks: without any, a landed commit waits until AFK_CI_MAX_SECONDS, unless AFK_NO_CI is green.`,
  };
}

function probeText(declared: string, count: number): string {
  const repos = Array.from(
    { length: count },
    (_, i) => `r${i}: repository(owner: $o${i}, name: $n${i}) {
    defaultBranchRef { target { ... on Commit { statusCheckRollup { contexts(first: 1) { totalCount } } } } }
  }`,
  );
  return `query Probe(${declared}) {\n  ${repos.join("\n  ")}\n}`;
}
