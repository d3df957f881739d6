// Says what GitHub's checks mean for one commit; the questions of one moment share their requests.
import type { AdapterDeps } from "../../adapter.ts";
import type { Unknown } from "../../core/observation.ts";
import type { StageVerdict } from "../../core/verdict.ts";
import { AfkError } from "../../errors.ts";
import type { GithubClient } from "../../github/client.ts";
import { isUnknown } from "../../github/graphql.ts";
import { ancestorsOf, readHistories } from "../../github/history.ts";
import { elsewhere, type Served } from "../../github/server.ts";
import { type CommitReading, type CommitRef, readCommits } from "./commits.ts";
import { fold, type Folded } from "./fold.ts";
import { failuresOf } from "./output.ts";

export interface Verdicts {
  /** @throws AfkError when the checks cannot be read in full, or GitHub says more than it shows. */
  read(repo: string, sha: string): Promise<StageVerdict>;
}

/** How many newer commits are looked at for a verdict on one whose checks were cancelled. */
const MAX_DESCENDANTS = 20;

interface Waiting {
  readonly commit: CommitRef;
  readonly done: (reading: CommitReading | Unknown) => void;
  readonly failed: (error: unknown) => void;
}

export function createVerdicts(client: GithubClient, served: Served, deps: AdapterDeps): Verdicts {
  const paths = new Map(served.paths.map((path) => [path.repo, path]));
  let waiting: Waiting[] = [];

  /** Collects the questions that are asked before the event loop turns, and asks them together. */
  function readTogether(commit: CommitRef): Promise<CommitReading | Unknown> {
    if (waiting.length === 0) setImmediate(() => void flush());
    return new Promise((done, failed) => {
      waiting.push({ commit, done, failed });
    });
  }
  async function flush(): Promise<void> {
    const asked = waiting;
    waiting = [];
    try {
      const readings = await readCommits(
        client,
        asked.map(({ commit }) => commit),
      );
      for (const [index, { done, failed }] of asked.entries()) {
        const reading = readings[index];
        if (reading === undefined) failed(new Error("a commit got no answer"));
        else done(reading);
      }
    } catch (error) {
      for (const { failed } of asked) failed(error);
    }
  }

  return {
    async read(repo, sha) {
      const path = paths.get(repo);
      if (path === undefined) throw new AfkError("config", elsewhere(client.server, repo));
      const commit = { path, sha };
      const folded = foldReading(commit, await readTogether(commit));
      if (folded.kind === "cancelled") return superseded(client, commit, folded, deps);
      return verdictOf(client, folded, deps);
    },
  };
}

function foldReading({ path, sha }: CommitRef, reading: CommitReading | Unknown): Folded {
  if (isUnknown(reading))
    throw new AfkError(reading.kind === "bug" ? "contract" : reading.kind, reading.message);
  const folded = fold(reading.contexts, reading.suites);
  if (folded.kind !== "green" && folded.kind !== "present") return folded;
  switch (reading.state ?? "") {
    case "SUCCESS":
      return folded;
    case "FAILURE":
    case "ERROR":
      // GitHub's own word does not leave out what a later attempt mended.
      if (folded.hasOldFailure) return folded;
      throw new AfkError(
        "config",
        `GitHub calls ${path.repo} at ${sha.slice(0, 12)} failed and shows no failed check: give the token read access to checks and commit statuses.`,
      );
    default:
      return { ...folded, kind: "pending" };
  }
}

async function verdictOf(client: GithubClient, folded: Folded, deps: AdapterDeps): Promise<StageVerdict> {
  const [first] = folded.items;
  const names = folded.items.map(({ name }) => name).join(", ");
  switch (folded.kind) {
    case "none":
    // Skipped and neutral checks prove nothing; whether that is enough is for AFK_NO_CI to say.
    case "present":
      return { kind: "none", canRequest: false };
    case "green": {
      const green = folded.items.filter(({ word }) => word === "green");
      return {
        kind: "green",
        message: `${green.length} of GitHub's checks passed: ${green.map(({ name }) => name).join(", ")}`,
        url: green[0]?.url ?? null,
      };
    }
    case "red":
    case "cancelled":
      return { kind: "red", failures: await failuresOf(client, folded.items, deps) };
    case "held":
      return { kind: "held", message: `A person must approve ${names} on GitHub.`, url: first?.url ?? null };
    case "pending":
      return { kind: "pending", message: `GitHub's checks are not done: ${names}.` };
  }
}

/** Our checks were cancelled: the first newer commit with a verdict counts if it is green, and is not ours if it is red. */
async function superseded(
  client: GithubClient,
  commit: CommitRef,
  folded: Folded,
  deps: AdapterDeps,
): Promise<StageVerdict> {
  const { path, sha } = commit;
  const [history] = await readHistories(client, [{ path, wanted: new Set([sha]) }]);
  if (history?.known !== true)
    throw new AfkError(
      "transport",
      `The checks of ${sha.slice(0, 12)} were cancelled, and newer commits of ${path.repo} could not be read.`,
    );
  const { commits } = history.value;
  const newer = commits.filter(({ oid }) => oid !== sha && ancestorsOf(commits, oid).has(sha)).toReversed();
  const pending = (what: string): StageVerdict => ({
    kind: "pending",
    message: `The checks of ${sha.slice(0, 12)} were cancelled, and ${what}.`,
  });
  if (!commits.some(({ oid }) => oid === sha)) return pending("it is not among the newest commits");
  // Nobody pushed anything newer, so somebody cancelled them by hand.
  if (newer.length === 0) return verdictOf(client, folded, deps);
  const refs = newer.slice(0, MAX_DESCENDANTS).map(({ oid }) => ({ path, sha: oid }));
  const readings = await readCommits(client, refs);
  for (const [index, ref] of refs.entries()) {
    const reading = readings[index];
    if (reading === undefined) continue;
    const { kind, items } = foldReading(ref, reading);
    if (kind === "green")
      return {
        kind: "green",
        message: `The checks of ${sha} were cancelled by a newer push, and those of ${ref.sha}, which contains it, passed`,
        url: items[0]?.url ?? null,
      };
    if (kind === "red")
      return pending(`those of the newer ${ref.sha.slice(0, 12)} failed, which may not be its fault`);
  }
  return pending("no newer commit has a verdict yet");
}
