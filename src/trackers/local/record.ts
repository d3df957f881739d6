// Keeps afk's own record of what it did to an issue, and derives from it what a person did since.
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import type { IssueEvent } from "../../core/issue.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure } from "../../machine/atomic-file.ts";
import { decode, readBytesIfThere } from "./issue-file.ts";
import { foldLabel } from "./issue-text.ts";
import type { Place } from "./place.ts";

const recordedEvent = z.pipe(
  z.object({
    kind: z.enum(["labeled", "unlabeled", "closed", "reopened"]),
    label: z.optional(z.pipe(z.string(), z.transform(foldLabel))),
    at: z.number(),
  }),
  z.transform(({ kind, label, at }): IssueEvent =>
    label === undefined ? { kind, at } : { kind, label, at },
  ),
);

/** The labels that a run moves, in lower case. */
export interface RunLabels {
  readonly ready: string;
  readonly inProgress: string;
  readonly human: string;
}

/** The folder that afk keeps beside an issue file. */
export function folderOf(place: Place, number: number): string {
  return join(place.issues, String(number));
}

function recordPath(place: Place, number: number): string {
  return join(folderOf(place, number), "events.jsonl");
}

/**
 * Reads the events that afk wrote down, oldest first; none when there is no record yet.
 * @throws AfkError `config` when the record cannot be read, or holds a line that is not an event.
 */
export async function readRecord(place: Place, number: number): Promise<readonly IssueEvent[]> {
  const path = recordPath(place, number);
  const reading = await readBytesIfThere(path);
  if (reading === null) return [];
  const events: IssueEvent[] = [];
  for (const [index, line] of decode(reading.bytes, path).split("\n").entries()) {
    const value = parseLine(line);
    if (value === undefined) continue;
    const event = recordedEvent.safeParse(value);
    if (!event.success)
      throw new AfkError(
        "config",
        `${path}, line ${index + 1} is not an event that afk wrote: restore the file, or delete that line.`,
      );
    events.push(event.data);
  }
  return events;
}

/** A line that is not JSON was cut short by a crash: it counts as not written, as if the crash had come a moment sooner. */
function parseLine(line: string): unknown {
  if (line.trim() === "") return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Writes down an event, after what it tells of was done: a crash in between leaves a record that says too little, never too much. */
export async function appendRecord(place: Place, number: number, event: IssueEvent): Promise<void> {
  const path = recordPath(place, number);
  let handle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(path, "a+");
    const { size } = await handle.stat();
    const last = size === 0 ? "\n" : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    // A line that a crash cut short must not swallow this one.
    await handle.appendFile(`${last === "\n" ? "" : "\n"}${JSON.stringify(event)}\n`);
    await handle.sync();
  } catch (error) {
    throw fileFailure(error, "write", path);
  } finally {
    await handle?.close();
  }
}

/** How often the issue was armed, this time included: afk takes the ready label away at the end of every run. */
export function armingNumber(record: readonly IssueEvent[], labels: RunLabels): number {
  return 1 + record.filter((event) => event.kind === "unlabeled" && event.label === labels.ready).length;
}

/** What the file says now. */
export interface Standing {
  readonly open: boolean;
  readonly labels: readonly string[];
}

/**
 * What a person must have done since afk's last own write, dated now because a file has no history.
 * A run begins with an open issue that nobody has taken, so what the record says of earlier runs does not count.
 */
export function derivedEvents(
  record: readonly IssueEvent[],
  standing: Standing,
  labels: RunLabels,
  now: number,
): readonly IssueEvent[] {
  const start = record.findLastIndex(
    (event) => event.kind === "labeled" && event.label === labels.inProgress,
  );
  const ofRun = start < 0 ? record : record.slice(start);
  const events: IssueEvent[] = [];
  if (hasByRecord(ofRun, labels.inProgress) && !standing.labels.includes(labels.inProgress))
    events.push({ kind: "unlabeled", label: labels.inProgress, at: now });
  if (!hasByRecord(ofRun, labels.human) && standing.labels.includes(labels.human))
    events.push({ kind: "labeled", label: labels.human, at: now });
  const state = ofRun.findLast((event) => event.kind === "closed" || event.kind === "reopened");
  const isOpenByRecord = state?.kind !== "closed";
  if (isOpenByRecord && !standing.open) events.push({ kind: "closed", at: now });
  if (!isOpenByRecord && standing.open) events.push({ kind: "reopened", at: now });
  return events;
}

function hasByRecord(record: readonly IssueEvent[], label: string): boolean {
  return record.findLast((event) => event.label === label)?.kind === "labeled";
}

/**
 * What went away since the last run without afk writing it down: a person removed it, or a crash came in between.
 * Unless it is written down, the next application of the ready label would pass for the same arming, and the absent
 * in-progress label for a take-over of the next run. So the latter is dated right behind its own application.
 */
export function unseenEvents(
  record: readonly IssueEvent[],
  standing: Standing,
  labels: RunLabels,
  now: number,
): readonly IssueEvent[] {
  const { ready, inProgress } = labels;
  const run = record.findLast((event) => event.kind === "labeled" && event.label === inProgress);
  if (run === undefined) return [];
  const since = record.slice(record.lastIndexOf(run));
  const events: IssueEvent[] = [];
  if (!standing.labels.includes(ready) && !since.some((event) => event.label === ready))
    events.push({ kind: "unlabeled", label: ready, at: now });
  if (!standing.labels.includes(inProgress) && hasByRecord(since, inProgress))
    events.push({ kind: "unlabeled", label: inProgress, at: run.at + 1 });
  return events;
}
