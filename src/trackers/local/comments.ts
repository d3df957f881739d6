// Keeps the run card as a file in the issue's folder, where people may put comments of their own beside it.
import { open, readdir, rm } from "node:fs/promises";
import { join, parse } from "node:path";
import { type CardComment, issueName, type IssueRef } from "../../core/issue.ts";
import { AfkError } from "../../errors.ts";
import {
  createFileExclusive,
  fileFailure,
  hasCode,
  makeDirectory,
  writeFileAtomic,
} from "../../machine/atomic-file.ts";
import { decode, readBytes, readBytesIfThere } from "./issue-file.ts";

const MARKER = "<!-- afk:run:";
const OWN_NAME = /^run-card(?:-\d+)?\.md$/;
const COMMENT_NAME = /^[^./\\\0][^/\\\0]*\.md$/;
/** Without this `run-card-2` would come before `run-card`, and `run-card-10` before `run-card-2`. */
const BY_NUMBER = new Intl.Collator("en", { numeric: true });
const MAX_CARDS = 100;

/**
 * Lists the comments that begin with a card's marker, by name.
 * @throws AfkError when the folder or one of its comments cannot be read: an absent card must be certain.
 */
export async function readCards(folder: string): Promise<readonly CardComment[]> {
  const cards: CardComment[] = [];
  for (const name of await commentNames(folder)) {
    const path = join(folder, name);
    if (!OWN_NAME.test(name) && !(await beginsWithMarker(path))) continue;
    const { bytes, stats } = await readBytes(path);
    const text = decode(bytes, path).replace(/^\uFEFF/, "");
    if (text.startsWith(MARKER))
      cards.push({ id: name, own: OWN_NAME.test(name), createdAt: createdAt(stats), text });
  }
  return cards;
}

function createdAt(stats: { readonly birthtimeMs: number; readonly mtimeMs: number }): number {
  // Some file systems do not know the birth of a file and say 0.
  return Math.floor(stats.birthtimeMs > 0 ? Math.min(stats.birthtimeMs, stats.mtimeMs) : stats.mtimeMs);
}

async function commentNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => COMMENT_NAME.test(entry.name) && (entry.isFile() || OWN_NAME.test(entry.name)))
      .map((entry) => entry.name)
      .toSorted()
      .toSorted((one, other) => BY_NUMBER.compare(parse(one).name, parse(other).name));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw fileFailure(error, "read", folder);
  }
}

/** Looks at the first bytes only: a person's comment may be large, and it is none of afk's business. */
async function beginsWithMarker(path: string): Promise<boolean> {
  let handle;
  try {
    handle = await open(path, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MARKER.length + 3), 0, MARKER.length + 3, 0);
    return buffer
      .toString("utf8", 0, bytesRead)
      .replace(/^\uFEFF/, "")
      .startsWith(MARKER);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw fileFailure(error, "read", path);
  } finally {
    await handle?.close();
  }
}

/** Makes a new card under the first free name, which is its id: another tick may be making one at the same time. */
export async function createCard(folder: string, text: string): Promise<string> {
  await makeDirectory(folder);
  for (let count = 1; count <= MAX_CARDS; count += 1) {
    const name = count === 1 ? "run-card.md" : `run-card-${count}.md`;
    if (await createFileExclusive(join(folder, name), text)) return name;
  }
  throw new AfkError("config", `${folder} holds ${MAX_CARDS} run cards: delete those that are of no use.`);
}

/** Replaces the text of a comment, if it differs. @throws AfkError `transport` when the comment is gone. */
export async function replaceCard(
  folder: string,
  ref: IssueRef,
  commentId: string,
  text: string,
): Promise<void> {
  const path = commentPath(folder, ref, commentId);
  const reading = await readBytesIfThere(path);
  if (reading === null)
    throw new AfkError(
      "transport",
      `The run card ${commentId} of ${issueName(ref)} was deleted meanwhile; the next tick looks again.`,
    );
  if (reading.bytes.equals(Buffer.from(text, "utf8"))) return;
  const { mode, mtimeMs } = reading.stats;
  // The age decides which of two cards stays; two ticks at once must not disagree about it because one wrote.
  await writeFileAtomic(path, text, { mode, modified: new Date(mtimeMs) });
}

/** Deletes a comment; one that is gone already is as good. */
export async function removeCard(folder: string, ref: IssueRef, commentId: string): Promise<void> {
  const path = commentPath(folder, ref, commentId);
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw fileFailure(error, "delete", path);
  }
}

function commentPath(folder: string, ref: IssueRef, commentId: string): string {
  if (COMMENT_NAME.test(commentId)) return join(folder, commentId);
  throw new AfkError("contract", `'${commentId}' is not the name of a comment of ${issueName(ref)}.`);
}
