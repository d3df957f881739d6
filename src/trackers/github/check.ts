// Tells an operator whether the GitHub tracker would work: the token, what it may do in each repo, and the labels.
import type { AdapterDeps, Finding } from "../../adapter.ts";
import type { AfkError } from "../../errors.ts";
import { inBatches } from "../../github/batches.ts";
import type { GithubClient } from "../../github/client.ts";
import { blinded, type GraphqlAnswer, isUnknown, partOf, problemExactlyAt } from "../../github/graphql.ts";
import { repoName, type RepoPath, type Served } from "../../github/server.ts";
import { runLabels } from "./list.ts";
import { checkQuery, type RunLabels } from "./queries.ts";
import { CheckedRepo, Viewer } from "./schemas.ts";

const REPOS_AT_ONCE = 50;

interface Asked {
  readonly path: RepoPath;
  readonly labels: RunLabels;
}

/** Asks about all served repos at once. @throws AfkError when GitHub refuses the token or cannot be reached at all. */
export async function checkRepos(
  client: GithubClient,
  served: Served,
  deps: AdapterDeps,
): Promise<readonly Finding[]> {
  const asked = served.paths.map((path) => ({ path, labels: runLabels(deps, path.repo) }));
  const findings = new Map<string, readonly Finding[]>();
  const failures: AfkError[] = [];
  let account: string | null = null;
  await inBatches<Asked>(
    asked,
    REPOS_AT_ONCE,
    async (batch) => {
      const { text, variables } = checkQuery(batch);
      await client.query(text, variables, (answer) => {
        const viewer = partOf(Viewer, answer.data["viewer"], "the token's account");
        if (!isUnknown(viewer)) account = viewer.login;
        for (const [index, one] of batch.entries())
          findings.set(one.path.repo, checkedRepo(client, answer, `r${index}`, one));
      });
    },
    ({ path }, error) => {
      failures.push(error);
      findings.set(path.repo, [{ on: path.repo, result: error.kind, message: error.message }]);
    },
  );
  if (failures[0] !== undefined && failures.length === asked.length) throw failures[0];
  return [
    ...served.gaps.map(({ on, message }): Finding => ({ on, result: "config", message })),
    ...(account === null ? [] : accountFindings(account, deps)),
    ...served.paths.flatMap(({ repo }) => findings.get(repo) ?? []),
  ];
}

function checkedRepo(
  client: GithubClient,
  answer: GraphqlAnswer,
  alias: string,
  asked: Asked,
): readonly Finding[] {
  const { repo } = asked.path;
  const problem = problemExactlyAt(answer, alias);
  const value = problem === null ? partOf(CheckedRepo, answer.data[alias], repo) : blinded(repo, problem);
  if (!isUnknown(value)) return repoFindings(client, asked, value);
  return [{ on: repo, result: value.kind === "bug" ? "contract" : value.kind, message: value.message }];
}

function accountFindings(login: string, deps: AdapterDeps): readonly Finding[] {
  const name = login.toLowerCase();
  const findings: Finding[] = [{ on: "github", result: "ok", message: `The token is ${login}'s.` }];
  const isPerson = !name.endsWith("[bot]");
  if (isPerson && !deps.policyOf("").trustedActors.includes(name))
    findings.push({
      on: "github",
      result: "warning",
      message: `Where the token's account (${login}) is also the person who labels, the gate refuses until that login is in AFK_TRUSTED_ACTORS.`,
    });
  return findings;
}

function repoFindings(
  client: GithubClient,
  { path, labels }: Asked,
  repo: ReturnType<typeof CheckedRepo.parse>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const tell = (result: Finding["result"], message: string): unknown =>
    findings.push({ on: path.repo, result, message });
  const now = repoName(client.server, repo.nameWithOwner);
  if (now !== path.repo)
    tell("config", `GitHub now calls ${path.repo} ${now}: put that name into AFK_ALLOWLIST.`);
  if (repo.isArchived)
    tell("config", `${path.repo} is archived: unarchive it, or take it out of AFK_ALLOWLIST.`);
  if (!repo.hasIssuesEnabled)
    tell("config", `${path.repo} has its issues switched off: switch them on in its settings.`);
  if (repo.defaultBranchRef === null)
    tell("config", `${path.repo} has no commit yet: push a first one to its default branch.`);
  if (repo.viewerPermission === "READ")
    tell(
      "config",
      `The token may only read ${path.repo} and can neither label nor push: give its account write access.`,
    );
  if (repo.viewerPermission === "TRIAGE")
    tell(
      "warning",
      `The token may label in ${path.repo} and not push: an agent that uses it cannot land commits.`,
    );
  const wanted = [
    [labels.ready, repo.ready],
    [labels.inProgress, repo.inProgress],
    [labels.human, repo.human],
  ] as const;
  const missing = wanted.filter(([, label]) => label === null).map(([name]) => name);
  if (missing.length > 0)
    tell("config", `${path.repo} lacks the labels ${missing.join(", ")}: make them under Issues, Labels.`);
  if (findings.length === 0)
    tell("ok", `${path.repo} can be read, labelled and written to, and has the labels.`);
  return findings;
}
