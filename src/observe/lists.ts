// Reads the two lists that every tick begins with, at once: the issues that concern afk, and the live threads.
import type { IssueList } from "../core/issue.ts";
import type { Gap, Observation } from "../core/observation.ts";
import type { ThreadList } from "../core/thread.ts";
import type { Tools } from "../tools.ts";
import { ask, gapOf } from "./ask.ts";

export interface Lists {
  readonly issues: Observation<IssueList>;
  readonly threads: Observation<ThreadList>;
  /** What could not be read of them. */
  readonly gaps: readonly Gap[];
}

export async function readLists(tools: Tools): Promise<Lists> {
  const [issues, threads] = await Promise.all([
    ask(() => tools.tracker.listIssues()),
    ask(() => tools.executor.listThreads("live")),
  ]);
  const gaps = [
    ...gapOf("tracker", issues),
    ...gapOf("executor", threads),
    ...(issues.known ? issues.value.gaps : []),
  ];
  return { issues, threads, gaps };
}

/** Whether there is not one issue and not one thread to decide about. */
export function isQuiet({ issues, threads }: Lists): boolean {
  const hasIssue = issues.known && issues.value.issues.length > 0;
  const hasThread = threads.known && threads.value.threads.length > 0;
  return !hasIssue && !hasThread;
}
