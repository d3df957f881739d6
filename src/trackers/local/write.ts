// Makes the tracker's writes: the change in the issue's files first, then the line in afk's record.
import { type IssueEvent, issueName, type TrackerChange } from "../../core/issue.ts";
import { AfkError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import { changeIssueFile } from "./change-file.ts";
import { createCard, removeCard, replaceCard } from "./comments.ts";
import type { Edit } from "./edit.ts";
import { type IssueIndex, issuePath, readIndex, readIssueFile } from "./issue-file.ts";
import { foldLabel } from "./issue-text.ts";
import type { Place } from "./place.ts";
import { appendRecord, folderOf, readRecord, type RunLabels, unseenEvents } from "./record.ts";

/**
 * Makes one write and gives back the id of the comment that it wrote, if any.
 * @throws AfkError when the issue is gone, its file cannot be changed safely, or the place cannot be written.
 */
export async function writeChange(
  place: Place,
  change: TrackerChange,
  labels: RunLabels,
  clock: Clock,
): Promise<string | null> {
  const index = await readIndex(place);
  const path = issuePath(place, index, change.ref.number);
  if (path === null)
    throw new AfkError(
      "transport",
      `${issueName(change.ref)} has no file any more; the next tick looks again.`,
    );
  const written = await writeFiles(place, path, change, clock);
  await recordUnseen(place, index, change.ref.number, labels, clock);
  return written;
}

async function writeFiles(
  place: Place,
  path: string,
  change: TrackerChange,
  clock: Clock,
): Promise<string | null> {
  const { ref } = change;
  const folder = folderOf(place, ref.number);
  switch (change.kind) {
    case "write_card":
      if (change.commentId === null) return createCard(folder, change.text);
      await replaceCard(folder, ref, change.commentId, change.text);
      return change.commentId;
    case "remove_card":
      await removeCard(folder, ref, change.commentId);
      return null;
    case "add_label":
    case "remove_label":
    case "close":
    case "reopen":
      if (await changeIssueFile(path, change, clock))
        await appendRecord(place, ref.number, eventOf(change, clock.now()));
      return null;
    default:
      return change satisfies never;
  }
}

function eventOf(edit: Edit, at: number): IssueEvent {
  switch (edit.kind) {
    case "add_label":
      return { kind: "labeled", label: foldLabel(edit.label), at };
    case "remove_label":
      return { kind: "unlabeled", label: foldLabel(edit.label), at };
    case "close":
      return { kind: "closed", at };
    case "reopen":
      return { kind: "reopened", at };
    default:
      return edit satisfies never;
  }
}

async function recordUnseen(
  place: Place,
  index: IssueIndex,
  number: number,
  labels: RunLabels,
  clock: Clock,
): Promise<void> {
  for (const event of await readUnseen(place, index, number, labels, clock.now()))
    await appendRecord(place, number, event);
}

async function readUnseen(
  place: Place,
  index: IssueIndex,
  number: number,
  labels: RunLabels,
  now: number,
): Promise<readonly IssueEvent[]> {
  try {
    const record = await readRecord(place, number);
    const file = record.length === 0 ? null : await readIssueFile(place, index, number);
    return file === null ? [] : unseenEvents(record, file.issue, labels, now);
  } catch (error) {
    // The write itself was done. What cannot be read now says nothing about labels, and every read of the issue tells of it.
    if (error instanceof AfkError) return [];
    throw error;
  }
}
