// Writes files so that a reader sees the old text or the new one and nothing else, whenever the machine stops.
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AfkError } from "../errors.ts";

export interface TemporaryOptions {
  /** The permission bits of the file; without it the umask decides. */
  readonly mode?: number;
  /** Whose file it becomes; without it the current user's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** When it was last modified, as it shall say; without it now. */
  readonly modified?: Date;
}

let lastTemporary = 0;

/**
 * Writes contents to a new file beside the place where they shall stand and flushes them to the disk.
 * Its name starts with a dot, so that nothing that lists a directory for its own kind of file takes it for one.
 * @returns the path of the new file; the caller renames or removes it.
 * @throws AfkError when it cannot be written; nothing is left behind then.
 */
export async function writeTemporary(
  directory: string,
  contents: string | Uint8Array,
  options: TemporaryOptions = {},
): Promise<string> {
  const { path, handle } = await openTemporary(directory);
  try {
    await handle.writeFile(contents);
    if (options.owner !== undefined) await handle.chown(options.owner.uid, options.owner.gid);
    // After chown, which clears some of the bits.
    if (options.mode !== undefined) await handle.chmod(options.mode & 0o7777);
    if (options.modified !== undefined) await handle.utimes(options.modified, options.modified);
    await handle.sync();
    await handle.close();
  } catch (error) {
    // Closing twice is refused; the first failure is the one to tell.
    await handle.close().catch(() => undefined);
    await rm(path, { force: true });
    throw fileFailure(error, "write", path);
  }
  return path;
}

async function openTemporary(directory: string) {
  for (;;) {
    lastTemporary += 1;
    // A short name of its own: the target's name may already be as long as the file system allows.
    const path = join(directory, `.afk-${process.pid}-${lastTemporary}.tmp`);
    try {
      return { path, handle: await open(path, "wx", 0o666) };
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw fileFailure(error, "write", path);
    }
  }
}

/**
 * Replaces a file, or makes it: the new text is complete on the disk before it takes the name.
 * @throws AfkError `config` when the place is read-only or full; the old file stands then.
 */
export async function writeFileAtomic(
  path: string,
  contents: string | Uint8Array,
  options: TemporaryOptions = {},
): Promise<void> {
  const directory = dirname(path);
  const temporary = await writeTemporary(directory, contents, options);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileFailure(error, "replace", path);
  }
  await syncDirectory(directory);
}

/**
 * Makes a file only if the name is free; of several that try at once exactly one gets it.
 * @returns false when the name was taken; nothing was changed then.
 * @throws AfkError `config` when the place is read-only or full.
 */
export async function createFileExclusive(
  path: string,
  contents: string | Uint8Array,
  options: TemporaryOptions = {},
): Promise<boolean> {
  const directory = dirname(path);
  const temporary = await writeTemporary(directory, contents, options);
  try {
    await linkOrCopy(temporary, path);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw fileFailure(error, "create", path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(directory);
  return true;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!isLinkUnsupported(error)) throw error;
    // Still exclusive; only a crash in the middle could leave half of it.
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

/** Makes a directory and what is missing above it. @throws AfkError `config` when the place is read-only or full. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw fileFailure(error, "create", path);
  }
}

/** True when the file system has no hard links (FAT, some network and container mounts). */
export function isLinkUnsupported(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].some((code) => hasCode(error, code));
}

/** Flushes the names in a directory to the disk, where the system can do that. */
export async function syncDirectory(directory: string): Promise<void> {
  let handle;
  try {
    handle = await open(directory, "r");
    await handle.sync();
  } catch (error) {
    // Some systems do not let a directory be opened or flushed; the rename itself was done.
    if (!["EISDIR", "EINVAL", "EPERM", "EACCES", "ENOTSUP"].some((code) => hasCode(error, code)))
      throw fileFailure(error, "flush", directory);
  } finally {
    await handle?.close();
  }
}

/** True when an error of the system carries this code, for example `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Turns a failed file operation into a sentence with a remedy; `doing` is a verb such as "write". */
export function fileFailure(error: unknown, doing: string, path: string): AfkError {
  if (error instanceof AfkError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const remedy = remedyOf(code);
  const message = `Cannot ${doing} ${path} (${code})`;
  return remedy === undefined
    ? new AfkError("transport", `${message}; the next tick tries again.`, { cause: error })
    : new AfkError("config", `${message}: ${remedy}.`, { cause: error });
}

function remedyOf(code: string): string | undefined {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "give the user that runs afk the right to it, with chown or chmod";
    case "EROFS":
      return "the file system is read-only, so mount it for writing";
    case "ENOSPC":
      return "the disk is full, so make room";
    case "EDQUOT":
      return "the disk quota is used up, so make room";
    case "ENOENT":
      return "it is not there, so make it, or correct the path";
    case "ENOTDIR":
    case "EISDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
      return "it is not the kind of file that afk needs there, so move it away or correct the path";
    default:
      return undefined;
  }
}
