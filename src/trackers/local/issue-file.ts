// Finds and reads the issue files of one repo: which number is in which file, and what the file says.
import { isUtf8 } from "node:buffer";
import { constants, type Stats } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join, parse } from "node:path";
import type { ListedIssue } from "../../core/issue.ts";
import type { Gap } from "../../core/observation.ts";
import { AfkError } from "../../errors.ts";
import { fileFailure, hasCode } from "../../machine/atomic-file.ts";
import { isProblem } from "./front-matter.ts";
import { type IssueText, readIssueText } from "./issue-text.ts";
import type { Place } from "./place.ts";

const MAX_BYTES = 2 * 1024 * 1024;

/** One look at a directory of issues. */
export interface IssueIndex {
  /** The names of the files of each number: more than one is a mistake. */
  readonly names: ReadonlyMap<number, readonly string[]>;
  /** Names of issue files that do not begin with a number. */
  readonly unnumbered: readonly string[];
}

/** @throws AfkError `config` when the directory is missing or closed to us. */
export async function readIndex(place: Place): Promise<IssueIndex> {
  const names = new Map<number, string[]>();
  const unnumbered: string[] = [];
  for (const name of await issueFileNames(place.issues)) {
    const number = Number(/^\d{1,15}(?!\d)/.exec(name)?.[0] ?? "0");
    if (number === 0) unnumbered.push(name);
    else names.set(number, [...(names.get(number) ?? []), name]);
  }
  return { names, unnumbered };
}

async function issueFileNames(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    // Names with a dot are what editors leave beside a file that is open.
    return entries
      .filter((entry) => /^[^.].*\.md$/is.test(entry.name) && !entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (hasCode(error, "ENOENT"))
      throw new AfkError(
        "config",
        `There is no directory ${directory} for the issues of this repo: make it with \`mkdir -p ${directory}\`.`,
      );
    throw fileFailure(error, "read", directory);
  }
}

/** What is wrong with the names in a directory, for a person to mend. */
export function indexGaps(place: Place, index: IssueIndex): readonly Gap[] {
  const gaps: Gap[] = [];
  if (index.unnumbered.length > 0)
    gaps.push({
      on: place.repo,
      kind: "config",
      message: `The name of an issue file must begin with its number, as in 7-title.md; in ${place.issues} these do not: ${index.unnumbered.join(", ")}.`,
    });
  for (const [number, names] of index.names)
    if (names.length > 1)
      gaps.push({ on: `${place.repo}#${number}`, kind: "config", message: duplicate(place, number, names) });
  return gaps;
}

function duplicate(place: Place, number: number, names: readonly string[]): string {
  return `Issue ${number} is in more than one file of ${place.issues}: ${names.join(", ")}; keep one, or give the others a free number.`;
}

/** An issue file as it was at one time. */
export interface IssueFile {
  readonly repo: string;
  readonly number: number;
  readonly path: string;
  readonly stats: Stats;
  readonly issue: IssueText;
}

/**
 * Reads the file of an issue; null when the directory has none.
 * @throws AfkError `config` when there are several, or the one cannot be understood: with the line and what is legal.
 */
export async function readIssueFile(
  place: Place,
  index: IssueIndex,
  number: number,
): Promise<IssueFile | null> {
  const path = issuePath(place, index, number);
  if (path === null) return null;
  const { bytes, stats } = await readBytes(path);
  const issue = readIssueText(decode(bytes, path));
  if (isProblem(issue)) throw new AfkError("config", `${path}, line ${issue.line}: ${issue.message}.`);
  return { repo: place.repo, number, path, stats, issue };
}

/** Where an issue is; null when the directory has no such number. @throws AfkError `config` when it is in several files. */
export function issuePath(place: Place, index: IssueIndex, number: number): string | null {
  const names = index.names.get(number) ?? [];
  if (names.length > 1) throw new AfkError("config", duplicate(place, number, names));
  return names[0] === undefined ? null : join(place.issues, names[0]);
}

export interface FileReading {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

/** Reads a file that must be an ordinary one of bearable size. */
export async function readBytes(path: string): Promise<FileReading> {
  const reading = await readBytesIfThere(path);
  if (reading !== null) return reading;
  throw new AfkError("transport", `${path} went away while it was read; the next tick looks again.`);
}

/** The same; null when there is no such file. */
export async function readBytesIfThere(path: string): Promise<FileReading | null> {
  let handle;
  try {
    // Following no link, and not waiting for a writer if it is a pipe.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw notOrdinary(path);
    if (stats.size > MAX_BYTES)
      throw new AfkError(
        "config",
        `${path} has ${stats.size} bytes, and afk reads at most ${MAX_BYTES}: shorten it.`,
      );
    return { bytes: await handle.readFile(), stats };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw hasCode(error, "ELOOP") ? notOrdinary(path) : fileFailure(error, "read", path);
  } finally {
    await handle?.close();
  }
}

function notOrdinary(path: string): AfkError {
  return new AfkError("config", `${path} is a link or another special file: put an ordinary file there.`);
}

/** @throws AfkError `config` with the line where the bytes stop being UTF-8. */
export function decode(bytes: Buffer, path: string): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const lines = bytes.toString("latin1").split("\n");
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, "latin1"))) + 1;
  throw new AfkError("config", `${path}, line ${line}: the text is not UTF-8; save it as UTF-8.`);
}

/** The issue as a list shows it. */
export function listed(file: IssueFile): ListedIssue {
  const { title, open: isOpen, labels } = file.issue;
  return {
    repo: file.repo,
    number: file.number,
    title: title ?? parse(file.path).name,
    open: isOpen,
    labels,
    url: null,
  };
}
