// After the faults: everything works again, agents and CI finish, clean ticks follow, and then progress is demanded.
import { runLineOf } from "./deeds.ts";
import type { Player } from "./history.ts";
import { isThere, judgeRest } from "./oracle-rest.ts";
import { cardIn, mergedCards, ownCards } from "./oracle-writes.ts";
import { IN_PROGRESS, REPOS, threadIds } from "./world.ts";

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
  const { judge } = player;
  const before = player.writes;
  const [watch] = await player.group({ ticks: [{ command: "watch" }] });
  const [poll] = await player.group({ ticks: [{ command: "poll" }] });
  judge.coverage.hit("antecedent", "L3");
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
  judgeRest(player, reasons);
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
