// Tells an operator whether the local tracker would work here, and changes nothing.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import type { AdapterDeps, Finding } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure } from "../../machine/atomic-file.ts";
import { git, readDefaultBranch } from "../../machine/git.ts";
import { indexGaps, readIndex, readIssueFile } from "./issue-file.ts";
import { gitOptions } from "./landed.ts";
import type { Place, Places } from "./place.ts";
import { readOwned, reasonAgainst } from "./trust.ts";

/** Looks at every served repo: its directory, its issue files, whom they can be trusted to come from, and its git. */
export async function checkPlaces(places: Places, deps: AdapterDeps): Promise<readonly Finding[]> {
  const findings: Finding[] = places.gaps.map((gap) => ({
    on: gap.on,
    result: "config",
    message: gap.message,
  }));
  for (const place of places.served) {
    findings.push(...(await found(place, () => checkDirectory(place))));
    findings.push(...(await found(place, () => checkFiles(place))));
    findings.push(...(await found(place, () => checkGit(place, deps))));
  }
  return findings;
}

async function found(place: Place, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return [{ on: place.repo, result: error.kind, message: error.message }];
  }
}

async function checkDirectory(place: Place): Promise<readonly Finding[]> {
  // A missing directory is told with the files, and with how to make it.
  await readIndex(place);
  try {
    await access(place.issues, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileFailure(error, "write in", place.issues);
  }
  const reason = reasonAgainst(await readOwned(place.issues));
  return [
    { on: place.repo, result: "ok", message: `${place.issues} can be read and written.` },
    ...(reason === null ? [] : [untrusted(place, reason)]),
  ];
}

function untrusted(place: Place, reason: string): Finding {
  return {
    on: place.repo,
    result: "warning",
    message: `Nobody's ready label counts here, because ${reason}.`,
  };
}

async function checkFiles(place: Place): Promise<readonly Finding[]> {
  const index = await readIndex(place);
  const problems = indexGaps(place, index).map((gap) => gap.message);
  const reasons: string[] = [];
  let readable = 0;
  for (const [number, names] of index.names) {
    if (names.length > 1) continue;
    try {
      const file = await readIssueFile(place, index, number);
      const reason = file === null ? null : reasonAgainst(file);
      if (reason !== null) reasons.push(reason);
      readable += 1;
    } catch (error) {
      if (!(error instanceof AfkError)) throw error;
      problems.push(error.message);
    }
  }
  const findings: Finding[] = [
    problems.length === 0
      ? { on: place.repo, result: "ok", message: `${readable} issue files can be read.` }
      : {
          on: place.repo,
          result: "config",
          message: `${problems.length} things in ${place.issues} cannot be read, ${readable} files can. The first: ${problems[0]}`,
        },
  ];
  if (reasons.length > 0)
    findings.push({
      on: place.repo,
      result: "warning",
      message: `The ready label of ${reasons.length} issue files does not count. The first: ${reasons[0]}.`,
    });
  return findings;
}

async function checkGit(place: Place, deps: AdapterDeps): Promise<readonly Finding[]> {
  const options = gitOptions(deps.environment);
  const branch = await readDefaultBranch(place.workspace, options);
  const findings: Finding[] = [
    {
      on: place.repo,
      result: "ok",
      message: `The default branch of ${place.workspace} is ${branch.name}, at ${branch.head.slice(0, 12)}.`,
    },
  ];
  if (branch.remote !== null) return findings;
  const current = await git(place.workspace, ["symbolic-ref", "--short", "-q", "HEAD"], options);
  if (current.stdout.trim() === branch.name)
    findings.push({
      on: place.repo,
      result: "warning",
      message:
        `${place.workspace} has no remote and ${branch.name} is checked out: commits that agents land move the branch under your working tree. ` +
        `Make a bare repository to land in: \`git clone --bare . ../${place.repo.slice("local/".length)}.git && git remote add origin ../${place.repo.slice("local/".length)}.git\`.`,
    });
  return findings;
}
