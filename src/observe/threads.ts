// Reads the executor's threads and finds out which of them are ours, where they stand, and which issue they work on.
import type { Card } from "../core/card.ts";
import type { PlacedThread } from "../core/fleet.ts";
import { locateThreads } from "../core/identity.ts";
import { type Gap, type Observation, unknown } from "../core/observation.ts";
import { issueName } from "../core/issue.ts";
import { parseRunLine } from "../core/prompt.ts";
import { isLive, messagesOf, type ThreadList } from "../core/thread.ts";
import { concurrently } from "../concurrently.ts";
import type { Tools } from "../tools.ts";
import { ask, gapOf } from "./ask.ts";
import type { SeenIssue } from "./details.ts";

/** Places the listed threads by formula; `cards` spare the search for those they name. */
export function placeThreads(
  tools: Tools,
  list: ThreadList,
  cards: readonly Card[],
): readonly PlacedThread[] {
  const byThread = new Map(cards.map((card) => [card.thread, card]));
  const lanes = Math.max(1, ...tools.allowlist.map((repo) => tools.policyOf(repo).maxPerRepo));
  const unplaced = list.threads.map(({ id, repo }) => ({ id, repo, place: byThread.get(id) ?? null }));
  const places = locateThreads(tools.digest, unplaced, tools.allowlist, lanes);
  return list.threads.flatMap((thread) => {
    const place = places.get(thread.id);
    if (place === undefined) return [];
    return [{ thread, place: { repo: place.repo, lane: place.lane, slot: place.slot }, run: null }];
  });
}

/** The live threads of ours. `unnamed`: those of `ours` that no card names, read to learn which issue they work on. */
export interface LiveThreads {
  readonly ours: readonly PlacedThread[];
  readonly unnamed: readonly PlacedThread[];
  /** Ours by id, but of a repo that is not in the allowlist. */
  readonly strangers: readonly PlacedThread[];
}

/** Finds our live threads in a list; one that could not be read stays, without its issue, and becomes a gap. */
export async function readLive(
  tools: Tools,
  list: Observation<ThreadList>,
  cards: readonly Card[],
  gaps: Gap[],
): Promise<LiveThreads> {
  if (!list.known) return { ours: [], unnamed: [], strangers: [] };
  const live = placeThreads(tools, list.value, cards).filter(({ thread }) => isLive(thread));
  const named = new Set(cards.map((card) => card.thread));
  const allowed = new Set(tools.allowlist);
  const ours = live.filter(({ place }) => allowed.has(place.repo));
  const unnamed = await concurrently(
    ours.filter(({ thread }) => !named.has(thread.id)),
    (placed) => withRun(tools, placed, gaps),
  );
  return {
    ours: [...ours.filter(({ thread }) => named.has(thread.id)), ...unnamed],
    unnamed,
    strangers: live.filter(({ place }) => !allowed.has(place.repo)),
  };
}

/**
 * Finds the threads that work on an issue, each lookup in constant time: of `named` the one that its card names, and all
 * that say so themselves. They come in the order of the list.
 */
export function threadsByIssue(
  threads: readonly PlacedThread[],
  by: {
    readonly named: readonly PlacedThread[];
    readonly saidIssue: (placed: PlacedThread) => string | null;
  },
): (issue: SeenIssue) => readonly PlacedThread[] {
  const order = new Map(threads.map((placed, index) => [placed, index]));
  const byId = new Map(by.named.map((placed) => [placed.thread.id, placed]));
  const byIssue = Map.groupBy(threads, by.saidIssue);
  return ({ ref, card }) => {
    const named = card?.kind === "valid" ? byId.get(card.card.thread) : undefined;
    const found = new Set(byIssue.get(issueName(ref)));
    if (named !== undefined) found.add(named);
    return [...found].toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  };
}

/** Asks the executor which server it is, when there is a run to compare or to record; else nobody needs to know. */
export async function identify(
  list: Observation<ThreadList>,
  cards: readonly Card[],
  live: LiveThreads,
): Promise<Observation<string>> {
  if (!list.known) return list;
  if (cards.length === 0 && live.unnamed.length === 0)
    return unknown("transport", "The executor was not asked its name.");
  return ask(() => list.value.identify());
}

/** Reads the thread itself and the signed first line of its first message: which issue of which repo it works on. */
async function withRun(tools: Tools, placed: PlacedThread, gaps: Gap[]): Promise<PlacedThread> {
  if (!placed.thread.hasMessage) return placed;
  const detail = await ask(() => tools.executor.readThread(placed.thread.id));
  gaps.push(...gapOf(`${placed.place.repo} thread ${placed.thread.id}`, detail));
  if (!detail.known || detail.value === null) return placed;
  const run = parseRunLine(messagesOf(detail.value)[0]?.text ?? "", tools.signer);
  const isOurs = run !== null && run.thread === placed.thread.id && run.issue.repo === placed.place.repo;
  return { ...placed, thread: detail.value, run: isOurs ? run : null };
}
