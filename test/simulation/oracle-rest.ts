// Judges a world at rest: whether every issue has come to a good end or says why it waits, and whether anything was forgotten.
import type { Issue } from "../support/github/state.ts";
import { runLineOf } from "./deeds.ts";
import type { Player } from "./history.ts";
import { isBlocked, repoOfThread, trustedArming } from "./oracle.ts";
import { judgeEnds } from "./oracle-ends.ts";
import { cardIn, mergedCards, ownCards } from "./oracle-writes.ts";
import { HUMAN, IN_PROGRESS, READY, REPOS, threadIds } from "./world.ts";

/** L1, L2 and L4 to L6. `reasons`: by issue, why the last clean ticks left it alone. */
export function judgeRest(player: Player, reasons: ReadonlyMap<string, string>): void {
  const { world } = player;
  for (const name of REPOS)
    for (const issue of world.repo(name).issues.values()) {
      if (!isAllowed(player, name)) continue;
      const key = `${name}#${issue.number}`;
      judgeWaiting(player, name, issue, reasons.get(key) ?? null);
      judgeEligible(player, key, issue, reasons.get(key) ?? "");
      judgeEnded(player, key, issue);
      judgeOpenCards(player, key, issue);
    }
  judgeBells(player);
  judgeEnds(player.judge);
  judgeThreads(player);
}

/** What no issue of a healthy world waits for. */
const PASSING_REASONS = ["base_unknown", "executor_unknown", "issue_unreadable", "rate_limited", "tick_full"];

/** L1 and L5: an issue that is still ready says why, and it is a reason that can still be so. */
function judgeWaiting(player: Player, name: string, issue: Issue, reason: string | null): void {
  const { world, judge } = player;
  const key = `${name}#${issue.number}`;
  judge.coverage.hit("antecedent", "L1");
  if (!issue.open || issue.labels.includes(HUMAN) || !issue.labels.includes(READY)) return;
  if (reason === null) return judge.fail("L1", `${key} is ready, and nobody says why it waits.`);
  if (PASSING_REASONS.includes(reason))
    judge.fail("L5", `${key} still waits for ${reason} in a healthy world.`);
  if (world.t3.store.agents.atWork.size > 0) return;
  if (reason === "fleet_full" && !REPOS.some((other) => isLaneHeld(player, other)))
    judge.fail("L5", `${key} waits for a full fleet in which nobody works.`);
  if (reason === "repo_busy" && !isLaneHeld(player, name))
    judge.fail("L5", `${key} waits for a lane that nobody uses.`);
}

/** Whether a thread exists and nobody put it away. */
export function isThere(world: Player["world"], id: string): boolean {
  const row = threadIds(world).includes(id) ? world.t3.store.row(id) : null;
  return row !== null && (row.archivedAt ?? row.deletedAt ?? row.settledOverride) === null;
}

/** A thread that a person talks to keeps its lane until it is put away, also one that afk left empty. */
function isLaneHeld({ world }: Player, name: string): boolean {
  return threadIds(world).some((id) => {
    const row = world.t3.store.row(id);
    const sent = row.messages.filter(({ role }) => role === "user");
    return (
      row.archivedAt === null &&
      row.deletedAt === null &&
      repoOfThread(world, id) === name.replace("/", "__") &&
      sent.some(({ text }) => !text.startsWith("afk-"))
    );
  });
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  close_success: ["done"],
  escalate_prepush: ["needs-human"],
  freeze_escalate: ["frozen", "needs-human"],
  handed_over: ["needs-human"],
};

const OWN_REASONS = [
  "blocked",
  "blocker_unreadable",
  "open_sub_issues",
  "untrusted_label",
  "untrusted_label_self",
  "edited_after_label",
  "not_ready",
];

/** L5: what a trusted person armed and nothing blocks is not held for its own sake. */
function judgeEligible({ world, judge }: Player, key: string, issue: Issue, reason: string): void {
  if (trustedArming(world, issue) === null || isBlocked(world, issue)) return;
  judge.coverage.hit("antecedent", "L5");
  if (OWN_REASONS.includes(reason) && !isOtherStranger(world, issue))
    judge.fail("L5", `${key} may start, and is held as ${reason}.`);
}

/** afk also minds edits in the very second of the label. */
function isOtherStranger(_world: Player["world"], issue: Issue): boolean {
  return (
    issue.edits.some(({ editor }) => editor?.login === "oscar") ||
    issue.timeline.some(({ kind }) => kind === "RenamedTitleEvent")
  );
}

/** L1: a run that ended has left its issue closed, or with a person, unless a person changed that. */
function judgeEnded({ world, judge }: Player, key: string, issue: Issue): void {
  const afk = world.github.people.afk.login;
  if (judge.tampered.has(key)) return;
  for (const card of ownCards(world, issue).map(cardIn)) {
    const touched = issue.timeline.some(
      ({ actor, createdAt }) => actor?.login !== afk && createdAt > (card?.dispatchedAt ?? ""),
    );
    if (card === null || touched) continue;
    if (card.outcome === "close_success" && issue.open)
      judge.fail("L1", `${key} has landed and was never closed.`);
    const isForgotten = isClosedByCommit(world, issue, card.thread);
    if (/escalate/.test(card.outcome ?? "") && !issue.labels.includes(HUMAN) && !isForgotten)
      judge.fail("L1", `${key} was escalated to nobody.`);
  }
}

/** Closed by the agent's own commit before it had the label, and then its thread went away: nothing leads there. */
function isClosedByCommit(world: Player["world"], issue: Issue, thread: string): boolean {
  const closed = issue.timeline.findLast((event) => event.kind === "ClosedEvent");
  const isByCommit = closed?.kind === "ClosedEvent" && closed.commit !== null;
  return !issue.open && isByCommit && !issue.labels.includes(IN_PROGRESS) && !isThere(world, thread);
}

