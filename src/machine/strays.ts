// Finds and ends what a job left behind: processes that carry its marker in their environment, whatever session they are in.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/** Environment variables that every process of one job carries, and no other process. */
export type Marker = Readonly<Record<string, string>>;

/** The ids of all living processes whose first environment holds the whole marker; this process is never one of them. */
export async function findMarked(marker: Marker): Promise<readonly number[]> {
  const entries = Object.entries(marker).map(([name, value]) => `${name}=${value}`);
  if (entries.length === 0) return [];
  const found = process.platform === "linux" ? await findInProc(entries) : await findWithPs(entries);
  return found.filter((pid) => pid !== process.pid);
}

/** Sends a signal to every marked process and says how many there were. */
export async function signalMarked(marker: Marker, signal: NodeJS.Signals): Promise<number> {
  const pids = await findMarked(marker);
  for (const pid of pids) sendSignal(pid, signal);
  return pids.length;
}

/** Sends a signal to a process, or to a whole group as a negative id; one that is already gone is no failure. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // EPERM: the number belongs to somebody else's process by now.
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

async function findInProc(entries: readonly string[]): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await isMarked(pid, entries)) ? [Number(pid)] : [])),
  );
  return found.flat();
}

async function isMarked(pid: string, entries: readonly string[]): Promise<boolean> {
  try {
    const environment = (await readFile(`/proc/${pid}/environ`, "latin1")).split("\0");
    return entries.every((entry) => environment.includes(Buffer.from(entry, "utf8").toString("latin1")));
  } catch {
    // Another user's process, or one that ended while we looked: neither is ours.
    return false;
  }
}

function findWithPs(entries: readonly string[]): Promise<readonly number[]> {
  return new Promise((resolve) => {
    execFile(
      "ps",
      ["eww", "-ax", "-o", "pid=,command="],
      { maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout) => {
        const lines = stdout
          .split("\n")
          .filter((line) => entries.every((entry) => line.includes(` ${entry}`)));
        resolve(lines.map((line) => Number.parseInt(line, 10)));
      },
    );
  });
}
