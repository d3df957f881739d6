// Reads everything a decision about one issue needs: its file, its blockers' files, afk's record and the run card.
import {
  type Blocker,
  type IssueDetail,
  type IssueEvent,
  issueName,
  type IssueRef,
} from "../../core/issue.ts";
import { parseTextBlockers } from "../../core/blockers.ts";
import type { Policy } from "../../core/policy.ts";
import { AfkError } from "../../errors.ts";
import { readCards } from "./comments.ts";
import { type IssueFile, type IssueIndex, listed, readIndex, readIssueFile } from "./issue-file.ts";
import { foldLabel } from "./issue-text.ts";
import { type Place, placeOf, type Places } from "./place.ts";
import { armingNumber, derivedEvents, folderOf, type RunLabels } from "./record.ts";
import { ownerOf, readOwned } from "./trust.ts";

/** The labels of a policy, as labels are compared. */
export function runLabels(policy: Policy): RunLabels {
  return {
    ready: foldLabel(policy.readyLabel),
    inProgress: foldLabel(policy.inProgressLabel),
    human: foldLabel(policy.humanLabel),
  };
}

/** Reads the files of several issues, looking into each directory and each file once. */
export interface FileReader {
  /** Null when the readable directory has no such issue. */
  read(ref: IssueRef): Promise<IssueFile | null>;
  /** Forgets what is not there, so that the next look at it is a fresh one. */
  lookAgain(repo: string): void;
}

export function fileReader(places: Places): FileReader {
  const indexes = new Map<string, Promise<IssueIndex>>();
  const files = new Map<string, Promise<IssueFile | null>>();
  return {
    read(ref) {
      const name = issueName(ref);
      const file = files.get(name) ?? readOne(places, indexes, ref);
      files.set(name, file);
      return file;
    },
    lookAgain(repo) {
      indexes.delete(repo);
      files.clear();
    },
  };
}

async function readOne(
  places: Places,
  indexes: Map<string, Promise<IssueIndex>>,
  ref: IssueRef,
): Promise<IssueFile | null> {
  const place = placeOf(places, ref.repo);
  const index = indexes.get(ref.repo) ?? readIndex(place);
  indexes.set(ref.repo, index);
  return readIssueFile(place, await index, ref.number);
}

/** Puts together the details of one issue whose record and file were read. `now` dates what a person did, in milliseconds since the epoch. */
export async function readDetail(
  place: Place,
  { file, record }: { readonly file: IssueFile; readonly record: readonly IssueEvent[] },
  reader: FileReader,
  labels: RunLabels,
  now: number,
): Promise<IssueDetail> {
  const folder = folderOf(place, file.number);
  const owner = ownerOf(file, await readOwned(place.issues));
  const isReady = file.issue.labels.includes(labels.ready);
  return {
    ...listed(file),
    body: file.issue.body,
    author: owner,
    arming: isReady
      ? { id: String(armingNumber(record, labels)), at: Math.floor(file.stats.mtimeMs), actor: owner }
      : null,
    edits: { kind: "no_history" },
    blockers: await readBlockers(file, reader),
    openSubIssues: 0,
    events: [...record, ...derivedEvents(record, file.issue, labels, now)],
    cards: await readCards(folder),
    commentsComplete: true,
  };
}

async function readBlockers(file: IssueFile, reader: FileReader): Promise<readonly Blocker[]> {
  const named = file.issue.blockedBy.map((name) => blockerRef(name, file.repo));
  const refs = new Map(
    [...named, ...parseTextBlockers(file.issue.body, file.repo)].map((ref) => [issueName(ref), ref]),
  );
  const blockers: Blocker[] = [];
  for (const [name, ref] of refs) blockers.push({ name, state: await blockerState(ref, reader) });
  return blockers;
}

/** `3`, `#3` or `local/other#3`. */
function blockerRef(written: string, repo: string): IssueRef {
  const mark = written.indexOf("#");
  const named = written.slice(0, Math.max(mark, 0)).toLowerCase();
  return { repo: named === "" ? repo : named, number: Number(written.slice(mark + 1)) };
}

async function blockerState(ref: IssueRef, reader: FileReader): Promise<Blocker["state"]> {
  try {
    const file = await reader.read(ref);
    if (file === null) return "unreadable";
    return file.issue.open ? "open" : "closed";
  } catch (error) {
    // The file has its own gap that says why; here it only counts that it cannot be read.
    if (error instanceof AfkError) return "unreadable";
    throw error;
  }
}
