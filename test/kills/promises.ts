// Checks the promises of DESIGN section 8 on what the servers hold after a kill and the clean ticks behind it.
import type { Issue, TimelineEvent } from "../support/github/state.ts";
import { bellsOf, type CardState, cardsOn, versionsOf } from "./cards.ts";
import type { Ending, Scenario } from "./scenarios.ts";
import { HUMAN, IN_PROGRESS, READY } from "./settings.ts";
import { allThreads, liveThreads, runOf, sentTo } from "./threads.ts";
import type { KillWorld, TickReport } from "./world.ts";

/** Everything that is not as promised, one sentence each. */
export function brokenPromises(world: KillWorld, scenario: Scenario, last: TickReport): readonly string[] {
  return [
    ...world.violations,
    ...threadProblems(world),
    ...scenario.issues.flatMap(({ ending }, index) => {
      const issue = world.github.issue(index + 1);
      return [
        ...endingProblems(issue, ending, last),
        ...cardProblems(world, issue, ending),
        ...labelProblems(issue),
      ].map((problem) => `${problem} (#${issue.number})`);
    }),
  ];
}

/** S1, S2 and L6: one run an arming, every turn once, no thread left over. */
function threadProblems(world: KillWorld): readonly string[] {
  const problems: string[] = [];
  const { t3 } = world;
  const runs = new Map<string, string>();
  for (const { id } of allThreads(t3)) {
    const run = runOf(t3, id);
    if (run === null) continue;
    const fixes = sentTo(t3, id).filter((text) => text.startsWith(`afk-turn ${id} fix_forward=`));
    const resumes = sentTo(t3, id).filter((text) => text.startsWith(`afk-turn ${id} resume=`));
    if (fixes.length > world.maxAttempts || resumes.length > 1) problems.push(`S8: too many turns for ${id}`);
    const arming = `#${run.issue.number} ${run.armed}`;
    if (runs.has(arming)) problems.push(`S2: the arming ${arming} started two runs`);
    runs.set(arming, id);
  }
  const turns = t3.store.agents.turns.map(({ threadId, messageId }) => `${threadId} ${messageId}`);
  if (new Set(turns).size !== turns.length) problems.push("S2: a turn was taken up twice");
  const left = liveThreads(t3);
  const isHeld = left.some(({ id }) => t3.store.agents.atWork.has(id));
  if (left.length > 0) problems.push(`L6: ${left.length} live threads are left, at work: ${isHeld}`);
  return problems;
}

/** L1 and S6: every issue ends as its scenario says, and an issue that stays ready has its reason. */
function endingProblems(issue: Issue, ending: Ending, last: TickReport): readonly string[] {
  const labels = issue.labels.toSorted().join(", ");
  const found = `${issue.open ? "open" : "closed"} [${labels}]`;
  const wanted = {
    closed: "closed []",
    human: `open [${HUMAN}]`,
    ready: `open [${READY}]`,
    handed_over: handedOver(issue),
  }[ending];
  const problems = found === wanted ? [] : [`L1: it ended ${found}, expected ${wanted}`];
  const hold = last.decisions.find((decision) => decision.issue === issue.number);
  if (ending === "ready" && hold?.action !== "hold") problems.push("L1: it stays ready without a reason");
  return problems;
}

/** What the person did last stands; afk only takes its own labels away. */
function handedOver({ timeline }: Issue): string {
  const deeds = timeline.filter(({ actor }) => actor?.login === "maria");
  const last = deeds.at(-1);
  if (last?.kind === "ClosedEvent") return "closed []";
  return last?.kind === "LabeledEvent" && last.label === HUMAN ? `open [${HUMAN}]` : "open []";
}

/** S9: after the end of a run the in-progress label comes back only behind a new arming. */
function labelProblems({ timeline }: Issue): readonly string[] {
  let isArmed = false;
  let wasTaken = false;
  const problems: string[] = [];
  for (const event of timeline) {
    if (isLabel(event, "LabeledEvent", READY)) isArmed = true;
    if (isLabel(event, "LabeledEvent", IN_PROGRESS)) {
      if (!isArmed) problems.push("S9: in-progress came back without a new arming");
      wasTaken = true;
    }
    if (isLabel(event, "UnlabeledEvent", IN_PROGRESS) && wasTaken) isArmed = false;
  }
  return problems;
}

function isLabel(event: TimelineEvent, kind: "LabeledEvent" | "UnlabeledEvent", label: string): boolean {
  return event.kind === kind && event.label === label;
}

/** How the last run of an issue must have ended; an issue that stays ready has none. */
const OUTCOMES: Readonly<Record<Ending, readonly (string | null)[]>> = {
  closed: ["close_success"],
  human: ["escalate_prepush", "freeze_escalate"],
  handed_over: ["handed_over"],
  ready: [null],
};

/** S8, S10, S12, L2, L4: over all versions of the issue's card that were ever written, and the last one. */
function cardProblems(world: KillWorld, issue: Issue, ending: Ending): readonly string[] {
  const problems: string[] = [];
  const shown = cardsOn(issue);
  const outcome = shown[0]?.outcome ?? null;
  if (!OUTCOMES[ending].includes(outcome)) problems.push(`L1: its card says ${outcome}`);
  if (shown.length > 1) problems.push("L6: two cards are left");
  const versions = versionsOf(world, issue);
  const byThread = Map.groupBy(versions, ({ thread }) => thread);
  for (const [thread, cards] of byThread) {
    problems.push(...cards.flatMap((card, index) => stepProblems(cards[index - 1], card)));
    const end = cards.at(-1);
    if (end === undefined) continue;
    if (end.attempts > world.maxAttempts || end.resumes > 1) problems.push("S8: a budget was exceeded");
    if (end.outcome === null) problems.push("L2: its run never ended");
    else if (!rang(world, end)) problems.push(`L4: nobody was rung for ${thread}`);
    if (end.outcome === "close_success" && !isGreen(world, end.commit))
      problems.push("S10: it was closed without a green commit");
  }
  const hasRun = allThreads(world.t3).some(({ id }) => runOf(world.t3, id)?.issue.number === issue.number);
  if (hasRun && shown.length === 0) problems.push("L6: its run has no card");
  return problems;
}

function stepProblems(before: CardState | undefined, after: CardState): readonly string[] {
  if (before === undefined) return [];
  const problems: string[] = [];
  if (after.attempts < before.attempts || after.resumes < before.resumes)
    problems.push("S8: a budget decreased");
  if (after.dispatchedAt > before.dispatchedAt || (before.firstRedAt ?? "9") < (after.firstRedAt ?? "9"))
    problems.push("S8: a clock of the card was set back");
  if (before.outcome !== null && after.outcome === null) problems.push("S9: an ended run came back");
  if (before.outcome !== null && after.outcome !== null && before.outcome !== after.outcome)
    problems.push("S12: its run ended in two ways");
  return problems;
}

function rang(world: KillWorld, card: CardState): boolean {
  return bellsOf(world).some(
    ({ kind, dedupeKey }) => kind !== "waiting" && dedupeKey.startsWith(`${card.thread}:${card.armed}:`),
  );
}

function isGreen({ github }: KillWorld, sha: string | null): boolean {
  const commit = github.repo().commits.find(({ oid }) => oid === sha);
  const checks = commit?.checks ?? [];
  return (
    checks.length > 0 && checks.every((check) => "conclusion" in check && check.conclusion === "SUCCESS")
  );
}
