// What all issues of a repo have in common in one tick, worked out once for thousands of them.
import { type Room, roomIn, type Tick } from "./capacity.ts";
import { busyLanes, type Fleet, fleetsByRepo, overByIssue, type PlacedThread } from "./fleet.ts";
import type { RepoHealth } from "./gates.ts";
import type { RepoFacts } from "./issue.ts";
import type { Observation } from "./observation.ts";
import type { Policy } from "./policy.ts";

/** What was read of all repos. */
export interface ReadRepos {
  readonly fleet: Observation<Fleet>;
  readonly repos: ReadonlyMap<string, { readonly health: RepoHealth; readonly facts: RepoFacts | null }>;
  readonly policyOf: (repo: string) => Policy;
}

/** What all candidates of a repo have in common, worked out once. */
export interface RepoView {
  readonly repo: string;
  readonly policy: Policy;
  readonly health: RepoHealth;
  readonly facts: RepoFacts | null;
  readonly fleet: Fleet;
  /** The threads that are no longer live, by the issue that their title names. */
  readonly over: ReadonlyMap<string | null, readonly PlacedThread[]>;
  /** The lanes that had a run before this tick, and those that this tick gives away. */
  readonly busy: Set<number>;
  /** The last answer: it stands until the tick starts another run. */
  answer: { readonly tick: Tick; readonly room: Room } | null;
}

/** Looks at each repo when it is first asked for. */
export function viewsOf({ fleet, repos, policyOf }: ReadRepos): (repo: string) => RepoView {
  const views = new Map<string, RepoView>();
  const fleets = fleet.known ? fleetsByRepo(fleet.value) : NO_FLEETS;
  return (repo) => {
    const seen = views.get(repo);
    if (seen !== undefined) return seen;
    const own = fleets.get(repo) ?? NO_RUNS;
    const view: RepoView = {
      repo,
      policy: policyOf(repo),
      health: repos.get(repo)?.health ?? UNREAD_REPO,
      facts: repos.get(repo)?.facts ?? null,
      fleet: own,
      over: overByIssue(own),
      busy: busyLanes(own, repo),
      answer: null,
    };
    views.set(repo, view);
    return view;
  };
}

/** A repo of which nothing could be read. */
export const UNREAD_REPO: RepoHealth = {
  renamedTo: null,
  head: "unknown",
  message: "The repo's default branch could not be read.",
  frozen: [],
  frozenUnreadable: [],
};

const NO_RUNS: Fleet = { threads: [], cards: [] };
const NO_FLEETS: ReadonlyMap<string, Fleet> = new Map();

/** The room of a repo at this point of the tick. */
export function roomAt(view: RepoView, tick: Tick): Room {
  if (view.answer?.tick !== tick) view.answer = { tick, room: roomIn(view, tick) };
  return view.answer.room;
}
