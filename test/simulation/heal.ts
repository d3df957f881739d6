// After the faults: everything works again, agents and CI finish, clean ticks follow, and then progress is demanded.
import { cardIn, mergedCards, ownCards } from "./oracle-writes.ts";
import type { Issue } from "../support/github/state.ts";
import { runLineOf } from "./deeds.ts";
import type { Player } from "./history.ts";
import { isBlocked, repoOfThread, trustedArming } from "./oracle.ts";
import { HUMAN, IN_PROGRESS, READY, REPOS, threadIds } from "./world.ts";

/** Rounds of one watch and one poll; together they last longer than all budgets of a run. */
const MOST_ROUNDS = 40;
const SHORT_SECONDS = 250;
const LONG_SECONDS = 1300;

/** Heals the world, lets clean ticks run until nothing happens, and judges L1 to L6. */
export async function heal(player: Player): Promise<void> {
  const { world, judge } = player;
  for (const service of ["github", "t3", "bell"]) player.deed(["outage", service, "none"]);
  for (const name of ["t3-keep", "t3-hear", "repo-named-back"]) player.deed(["machine", name]);
  player.deed(["set", "AFK_KILL_SWITCH", "false"]);
  player.deed(["set", "AFK_HALT", "false"]);
  player.deed(["ci", "ci-green", 0]);
  player.deed(["ci", "ci-green", 1]);
  let quiet = 0;
  for (let round = 0; round < MOST_ROUNDS && judge.violations.length === 0; round += 1) {
    const before = player.writes;
    const turns = world.t3.store.agents.turns.length;
    player.deed(["skip", round < 4 ? SHORT_SECONDS : LONG_SECONDS]);
    await player.group({ ticks: [{ command: "watch" }] });
    await player.group({ ticks: [{ command: "poll" }] });
    if (round === 1 && world.settings["AFK_ALLOWLIST"]?.includes(REPOS[0]) === true) judgeDead(player);
    const started = world.t3.store.agents.turns.length > turns;
    // Agents that were sent something answer it at once and well; those that were silent stay so.
    if (started) finishNewest(player);
    quiet = player.writes === before && !hasOpenRun(player) ? quiet + 1 : 0;
    if (quiet >= 2) return demandProgress(player);
  }
  if (judge.violations.length > 0) return;
  const open = openRuns(player);
  judge.fail("L2", `The world did not come to rest: ${open.join(", ") || "writes go on"}.`);
}

function finishNewest({ world, deed }: Player): void {
  const { agents } = world.t3.store;
  const newest = agents.turns.at(-1)?.threadId;
  const index = [...agents.atWork].toSorted().indexOf(newest ?? "");
  if (index < 0) return;
  deed(["agent", "green", index]);
}

function hasOpenRun(player: Player): boolean {
  return openRuns(player).length > 0;
}

/** Whether a thread exists and nobody put it away. */
function isThere(world: Player["world"], id: string): boolean {
  const row = threadIds(world).includes(id) ? world.t3.store.row(id) : null;
  return row !== null && (row.archivedAt ?? row.deletedAt ?? row.settledOverride) === null;
}

/**
 * Runs whose card has no outcome and that watch still sees. Where people damaged the card and put the thread away, afk
 * holds the issue as unreadable until one of them mends it.
 */
function openRuns({ world, judge }: Player): readonly string[] {
  const allowed = REPOS.filter((name) => world.settings["AFK_ALLOWLIST"]?.includes(name));
  return allowed.flatMap((name) =>
    [...world.repo(name).issues.values()].flatMap((issue) => {
      const key = `${name}#${issue.number}`;
      const open = mergedCards(world, issue).filter(({ outcome }) => outcome === null);
      const isLabelled = issue.labels.includes(IN_PROGRESS) && !judge.tampered.has(key);
      return open.some(({ thread }) => isLabelled || isThere(world, thread)) ? [key] : [];
    }),
  );
}

