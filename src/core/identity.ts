// The names that make every write repeatable: each is derived from what is to be done, none is random (DESIGN section 3).
import type { Digest } from "./digest.ts";
import type { IssueDetail } from "./issue.ts";

/** The RFC 4122 namespace for URLs. */
const URL_NAMESPACE = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

/** Where a thread stands: runs in a lane of a repo take slots 1, 2, 3, … one after another. */
export interface Place {
  readonly repo: string;
  readonly lane: number;
  readonly slot: number;
}

/** The version 5 UUID of a name in a namespace (RFC 9562 section 5.5). */
export function uuidv5(digest: Digest, namespace: string, name: string): string {
  const hash = digest.sha1(namespace.replaceAll("-", ""), name);
  const variant = ((Number.parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const hex = `${hash.slice(0, 12)}5${hash.slice(13, 16)}${variant}${hash.slice(18, 32)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The id of a repo's project on the executor; a deleted project's successor has the generation 2, 3, … */
export function projectId(digest: Digest, repo: string, generation = 1): string {
  return uuidv5(digest, URL_NAMESPACE, `afk-project:${repo}${generation === 1 ? "" : `:${generation}`}`);
}

/** The id of a run's thread: creating it is the lock. */
export function threadId(digest: Digest, place: Place): string {
  return uuidv5(digest, URL_NAMESPACE, `afk-run:${place.repo}:${place.lane}:${place.slot}`);
}

/** The run's short name, where a short one is needed. */
export function runKey(id: string): string {
  return `afk-${id.replaceAll("-", "").slice(0, 12)}`;
}

/** What a turn is for; each kind and number of a thread has one message id for ever. */
export type TurnKind =
  | { readonly kind: "implement" }
  | { readonly kind: "fix_forward"; readonly sha: string; readonly attempt: number }
  | { readonly kind: "resume"; readonly number: number };

/** The id of a turn's message: sending it twice is sending it once. */
export function messageId(digest: Digest, thread: string, turn: TurnKind): string {
  switch (turn.kind) {
    case "implement":
      return uuidv5(digest, thread, "turn:implement");
    case "fix_forward":
      return uuidv5(digest, thread, `turn:fix_forward:${turn.sha}:${turn.attempt}`);
    case "resume":
      return uuidv5(digest, thread, `turn:resume:${turn.number}`);
  }
}

/** The hash of what was approved: title and body, as the prompt will hold them. */
export function bodyHash(digest: Digest, issue: Pick<IssueDetail, "title" | "body">): string {
  return digest.sha256(`${issue.title}\n${issue.body}`);
}

/** Lanes above the configured number are still looked at: somebody may have lowered it while runs were live. */
const LANES_LOOKED_AT = 8;
/** Most threads that still matter stand in these slots of the lanes that are configured, which is looked at first. */
const FIRST_SLOTS = 50;
/** How many ids are made at most after that to find threads whose card was not read: 25,000 slots of one repo, fewer of many. */
const IDS_LOOKED_AT = 200_000;
/** Our formula makes version 5 UUIDs only; whatever else an executor holds needs no search. */
const VERSION_5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A thread to be placed; `repo` is the executor's hint, `place` what a verified card says of it. */
export interface Unplaced {
  readonly id: string;
  readonly repo: string | null;
  readonly place: Place | null;
}

/** Finds the places of threads, by formula only: hints say where to look and prove nothing. Others' ids are left out. */
export function locateThreads(
  digest: Digest,
  threads: readonly Unplaced[],
  repos: readonly string[],
  lanes: number,
): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>();
  const wanted: Wanted = { anywhere: new Set(), within: new Map() };
  const hosts = hostsOf(repos);
  for (const { id, repo, place } of threads) {
    if (!VERSION_5.test(id)) continue;
    if (place !== null && threadId(digest, place) === id) found.set(id, place);
    else if (repo === null) wanted.anywhere.add(id);
    else {
      const names = namesOf(repo, hosts);
      for (const name of names)
        wanted.within.set(
          name,
          (wanted.within.get(name) ?? new Map<string, readonly string[]>()).set(id, names),
        );
    }
  }
  search(digest, wanted, { repos, lanes, slots: FIRST_SLOTS }, found);
  search(digest, wanted, { repos, lanes: Math.max(lanes, LANES_LOOKED_AT), slots: Infinity }, found);
  return found;
}

/** The tracker hosts that the allowlist names. */
function hostsOf(repos: readonly string[]): readonly string[] {
  const parts = repos.map((repo) => repo.split("/")).filter(({ length }) => length === 3);
  return [...new Set(parts.map(([host = ""]) => host))];
}

/** What the hint may mean: the directory of a checkout has owner and name, and leaves out the host. */
function namesOf(hint: string, hosts: readonly string[]): readonly string[] {
  return hint.split("/").length === 2 ? [hint, ...hosts.map((host) => `${host}/${hint}`)] : [hint];
}

/** Ids without a place: those that may be of any repo, and those of one or of some. */
interface Wanted {
  readonly anywhere: Set<string>;
  /** By repo: its ids, each with all the names under which it is looked for. */
  readonly within: Map<string, Map<string, readonly string[]>>;
}

interface Searched {
  readonly repos: readonly string[];
  readonly lanes: number;
  readonly slots: number;
}

/** Looks for ids, slot by slot over all repos at once: threads that still matter stand in low slots. */
function search(
  digest: Digest,
  { anywhere, within }: Wanted,
  { repos, lanes, slots }: Searched,
  found: Map<string, Place>,
): void {
  const everywhere = new Set([...repos, ...within.keys()]);
  let made = 0;
  for (let slot = 1; slot <= slots && made < IDS_LOOKED_AT; slot += 1) {
    const asked = anywhere.size > 0 ? everywhere : new Set(within.keys());
    if (asked.size === 0) return;
    for (const repo of asked) {
      const ids = within.get(repo);
      made += lanes;
      for (let lane = 0; lane < lanes; lane += 1) {
        const place = { repo, lane, slot };
        const id = threadId(digest, place);
        const names = ids?.get(id);
        if (anywhere.delete(id) || names !== undefined) found.set(id, place);
        for (const name of names ?? []) forget(within, name, id);
      }
    }
  }
}

function forget(within: Wanted["within"], name: string, id: string): void {
  within.get(name)?.delete(id);
  if (within.get(name)?.size === 0) within.delete(name);
}
