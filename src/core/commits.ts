// Finds the commit that a run landed: only a commit with both trailers of the run is evidence (DESIGN section 4).
import type { IssueRef, LandedCommit } from "./issue.ts";

const TRAILER = /^([A-Za-z][A-Za-z0-9-]*): *(\S.*)$/;
const REFERENCE = /^(refs?(?:: *| +))?((?:[\w.-]+\/)+[\w.-]+)?#(\d+)$/i;

const CLOSING =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+((?:[\w.-]+\/)+[\w.-]+)?#(\d+)(?![\w-])/gi;

/** The trailers of a commit message: its `Key: value` lines, wherever they stand. Keys are in lower case. */
function trailers(message: string): readonly (readonly [key: string, value: string])[] {
  const found: [string, string][] = [];
  for (const line of message.split("\n")) {
    const match = TRAILER.exec(line.trimEnd());
    if (match !== null) found.push([String(match[1]).toLowerCase(), String(match[2])]);
  }
  return found;
}

/** Whether a commit carries `AFK-Run: <thread>`. */
export function isOfThread(commit: LandedCommit, thread: string): boolean {
  return trailers(commit.message).some(([key, value]) => key === "afk-run" && value.toLowerCase() === thread);
}

/** Whether a commit carries `AFK-Run: <thread>` and refers to the issue; a closing keyword counts as `Refs`. */
export function isOfRun(commit: LandedCommit, thread: string, issue: IssueRef): boolean {
  return isOfThread(commit, thread) && (closes(commit.message, issue) || refers(commit.message, issue));
}

/** A tracker acts on closing keywords anywhere in the message, so they count anywhere. */
function closes(message: string, issue: IssueRef): boolean {
  return [...message.matchAll(CLOSING)].some(([, repo, number]) => isSame(repo, number, issue));
}

function refers(message: string, issue: IssueRef): boolean {
  return message.split("\n").some((line) => refersTo(line, issue));
}

function refersTo(line: string, issue: IssueRef): boolean {
  return line.split(",").some((part, index) => {
    const match = REFERENCE.exec(part.trim());
    if (match === null || (index === 0 && match[1] === undefined)) return false;
    return isSame(match[2], match[3], issue);
  });
}

/** Whether `#7` or `owner/name#7`, as it stands in a repo, means the issue; the host is left out there. */
function isSame(repo: string | undefined, number: string | undefined, issue: IssueRef): boolean {
  const name = repo?.toLowerCase() ?? issue.repo;
  return Number(number) === issue.number && (name === issue.repo || issue.repo.endsWith(`/${name}`));
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
    if (!isOfThread(commit, thread)) continue;
    for (const [key, value] of trailers(commit.message))
      if (key === "afk-phase") claimed.add(value.toLowerCase());
  }
  return claimed;
}
