// The part of `--check` that everything needs which works with checkouts on this machine.
import type { Finding } from "../adapter.ts";
import { AfkError } from "../errors.ts";
import { git } from "./git.ts";

/** Whether git can be run at all, and which one it is. */
export async function checkGit(environment: Readonly<Record<string, string>>): Promise<Finding> {
  try {
    const { stdout } = await git("/", ["--version"], { environment });
    return { on: "git", result: "ok", message: stdout.trim() };
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return { on: "git", result: "config", message: "git was not found on PATH: install it." };
  }
}
