// Finds issues that wait for each other, so that the hold can say so.
import { type IssueDetail, issueName } from "./issue.ts";

/** For each issue: those of its open blockers that, directly or not, wait for the issue itself. */
export function blockerCycles(issues: readonly IssueDetail[]): ReadonlyMap<string, readonly string[]> {
  const waiting = new Map<string, readonly string[]>();
  for (const issue of issues) {
    const open = issue.blockers.filter((blocker) => blocker.state === "open");
    // A name is written as people write it; repos are compared in lower case.
    if (open.length > 0)
      waiting.set(
        issueName(issue),
        open.map((blocker) => blocker.name.toLowerCase()),
      );
  }
  const circles = circlesOf(waiting);
  const cycles = new Map<string, readonly string[]>();
  for (const [name, blockers] of waiting) {
    const found = blockers.filter((blocker) => circles.get(blocker) === circles.get(name));
    if (found.length > 0) cycles.set(name, found);
  }
  return cycles;
}

/** Names, and to which others each of them leads. */
type Ways = ReadonlyMap<string, Iterable<string>>;

/**
 * Gives two names the same circle exactly when each leads to the other, directly or not (Kosaraju's algorithm). Each way is
 * looked at a fixed number of times, however long the chains are.
 */
export function circlesOf(ways: Ways): ReadonlyMap<string, string> {
  const finished: string[] = [];
  const seen = new Set<string>();
  for (const start of ways.keys()) for (const name of reachedFrom(start, ways, seen)) finished.push(name);
  const back = turned(ways);
  const circles = new Map<string, string>();
  const placed = new Set<string>();
  for (const last of finished.toReversed())
    for (const name of reachedFrom(last, back, placed)) circles.set(name, last);
  return circles;
}

function turned(ways: Ways): Ways {
  const back = new Map<string, string[]>();
  for (const [name, others] of ways)
    for (const other of others) {
      const names = back.get(other);
      if (names === undefined) back.set(other, [name]);
      else names.push(name);
    }
  return back;
}

/** Whatever was not seen before, each name after all those it leads to; without recursion, for a chain may be long. */
function* reachedFrom(start: string, ways: Ways, seen: Set<string>): Generator<string> {
  if (seen.has(start)) return;
  seen.add(start);
  const path = [stepsOf(start, ways)];
  for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
    const { value: next } = here.others.next();
    if (next === undefined) {
      path.pop();
      yield here.name;
    } else if (!seen.has(next)) {
      seen.add(next);
      path.push(stepsOf(next, ways));
    }
  }
}

interface Steps {
  readonly name: string;
  /** Those that were not looked at yet. */
  readonly others: Iterator<string, undefined>;
}

function stepsOf(name: string, ways: Ways): Steps {
  return { name, others: (ways.get(name) ?? NO_OTHERS)[Symbol.iterator]() };
}

const NO_OTHERS: Iterable<string> = [];
