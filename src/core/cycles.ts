// Finds issues that wait for each other, so that the hold can say so.
import { type IssueDetail, issueName } from "./issue.ts";

/** For each issue: those of its open blockers that, directly or not, wait for the issue itself. */
export function blockerCycles(issues: readonly IssueDetail[]): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, readonly string[]>();
  for (const issue of issues) {
    const open = issue.blockers.filter((blocker) => blocker.state === "open");
    // A name is written as people write it; repos are compared in lower case.
    edges.set(
      issueName(issue),
      open.map((blocker) => blocker.name.toLowerCase()),
    );
  }
  const cycles = new Map<string, readonly string[]>();
  for (const [name, blockers] of edges) {
    const found = blockers.filter((blocker) => reaches(edges, blocker, name));
    if (found.length > 0) cycles.set(name, found);
  }
  return cycles;
}

function reaches(edges: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(edges.get(name) ?? []));
  }
  return false;
}
