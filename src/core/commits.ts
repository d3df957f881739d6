// Finds the commit that a run landed: only a commit with both trailers of the run is evidence (DESIGN section 4).
import { type IssueRef, issueName, type LandedCommit } from "./issue.ts";

const TRAILER = /^([A-Za-z][A-Za-z0-9-]*): *(\S.*)$/;
const REFERENCE = /^(?:(refs?|close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +)?((?:[\w.-]+\/)+[\w.-]+)?#(\d+)$/i;

/** The trailers of a commit message: the `Key: value` lines of its last paragraph, and any `Refs #7` line anywhere. */
function trailers(message: string): readonly (readonly [key: string, value: string])[] {
  const found: [string, string][] = [];
  for (const line of message.split("\n")) {
    const match = TRAILER.exec(line.trimEnd());
    if (match !== null) found.push([(match[1] ?? "").toLowerCase(), (match[2] ?? "").trim()]);
  }
  return found;
}

/** Whether a commit carries `AFK-Run: <thread>` and refers to the issue; a closing keyword counts as `Refs`. */
export function isOfRun(commit: LandedCommit, thread: string, issue: IssueRef): boolean {
  const ofThread = trailers(commit.message).some(
    ([key, value]) => key === "afk-run" && value.toLowerCase() === thread,
  );
  return ofThread && commit.message.split("\n").some((line) => refersTo(line, issue));
}

function refersTo(line: string, issue: IssueRef): boolean {
  return line.split(",").some((part, index) => {
    const match = REFERENCE.exec(part.trim().replace(/^refs?: */i, "Refs "));
    if (match === null || (index === 0 && match[1] === undefined)) return false;
    const repo = match[2]?.toLowerCase() ?? issue.repo;
    return issueName({ repo, number: Number(match[3]) }) === issueName(issue);
  });
}

/** The newest commit of a run among commits listed newest first; null when none is of this run. */
export function landedCommit(
  commits: readonly LandedCommit[],
  thread: string,
  issue: IssueRef,
): LandedCommit | null {
  return commits.find((commit) => isOfRun(commit, thread, issue)) ?? null;
}

/** The phases that the commits of a run claim by an `AFK-Phase:` trailer. */
export function claimedPhases(commits: readonly LandedCommit[], thread: string): ReadonlySet<string> {
  const claimed = new Set<string>();
  for (const commit of commits) {
    const found = trailers(commit.message);
    if (!found.some(([key, value]) => key === "afk-run" && value.toLowerCase() === thread)) continue;
    for (const [key, value] of found) if (key === "afk-phase") claimed.add(value.toLowerCase());
  }
  return claimed;
}