async function demandProgress(player: Player): Promise<void> {
  const { world, judge } = player;
  const { coverage } = judge;
  const before = player.writes;
  const [watch] = await player.group({ ticks: [{ command: "watch" }] });
  const [poll] = await player.group({ ticks: [{ command: "poll" }] });
  coverage.hit("antecedent", "L3");
  if (player.writes > before) judge.fail("L3", "A world at rest was written to.");
  const reasons = new Map<string, string>();
  for (const tick of [watch, poll]) {
    if (tick === undefined || tick.phase !== "over") continue;
    const {
      decisions = [],
    }: { decisions?: { repo: string; issue: number; action: string; reason: string }[] } = JSON.parse(
      tick.stdout,
    );
    for (const { repo, issue, action, reason } of decisions)
      if (action === "hold" || action === "wait") reasons.set(`${repo}#${issue}`, reason);
  }
  for (const name of REPOS)
    for (const issue of world.repo(name).issues.values()) {
      if (world.settings["AFK_ALLOWLIST"]?.includes(name) !== true) continue;
      const key = `${name}#${issue.number}`;
      coverage.hit("antecedent", "L1");
      const isEnded = !issue.open || issue.labels.includes(HUMAN) || !issue.labels.includes(READY);
      if (!isEnded && !reasons.has(key)) judge.fail("L1", `${key} is ready, and nobody says why it waits.`);
      if (
        !isEnded &&
        ["base_unknown", "executor_unknown", "issue_unreadable", "rate_limited", "tick_full"].includes(
          reasons.get(key) ?? "",
        )
      )
        judge.fail("L5", `${key} still waits for ${reasons.get(key)} in a healthy world.`);
      if (
        !isEnded &&
        reasons.get(key) === "fleet_full" &&
        world.t3.store.agents.atWork.size === 0 &&
        !REPOS.some((other) => isLaneHeld(player, other))
      )
        judge.fail("L5", `${key} waits for a full fleet in which nobody works.`);
      if (
        !isEnded &&
        reasons.get(key) === "repo_busy" &&
        world.t3.store.agents.atWork.size === 0 &&
        !isLaneHeld(player, name)
      )
        judge.fail("L5", `${key} waits for a lane that nobody uses.`);
      judgeEligible(player, key, issue, reasons.get(key) ?? "");
      judgeEnded(player, key, issue);
      judgeOpenCards(player, key, issue);
    }
  judgeBells(player);
  judgeThreads(player);
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
    if (/escalate/.test(card.outcome ?? "") && !issue.labels.includes(HUMAN))
      judge.fail("L1", `${key} was escalated to nobody.`);
  }
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
    // Closed by the agent's own commit before it had the label, and then its thread went away: nothing leads there.
    const closed = issue.timeline.findLast((event) => event.kind === "ClosedEvent");
    const isByCommit = closed?.kind === "ClosedEvent" && closed.commit !== null;
    const isForgotten =
      !issue.open && isByCommit && !issue.labels.includes(IN_PROGRESS) && !isThere(world, card.thread);
    // Nothing leads to an end that a tick wrote over and did not live to put back, once all else was done.
    const isLost = judge.overwritten.get(`${card.thread} ${key}`)?.isLeft === true;
    if (isLost) judge.coverage.hit("excused", "L2");
    if (!isPersons && !isForgotten && !isLost)
      judge.fail("L2", `The run of ${key} (${card.thread}) has no end.`);
  }
}

/** L2: an agent whose last turn failed is not waited for as if it worked. */
function judgeDead({ world, judge }: Player): void {
  const { store } = world.t3;
  for (const id of threadIds(world)) {
    const { latestTurn, settledOverride, archivedAt, deletedAt, messages } = store.row(id);
    if (latestTurn?.state !== "error" || (settledOverride ?? archivedAt ?? deletedAt) !== null) continue;
    const run = runLineOf(world, id);
    const issue = run === null ? null : world.issue(run.repo, run.issue);
    if (run === null || issue === null || judge.tampered.has(`${run.repo}#${run.issue}`)) continue;
    if (messages.some(({ role, text }) => role === "user" && !text.startsWith("afk-"))) continue;
    const card = ownCards(world, issue)
      .map(cardIn)
      .find((one) => one?.thread === id);
    const seconds = (world.state.now - Date.parse(latestTurn.completedAt ?? latestTurn.requestedAt)) / 1000;
    if (card?.outcome === null && card.commit === null && seconds > 500)
      judge.fail("L2", `The agent of ${id} failed ${Math.round(seconds)} s ago, and its run goes on.`);
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
        (event.kind === "ClosedEvent" || (event.kind === "UnlabeledEvent" && event.label === READY)),
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
