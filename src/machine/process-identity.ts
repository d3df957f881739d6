// Tells one process from a later one with the same number: boot, process id and start time together are unique.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { hasCode } from "./atomic-file.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** Linux: clock ticks since boot, field 22 of /proc/PID/stat. Elsewhere: the start in milliseconds since the epoch. */
  readonly startTicks: number;
  /** Empty where the system has no boot id. */
  readonly bootId: string;
}

/** Reads who a process is; null when there is none, or when it is a zombie, which is dead. */
export async function readIdentity(pid: number): Promise<ProcessIdentity | null> {
  return process.platform === "linux" ? readLinux(pid) : readFromPs(pid);
}

/** Whether exactly this process still runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await readIdentity(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

async function readLinux(pid: number): Promise<ProcessIdentity | null> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    // ESRCH: it ended between the opening and the reading.
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return null;
    throw error;
  }
  // Field 2 is the program's name in parentheses and may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const condition = fields[0];
  if (condition === "Z" || condition === "X") return null;
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  return { pid, startTicks: Number(fields[19]), bootId };
}

function readFromPs(pid: number): Promise<ProcessIdentity | null> {
  const environment = { ...process.env, LC_ALL: "C" };
  return new Promise((resolve) => {
    execFile("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { env: environment }, (error, stdout) => {
      // ps answers an unknown process with exit code 1 and no text.
      const [condition, ...started] = stdout.trim().split(/\s+/);
      if (error !== null || condition === undefined || condition.startsWith("Z")) return resolve(null);
      resolve({ pid, startTicks: Date.parse(started.join(" ")), bootId: "" });
    });
  });
}