/**
 * L2: a card without an outcome at rest is a run that nobody will ever end, unless a person took the issue back: then
 * nothing may be left that leads to it, and afk has nothing more to do.
 */
function judgeOpenCards({ world, judge }: Player, key: string, issue: Issue): void {
  const afk = world.github.people.afk.login;
  if (judge.tampered.has(key)) return;
  for (const card of mergedCards(world, issue)) {
    if (card.outcome !== null) continue;
    const isPersons = issue.timeline.some(
      (event) =>
        event.actor?.login !== afk &&
        event.createdAt >= card.dispatchedAt &&
        ((event.kind === "UnlabeledEvent" && [IN_PROGRESS, READY].includes(event.label)) ||
          (event.kind === "LabeledEvent" && event.label === HUMAN) ||
          event.kind === "ClosedEvent"),
    );
    const isForgotten = isClosedByCommit(world, issue, card.thread);
    // Nothing leads to an end that a tick wrote over and did not live to put back, once all else was done.
    const isLost = judge.overwritten.get(`${card.thread} ${key}`)?.isLeft === true;
    if (isLost) judge.coverage.hit("excused", "L2");
    if (!isPersons && !isForgotten && !isLost)
      judge.fail("L2", `The run of ${key} (${card.thread}) has no end.`);
  }
}

/**
 * L4: every outcome that a card ever had rang, or failed to ring three times. What people may take away is what leads afk
 * back to a bell that was down; where nothing is left that does, nobody is rung, and the people who took it know.
 */
function judgeBells(player: Player): void {
  const { world, judge } = player;
  for (const [run, outcomes] of judge.outcomes) {
    const [thread = "", key = ""] = run.split(" ");
    const [repo = "", number = ""] = key.split("#");
    const issue = world.issue(repo, Number(number));
    if (issue === null || judge.tampered.has(key) || !isAllowed(player, repo)) continue;
    judge.coverage.hit("antecedent", "L4");
    const wanted = [...outcomes.keys()].flatMap((outcome) => KINDS[outcome] ?? []);
    const rang = world.bells.some(
      ({ dedupeKey, kind }) => wanted.includes(kind) && dedupeKey.startsWith(thread),
    );
    const texts = ownCards(world, issue).filter((text) => cardIn(text)?.thread === thread);
    if (rang || judge.unheard.has(thread)) continue;
    if (isLeadless(player, thread, issue, texts.length > 0)) judge.coverage.hit("excused", "L4");
    else judge.fail("L4", `${key} ended as ${[...outcomes.keys()].join()} and nobody was told.`);
  }
}

/** Whether people, or a lost disk, took away all that led to a run, and afk itself took nothing after that. */
function isLeadless({ world }: Player, thread: string, issue: Issue, hasCard: boolean): boolean {
  const afk = world.github.people.afk.login;
  const { store } = world.t3;
  if (threadIds(world).includes(thread)) {
    const row = store.row(thread);
    const last = store.done.findLast(
      (one) =>
        "threadId" in one &&
        one.threadId === thread &&
        ["thread.archive", "thread.delete", "thread.settle"].includes(one.type),
    );
    if ((row.archivedAt ?? row.deletedAt) === null || !isOfPerson(last?.commandId)) return false;
  }
  // A re-armed issue got the card of its next run, and with it a person's attention.
  if (!hasCard) return true;
  const labels = issue.timeline.filter((event) => "label" in event && event.label === IN_PROGRESS);
  const removed = labels.at(-1);
  if (issue.labels.includes(IN_PROGRESS) || removed?.actor?.login === afk) return false;
  const since = removed === undefined ? 0 : issue.timeline.indexOf(removed);
  return !issue.timeline
    .slice(since)
    .some(
      (event) =>
        event.actor?.login === afk &&
        ((event.kind === "ClosedEvent" && event.commit === null) ||
          (event.kind === "UnlabeledEvent" && event.label === READY)),
    );
}

function isOfPerson(commandId: string | undefined): boolean {
  return commandId?.startsWith("person-") === true;
}

function isAllowed({ world }: Player, repo: string): boolean {
  return world.settings["AFK_ALLOWLIST"]?.includes(repo) === true;
}

/** L6 and L2: no thread of ours is live without a card, and no agent works for a run that has ended. */
function judgeThreads({ world, judge }: Player): void {
  const { store } = world.t3;
  const texts = REPOS.flatMap((name) =>
    [...world.repo(name).issues.values()].flatMap((issue) => ownCards(world, issue)),
  );
  for (const id of threadIds(world)) {
    const row = store.row(id);
    const sent = row.messages.filter(({ role }) => role === "user");
    if (sent.some(({ text }) => !text.startsWith("afk-"))) continue;
    if (row.archivedAt !== null || row.deletedAt !== null) continue;
    judge.coverage.hit("antecedent", "L6");
    judge.coverage.hit("antecedent", "L2");
    const card = texts.find((text) => text.includes(`"thread":"${id}"`));
    const run = runLineOf(world, id);
    if (
      card === undefined &&
      !(run !== null && judge.tampered.has(`${run.repo}#${run.issue}`)) &&
      row.settledOverride === null
    )
      judge.fail("L6", `The thread ${id} is live, and no card names it.`);
    else if (
      card !== undefined &&
      cardIn(card)?.outcome === null &&
      row.settledOverride === null &&
      run !== null &&
      world.settings["AFK_ALLOWLIST"]?.includes(run.repo) === true
    )
      judge.fail("L2", `The run ${id} never ended.`);
  }
}
