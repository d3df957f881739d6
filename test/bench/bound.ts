// The fewest requests that a tick over a fleet can need, by DESIGN section 9, from numbers alone.
import { type Fleet, issuesOf } from "./fleet-options.ts";

export interface Bound {
  readonly lists: number;
  readonly details: number;
  /** Of the default branches: their newest commit's checks (poll), or their newest commits (watch). */
  readonly branches: number;
  readonly executor: number;
}

const REPOS_IN_A_LIST = 50;
/** Of one label, in one page. */
const ISSUES_IN_A_PAGE = 100;
const PAGES_IN_A_REQUEST = 10;
const ISSUES_IN_DETAIL = 20;
const REPOS_WITH_COMMITS = 20;

/**
 * What `poll` or `watch` must at least ask when nothing changed and every labeler is trusted by name. A list's next page
 * is named only in the one before, so all that have a further page share requests, round by round.
 */
export function fewestRequests(command: "poll" | "watch", fleet: Fleet): Bound {
  const counts = Array.from({ length: fleet.repos }, (_, index) => issuesOf(fleet, index));
  const runs = counts.map((count) => (fleet.runs === "all" ? count : Math.min(1, count)));
  const read = sum(command === "poll" ? counts : runs);
  const withSome = counts.filter((count) => count > 0).length;
  return {
    lists: Math.ceil(fleet.repos / REPOS_IN_A_LIST) + furtherPages([...counts, ...runs]),
    details: Math.ceil(read / ISSUES_IN_DETAIL),
    branches: Math.ceil(withSome / REPOS_WITH_COMMITS),
    // Its list, and its name where there are threads: links and cards hold it.
    executor: fleet.issues > 0 ? 2 : 1,
  };
}

export function total({ lists, details, branches, executor }: Bound): number {
  return lists + details + branches + executor;
}

function furtherPages(lists: readonly number[]): number {
  let requests = 0;
  for (let page = 1; ; page += 1) {
    const open = lists.filter((count) => count > page * ISSUES_IN_A_PAGE).length;
    if (open === 0) return requests;
    requests += Math.ceil(open / PAGES_IN_A_REQUEST);
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
