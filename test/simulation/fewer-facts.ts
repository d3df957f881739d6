// Promise S16 for whole ticks: in the world of each scenario, every read of a tick fails once, and no plan gets bolder by it.
import type { Coverage } from "./coverage.ts";
import type { FaultKind } from "./faults.ts";
import { createPlayer, type Player } from "./history.ts";
import type { Finding } from "./exhaustive.ts";
import type { Scenario } from "./scenarios.ts";

const LOSSES: readonly FaultKind[] = ["500", "partial", "truncated", "empty"];
/** Rows that only time decides, and the operator's halt, which ends every run whatever is known of it. */
const BY_TIME = new Set(["ci_timeout", "too_old", "executor_unknown", "halted"]);
/** A wait for these reasons ends a run. */
const ENDING = new Set(["handed_over", "issue_gone", "finishing"]);
/** An issue that only these hold may be started in the place of one that nobody could read. */
const CAPACITY = new Set(["repo_busy", "tick_full", "fleet_full"]);

interface Decision {
  readonly repo: string;
  readonly issue: number | null;
  readonly action: string;
  readonly reason: string;
  readonly gates?: readonly { readonly reason: string }[];
}

/** Plans a scenario's tick with all reads, and then without each of them; nothing is written meanwhile. */
export async function loseFacts(
  scenario: Scenario,
  coverage: Coverage,
): Promise<{ readonly ticks: number; readonly findings: readonly Finding[] }> {
  const player = createPlayer(scenario.settings ?? {}, coverage);
  try {
    await player.play(scenario.before);
    const world = player.world.fingerprint();
    const command = scenario.group.ticks[0]?.command ?? "watch";
    player.trace = [];
    const whole = await decisionsOf(player, { ticks: [{ command, dryRun: true }] });
    const requests = player.trace.length;
    player.trace = null;
    for (let at = 0; at < requests; at += 1)
      for (const kind of LOSSES) {
        if (player.violations().length > 0) break;
        const poorer = await decisionsOf(player, {
          ticks: [{ command, dryRun: true }],
          faults: [[at, kind]],
        });
        for (const news of bolder(whole, poorer))
          player.judge.fail("S16", `Without request ${at} (${kind}) ${command} would ${news}.`);
        if (player.world.fingerprint() !== world) player.judge.fail("S16", "A dry run changed the world.");
        coverage.hit("antecedent", "S16");
      }
    const { before: steps, settings } = scenario;
    const history = { steps, ...(settings === undefined ? {} : { settings }) };
    const violations = player.violations();
    return {
      ticks: player.ticks,
      findings: violations.length === 0 ? [] : [{ name: scenario.name, history, violations }],
    };
  } finally {
    player.close();
  }
}

async function decisionsOf(
  player: Player,
  group: Parameters<Player["group"]>[0],
): Promise<readonly Decision[]> {
  const [tick] = await player.group(group);
  const { decisions = [] }: { readonly decisions?: readonly Decision[] } = JSON.parse(tick?.stdout ?? "{}");
  return decisions;
}

/** What the poorer plan does and the whole one does not. */
function bolder(whole: readonly Decision[], poorer: readonly Decision[]): readonly string[] {
  const before = whole.filter(isAct);
  const now = poorer.filter(isAct).filter(({ reason }) => !BY_TIME.has(reason));
  const same = (a: Decision, b: Decision): boolean =>
    a.repo === b.repo && a.issue === b.issue && a.action === b.action;
  const starts = (plan: readonly Decision[]): number =>
    plan.filter(({ action }) => action === "dispatch").length;
  const news = now.filter((decision) => {
    if (before.some((other) => same(decision, other))) return false;
    return (
      decision.action !== "dispatch" || !isOnlyCrowdedOut(whole, decision) || starts(now) > starts(before)
    );
  });
  return news.map(({ action, reason, repo, issue }) => `${action} ${repo}#${String(issue)} (${reason})`);
}

function isAct({ action, reason }: Decision): boolean {
  return action !== "hold" && (action !== "wait" || ENDING.has(reason));
}

function isOnlyCrowdedOut(whole: readonly Decision[], { repo, issue }: Decision): boolean {
  const held = whole.find((other) => other.repo === repo && other.issue === issue);
  return held !== undefined && [held, ...(held.gates ?? [])].every(({ reason }) => CAPACITY.has(reason));
}
