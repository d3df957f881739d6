// Changes an issue file that a person may have open in an editor, losing nothing of what either of them writes.
import { linkSync, readFileSync, renameSync, rmSync, type Stats, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AfkError } from "../../errors.ts";
import {
  fileFailure,
  hasCode,
  isLinkUnsupported,
  syncDirectory,
  writeTemporary,
} from "../../machine/atomic-file.ts";
import type { Clock } from "../../ports.ts";
import { type Edit, editIssueText } from "./edit.ts";
import { decode, type FileReading, readBytes } from "./issue-file.ts";

const MAX_ATTEMPTS = 8;
/** How long an editor that has emptied the file may take to fill it again, in looks and in milliseconds between them. */
const LOOKS = 20;
const LOOK_MILLISECONDS = 25;

/**
 * Makes one change in an issue file.
 * A file that changes under our hands is read again; one that an editor had open and wrote to after it was replaced is
 * put back with the change on top. Two versions that cannot both stand are both kept, and the error says where.
 * @returns false when the file said so already and nothing was written.
 * @throws AfkError `config` when it cannot be changed or written, `transport` when it never stood still.
 */
export async function changeIssueFile(path: string, edit: Edit, clock: Clock): Promise<boolean> {
  let rescued: Rescued | null = null;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const standing = await readBytes(path);
    checkOwner(path, standing.stats);
    if (rescued !== null && !standing.bytes.equals(rescued.ours)) throw twoVersions(path, rescued.kept);
    const outcome = editedBytes(rescued?.theirs ?? standing.bytes, edit, path, rescued !== null);
    if (outcome.bytes.equals(standing.bytes)) return finish(outcome, rescued, false);
    const swap = await swapFile(path, standing, outcome.bytes, clock);
    if (swap === "moved") continue;
    if (swap === "done") return finish(outcome, rescued, true);
    // The version put back just now stands; this one was written without knowing it.
    if (rescued !== null) throw twoVersions(path, swap.kept);
    rescued = swap;
  }
  if (rescued !== null) throw twoVersions(path, rescued.kept);
  throw new AfkError(
    "transport",
    `${path} kept changing while afk wanted to change it; the next tick tries again.`,
  );
}

/** A version that somebody wrote into the file that we had just replaced. */
interface Rescued {
  readonly kept: string;
  readonly theirs: Buffer;
  readonly ours: Buffer;
}

interface Outcome {
  readonly bytes: Buffer;
  /** Why the change could not be made in a version that is put back all the same. */
  readonly failure: AfkError | null;
}

function editedBytes(source: Buffer, edit: Edit, path: string, isRescued: boolean): Outcome {
  try {
    const text = editIssueText(decode(source, path), edit, path);
    return { bytes: text === null ? source : Buffer.from(text, "utf8"), failure: null };
  } catch (error) {
    if (!isRescued || !(error instanceof AfkError)) throw error;
    return { bytes: source, failure: error };
  }
}

async function finish(outcome: Outcome, rescued: Rescued | null, isWritten: boolean): Promise<boolean> {
  await discard(rescued);
  if (outcome.failure !== null) throw outcome.failure;
  return isWritten || rescued !== null;
}

async function discard(rescued: Rescued | null): Promise<void> {
  if (rescued !== null) await rm(rescued.kept, { force: true });
}

/** Puts new contents in the place of a file, unless it is no longer the one that was read. */
async function swapFile(
  path: string,
  standing: FileReading,
  contents: Buffer,
  clock: Clock,
): Promise<"done" | "moved" | Rescued> {
  const { mode, uid, gid } = standing.stats;
  const temporary = await writeTemporary(dirname(path), contents, { mode, owner: { uid, gid } });
  const kept = `${temporary}.kept`;
  try {
    const replaced = replaceNow(path, standing, temporary, kept);
    if (replaced === "moved") return "moved";
    await syncDirectory(dirname(path));
    if (replaced === "replaced_unkept") return "done";
    const theirs = await settled(kept, standing.bytes, clock);
    // An empty version holds nothing to lose: its writer went away in the middle.
    if (!theirs.equals(standing.bytes) && theirs.length > 0) return { kept, theirs, ours: contents };
    await rm(kept, { force: true });
    return "done";
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Compares and renames without letting anything of ours run in between. */
function replaceNow(
  path: string,
  standing: FileReading,
  temporary: string,
  kept: string,
): "replaced" | "replaced_unkept" | "moved" {
  try {
    const hasKept = keep(path, kept);
    const isSame = readFileSync(path).equals(standing.bytes) && statSync(path).ino === standing.stats.ino;
    if (isSame) renameSync(temporary, path);
    else rmSync(kept, { force: true });
    if (!isSame) return "moved";
    return hasKept ? "replaced" : "replaced_unkept";
  } catch (error) {
    rmSync(kept, { force: true });
    if (!hasCode(error, "ENOENT")) throw fileFailure(error, "change", path);
    throw new AfkError("transport", `${path} went away while it was changed; the next tick looks again.`);
  }
}

/** Holds on to a file by a second name; false where the file system cannot do that. */
function keep(path: string, kept: string): boolean {
  try {
    linkSync(path, kept);
    return true;
  } catch (error) {
    if (isLinkUnsupported(error)) return false;
    throw error;
  }
}

/** Reads the replaced file, and if somebody is writing to it, again until it stands still. */
async function settled(kept: string, before: Buffer, clock: Clock): Promise<Buffer> {
  let seen = readFileSync(kept);
  if (seen.equals(before)) return seen;
  for (let look = 0; look < LOOKS; look += 1) {
    await clock.sleep(LOOK_MILLISECONDS);
    const now = readFileSync(kept);
    if (now.equals(seen) && now.length > 0) return now;
    seen = now;
  }
  return seen;
}

/** A replaced file would become ours, and with it the trust in what it says. */
function checkOwner(path: string, stats: Stats): void {
  const user = process.getuid?.();
  if (user === undefined || user === 0 || user === stats.uid) return;
  throw new AfkError(
    "config",
    `${path} belongs to user ${stats.uid} and afk runs as user ${user}, so afk does not change it: ` +
      `give it over with \`chown ${user} ${path}\`.`,
  );
}

function twoVersions(path: string, kept: string): AfkError {
  return new AfkError(
    "config",
    `Two versions of ${path} were saved at the same moment: the other one is in ${kept}; take over what is missing and delete that file.`,
  );
}
