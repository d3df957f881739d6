// Says who stands behind an issue file: its owner, whom nobody else may have spoken for.
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Actor } from "../../core/issue.ts";
import { fileFailure } from "../../machine/atomic-file.ts";

const OTHERS_MAY_WRITE = 0o022;

export interface Owned {
  readonly path: string;
  readonly stats: Stats;
}

export async function readOwned(path: string): Promise<Owned> {
  try {
    return { path, stats: await stat(path) };
  } catch (error) {
    throw fileFailure(error, "read", path);
  }
}

/**
 * The owner of an issue file as an actor: an admin when the file and its directory belong to the user that runs afk and
 * nobody else may write to them; else without any permission, and the note says what to mend.
 */
export function ownerOf(file: Owned, directory: Owned): Actor {
  const login = userName(file.stats.uid);
  const note = reasonAgainst(file) ?? reasonAgainst(directory);
  const actor = { login, type: "user", self: false } as const;
  return note === null ? { ...actor, permission: "admin" } : { ...actor, permission: "none", note };
}

/** Why anybody but the user that runs afk could have written to a path, and the remedy; null when nobody could. */
export function reasonAgainst({ path, stats }: Owned): string | null {
  const user = process.getuid?.();
  if (user === undefined) return `this system does not say whose file ${path} is`;
  if (stats.uid !== user)
    return `${path} belongs to ${userName(stats.uid)} and afk runs as ${userName(user)}; run \`chown ${userName(user)} ${path}\``;
  if ((stats.mode & OTHERS_MAY_WRITE) !== 0)
    return `${path} can be written by others; run \`chmod go-w ${path}\``;
  return null;
}

/** Only the name of the user that runs afk is known without asking the system's user list; others show as a number. */
function userName(uid: number): string {
  if (uid !== process.getuid?.()) return String(uid);
  try {
    return userInfo().username;
  } catch {
    // In a container a user may have no name at all.
    return String(uid);
  }
}
