// Answers the tracker's questions over all served repos; what cannot be read of one does not hide the others.
import type { AdapterDeps } from "../../adapter.ts";
import {
  type IssueDetail,
  type IssueEvent,
  type IssueList,
  issueName,
  type IssueReadings,
  type IssueRef,
  type LandedCommit,
  type LandedQuery,
  type ListedIssue,
  type RepoFacts,
} from "../../core/issue.ts";
import { type Gap, known, type Observation } from "../../core/observation.ts";
import { toUnknown } from "../../errors.ts";
import { landingCommand, readDefaultBranch } from "../../machine/git.ts";
import { type FileReader, fileReader, readDetail, runLabels } from "./details.ts";
import { indexGaps, type IssueIndex, listed, readIndex, readIssueFile } from "./issue-file.ts";
import { gitOptions, readLandedCommits } from "./landed.ts";
import { type Place, placeOf, type Places } from "./place.ts";
import { readRecord, type RunLabels } from "./record.ts";

/** Enough to keep the disk busy, few enough to keep file handles and memory bounded. */
const FILES_AT_A_TIME = 32;

/** @throws AfkError when not one of the served repos has a directory of issues that can be read. */
export async function listIssues(places: Places, deps: AdapterDeps): Promise<IssueList> {
  const gaps: Gap[] = [...places.gaps];
  const issues: ListedIssue[] = [];
  const failures: unknown[] = [];
  for (const place of places.served) {
    try {
      const list = await listPlace(place, runLabels(deps.policyOf(place.repo)));
      issues.push(...list.issues);
      gaps.push(...list.gaps);
    } catch (error) {
      failures.push(error);
      gaps.push(gapOf(place.repo, error));
    }
  }
  if (failures.length > 0 && failures.length === places.served.length) throw failures[0];
  return { issues, gaps, renamed: [], limited: null };
}

/** Reads every issue of a repo and keeps those that concern afk. */
export async function listPlace(
  place: Place,
  labels: RunLabels,
): Promise<{ readonly issues: readonly ListedIssue[]; readonly gaps: readonly Gap[] }> {
  const index = await readIndex(place);
  const issues: ListedIssue[] = [];
  const gaps: Gap[] = [...indexGaps(place, index)];
  const numbers = [...index.names].filter(([, names]) => names.length === 1).map(([number]) => number);
  const ordered = numbers.toSorted((one, other) => one - other);
  for (let start = 0; start < ordered.length; start += FILES_AT_A_TIME) {
    const some = ordered.slice(start, start + FILES_AT_A_TIME);
    for (const read of await Promise.all(some.map((number) => readListed(place, index, number)))) {
      if ("message" in read) gaps.push(read);
      else if (concernsAfk(read, labels)) issues.push(read);
    }
  }
  return { issues, gaps };
}

async function readListed(place: Place, index: IssueIndex, number: number): Promise<ListedIssue | Gap> {
  const name = `${place.repo}#${number}`;
  try {
    const file = await readIssueFile(place, index, number);
    // The index has it; an absent one is impossible without a change of the index.
    return file === null ? gapOf(name, new Error("the index lost an issue")) : listed(file);
  } catch (error) {
    return gapOf(name, error);
  }
}

function gapOf(on: string, error: unknown): Gap {
  const { kind, message } = toUnknown(error);
  return { on, kind, message };
}

function concernsAfk(issue: ListedIssue, labels: RunLabels): boolean {
  if (issue.labels.includes(labels.inProgress)) return true;
  return issue.open && (issue.labels.includes(labels.ready) || issue.labels.includes(labels.human));
}

/** Reads the details of the asked issues and the facts of their repos, each on its own. */
export async function readIssues(
  places: Places,
  refs: readonly IssueRef[],
  deps: AdapterDeps,
): Promise<IssueReadings> {
  const reader = fileReader(places);
  // Each record before its file: a label that another tick sets in between must not look like one that a person removed.
  const records = new Map(refs.map((ref) => [ref, recordOf(places, ref)]));
  await Promise.allSettled(records.values());
  // A first look, because an editor that saves by renaming leaves an instant without a file; git takes longer than that.
  await Promise.allSettled(refs.map((ref) => reader.read(ref)));
  const repos = [...new Set(refs.map((ref) => ref.repo))];
  const facts = await Promise.all(
    repos.map(async (repo) => ({ repo, facts: await observe(() => readFacts(places, repo, deps)) })),
  );
  const absent = await absentRepos(refs, reader);
  for (const repo of absent) reader.lookAgain(repo);
  const issues = [];
  for (const ref of refs)
    issues.push({ ref, detail: await observe(() => readOne(places, ref, { reader, records }, deps)) });
  return { issues, repos: facts };
}

async function absentRepos(refs: readonly IssueRef[], reader: FileReader): Promise<ReadonlySet<string>> {
  const looks = await Promise.allSettled(refs.map(async (ref) => ({ ref, file: await reader.read(ref) })));
  const absent = looks.filter((look) => look.status === "fulfilled" && look.value.file === null);
  return new Set(absent.map((look) => (look.status === "fulfilled" ? look.value.ref.repo : "")));
}

async function recordOf(places: Places, ref: IssueRef): Promise<readonly IssueEvent[]> {
  return readRecord(placeOf(places, ref.repo), ref.number);
}

/** What was looked at before the details are put together. */
interface FirstLook {
  readonly reader: FileReader;
  readonly records: ReadonlyMap<IssueRef, Promise<readonly IssueEvent[]>>;
}

async function readOne(
  places: Places,
  ref: IssueRef,
  { reader, records }: FirstLook,
  deps: AdapterDeps,
): Promise<IssueDetail | null> {
  const place = placeOf(places, ref.repo);
  const file = await reader.read(ref);
  if (file === null) return null;
  const record = (await records.get(ref)) ?? [];
  const labels = runLabels(deps.policyOf(ref.repo));
  return readDetail(place, { file, record }, reader, labels, deps.clock.now());
}

async function readFacts(places: Places, repo: string, deps: AdapterDeps): Promise<RepoFacts> {
  const place = placeOf(places, repo);
  const branch = await readDefaultBranch(place.workspace, gitOptions(deps.environment));
  return { repo, defaultBranch: branch.name, head: branch.head, landing: landingCommand(branch) };
}

async function observe<T>(read: () => Promise<T>): Promise<Observation<T>> {
  try {
    return known(await read());
  } catch (error) {
    return toUnknown(error);
  }
}

/** Reads what landed, one answer per query in order; the queries of one repo share one look at its default branch. */
export async function readLanded(
  places: Places,
  queries: readonly LandedQuery[],
  deps: AdapterDeps,
): Promise<readonly Observation<readonly LandedCommit[]>[]> {
  const options = gitOptions(deps.environment);
  const answers = new Map<LandedQuery, Observation<readonly LandedCommit[]>>();
  for (const repo of new Set(queries.map((query) => query.repo))) {
    const ofRepo = queries.filter((query) => query.repo === repo);
    const read = await observe(() => readLandedCommits(placeOf(places, repo), ofRepo, options));
    for (const [index, query] of ofRepo.entries()) {
      const answer = read.known ? read.value[index] : read;
      if (answer !== undefined) answers.set(query, answer);
    }
  }
  return queries.map(
    (query) => answers.get(query) ?? toUnknown(new Error(`no answer about ${issueName(query)}`)),
  );
}
