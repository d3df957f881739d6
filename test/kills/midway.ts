// What must be so at any moment, also in the world that a dead tick leaves: the order of the writes sees to it.
import type { Issue } from "../support/github/state.ts";
import { bellsOf, type CardState, cardsOn, versionsOf } from "./cards.ts";
import { HUMAN, IN_PROGRESS, READY, SECRETS } from "./settings.ts";
import { allThreads, liveThreads, runOf } from "./threads.ts";
import type { ChildEnd, KillWorld } from "./world.ts";

/** Everything that is wrong right behind a kill, one sentence each. */
export function brokenMidway(world: KillWorld, issueCount: number, child: ChildEnd): readonly string[] {
  const problems: string[] = [...outputProblems(child)];
  for (let number = 1; number <= issueCount; number += 1) {
    const issue = world.github.issue(number);
    const card = cardsOn(issue)[0] ?? null;
    const found = [
      ...lockProblems(world, issue),
      ...recordProblems(world, issue, card),
      ...lastProblems(world, issue, card),
    ];
    problems.push(...found.map((problem) => `${problem} (#${number}, right behind the kill)`));
  }
  return problems;
}

/** S13, and a report that is whole or not there. */
function outputProblems({ stdout, stderr }: ChildEnd): readonly string[] {
  const problems: string[] = [];
  if (SECRETS.some((secret) => `${stdout}${stderr}`.includes(secret)))
    problems.push("S13: a secret was printed");
  if (stdout !== "" && !/^\{.*\}\n$/s.test(stdout)) problems.push(`a report was cut off: ${stdout}`);
  return problems;
}

/** No phantom lock, and no issue that nobody would find again. */
function lockProblems(world: KillWorld, issue: Issue): readonly string[] {
  const problems: string[] = [];
  if (issue.labels.includes(IN_PROGRESS) && versionsOf(world, issue).length === 0)
    problems.push("L6: in-progress before there was a card");
  const isFound = [READY, IN_PROGRESS, HUMAN].some((label) => issue.labels.includes(label));
  if (issue.open && !isFound && !isPersons(issue))
    problems.push("L1: it is open and has no label of the loop");
  return problems;
}

/** A card follows its thread, and everything final follows the card. */
function recordProblems(world: KillWorld, issue: Issue, card: CardState | null): readonly string[] {
  const problems: string[] = [];
  if (card !== null && runOf(world.t3, card.thread) === null)
    problems.push("L6: a card without a started thread");
  const login = world.github.people.afk.login;
  const own = issue.timeline.filter(({ actor }) => actor?.login === login);
  const since = Date.parse(card?.dispatchedAt ?? "") || 0;
  const isFinal = own.some(
    (event) =>
      Date.parse(event.createdAt) >= since &&
      ((event.kind === "ClosedEvent" && event.commit === null) ||
        event.kind === "ReopenedEvent" ||
        (event.kind === "LabeledEvent" && event.label === HUMAN)),
  );
  if (isFinal && (card?.outcome ?? null) === null) problems.push("S12: it was ended before its card said so");
  return problems;
}

/** In-progress goes last: behind the bell, and behind the end of the thread. */
function lastProblems(world: KillWorld, issue: Issue, card: CardState | null): readonly string[] {
  const login = world.github.people.afk.login;
  const removed = issue.timeline.findLast(
    (event) => event.kind === "UnlabeledEvent" && event.label === IN_PROGRESS && event.actor?.login === login,
  );
  if (removed === undefined || card === null) return [];
  if (Date.parse(removed.createdAt) < Date.parse(card.dispatchedAt)) return [];
  const problems: string[] = [];
  if (card.outcome === null) problems.push("L2: in-progress was removed before the card had an outcome");
  const key = `${card.thread}:${card.armed}:`;
  if (!bellsOf(world).some(({ dedupeKey }) => dedupeKey.startsWith(key)))
    problems.push("L4: in-progress was removed before the bell rang");
  const isKnown = allThreads(world.t3).some(({ id }) => id === card.thread);
  if (isKnown && liveThreads(world.t3).some(({ id }) => id === card.thread))
    problems.push("L6: in-progress was removed before the thread was put away");
  return problems;
}

/** A person took it out of the loop. */
function isPersons({ timeline }: Issue): boolean {
  return timeline.some((event) => event.kind === "UnlabeledEvent" && event.actor?.login === "maria");
}
