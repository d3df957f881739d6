// Which lanes are taken and which slot comes next: from the threads and from the verified cards of one read (DESIGN section 3).
import type { Card } from "./card.ts";
import type { CardReading } from "./card-reading.ts";
import type { Digest } from "./digest.ts";
import { type Place, threadId } from "./identity.ts";
import { type IssueDetail, issueName } from "./issue.ts";
import type { RunLine } from "./prompt.ts";
import { isLive, type Thread, type ThreadDetail } from "./thread.ts";

/** A thread whose id our formula made. `run`: what the signed first line of its first message says, if it was read. */
export interface PlacedThread {
  readonly thread: Thread | ThreadDetail;
  readonly place: Place;
  readonly run: RunLine | null;
}

/** A verified card and whether its issue still carries the in-progress label. */
export interface CardOnIssue {
  readonly card: Card;
  readonly inProgress: boolean;
  /** A person took the run over and its thread is not live: nothing holds the lane any more. */
  readonly abandoned: boolean;
}

export interface Fleet {
  /** Every id the executor has ever seen, as far as it was asked. */
  readonly threads: readonly PlacedThread[];
  readonly cards: readonly CardOnIssue[];
}

/** A card holds its lane until the run has ended and its agent is known to have stopped. */
export function holdsLane(held: CardOnIssue): boolean {
  if (held.card.outcome === null) return !held.abandoned;
  return held.card.stop === "unconfirmed" && held.inProgress;
}

/** A new set of the lanes of a repo that have a live thread or a card that holds them; higher lanes count too. */
export function busyLanes(fleet: Fleet, repo: string): Set<number> {
  const lanes = new Set<number>();
  for (const { thread, place } of fleet.threads)
    if (place.repo === repo && isLive(thread)) lanes.add(place.lane);
  for (const held of fleet.cards) if (held.card.repo === repo && holdsLane(held)) lanes.add(held.card.lane);
  return lanes;
}

/** The issue that a thread's title names, as `owner/name#7`; titles are for people and prove nothing. */
export function titledIssue({ thread }: PlacedThread): string | null {
  return /^.*?#\d+(?=:)/.exec(thread.title)?.[0] ?? null;
}

/** The threads that are no longer live, by the issue that their title names. */
export function overByIssue({ threads }: Fleet): ReadonlyMap<string | null, readonly PlacedThread[]> {
  const over = threads.filter(({ thread }) => !isLive(thread));
  return over.length === 0 ? NOTHING_OVER : Map.groupBy(over, titledIssue);
}

const NOTHING_OVER: ReadonlyMap<string | null, readonly PlacedThread[]> = new Map();

/** Each repo's part of a fleet, so that a question about one repo does not walk over all others. */
export function fleetsByRepo(fleet: Fleet): ReadonlyMap<string, Fleet> {
  const parts = new Map<string, { readonly threads: PlacedThread[]; readonly cards: CardOnIssue[] }>();
  const partOf = (repo: string) => {
    const part = parts.get(repo) ?? { threads: [], cards: [] };
    parts.set(repo, part);
    return part;
  };
  for (const placed of fleet.threads) partOf(placed.place.repo).threads.push(placed);
  for (const held of fleet.cards) partOf(held.card.repo).cards.push(held);
  return parts;
}

/** How many runs are in flight over all repos. */
export function inFlight(fleet: Fleet): number {
  const live = new Set(fleet.threads.filter(({ thread }) => isLive(thread)).map(({ thread }) => thread.id));
  for (const held of fleet.cards) if (holdsLane(held)) live.add(held.card.thread);
  return live.size;
}

/** The first slot of a lane whose id was never seen and that is above every slot on a verified card of the lane. */
export function nextSlot(digest: Digest, fleet: Fleet, repo: string, lane: number): number {
  const seen = new Set(fleet.threads.map(({ thread }) => thread.id));
  let slot = 1;
  for (const { card } of fleet.cards)
    if (card.repo === repo && card.lane === lane) slot = Math.max(slot, card.slot + 1);
  while (seen.has(threadId(digest, { repo, lane, slot }))) slot += 1;
  return slot;
}

/** By so much may the clocks of tracker and executor differ when a thread's creation is compared with a label. */
const CLOCK_MILLISECONDS = 60_000;

/**
 * The thread of a run that nobody recorded: its tick died before the card, and then a person put the thread away. Its
 * messages cannot be read any more, so its title, which is no proof, is enough to hold an issue (promise S2). Only people
 * archive a thread without a message, and T3 still takes the first one that was on its way then.
 */
export function unrecordedRun(
  threads: readonly PlacedThread[],
  issue: IssueDetail,
  card: CardReading | null,
): string | null {
  const { arming } = issue;
  if (arming === null) return null;
  const recorded = card?.kind === "valid" ? card.card.thread : null;
  const found = threads.find(
    ({ thread, place }) =>
      place.repo === issue.repo &&
      !isLive(thread) &&
      (thread.hasMessage || thread.ending === "archived") &&
      thread.id !== recorded &&
      thread.createdAt >= arming.at - CLOCK_MILLISECONDS &&
      thread.title.startsWith(`${issueName(issue)}:`),
  );
  return found?.thread.id ?? null;
}
