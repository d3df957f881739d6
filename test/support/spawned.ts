// Runs one program to its end and keeps what it printed.
import { spawn } from "node:child_process";

/** What a child process left. */
export interface Ran {
  /** Null: killed by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user and group id to run as; unset: one's own. */
  readonly user?: number;
}

/** Runs the program without input; its end is when its output has ended too. */
export async function spawned(
  program: string,
  args: readonly string[],
  { cwd, env, user }: Surroundings,
): Promise<Ran> {
  const child = spawn(program, [...args], {
    cwd,
    env,
    ...(user === undefined ? {} : { uid: user, gid: user }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, stdout, stderr };
}
