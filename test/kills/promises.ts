// Checks the promises of DESIGN section 8 on what the servers hold after a kill and the clean ticks behind it.
import { parseRunLine, type RunLine } from "../../src/core/prompt.ts";
import type { Issue, TimelineEvent } from "../support/github/state.ts";
import type { Scenario } from "./scenarios.ts";
import { allThreads, type KillWorld, liveThreads, READY, type TickReport } from "./world.ts";

const IN_PROGRESS = "agent-in-progress";
const HUMAN = "ready-for-human";
const MARKER = "<!-- afk:run:v1 ";

/** Everything that is not as promised, one sentence each. */
export function brokenPromises(world: KillWorld, scenario: Scenario, last: TickReport): readonly string[] {
  return [
    ...world.violations,
    ...threadProblems(world),
    ...scenario.issues.flatMap(([, ending], index) => {
      const issue = world.github.issue(index + 1);
      const name = `#${index + 1}`;
      return [
        ...endingProblems(issue, ending, last),
        ...cardProblems(world, issue),
        ...labelProblems(issue),
      ].map((problem) => `${problem} (${name})`);
    }),
  ];
}

/** S1, S2 and L6: one run an arming, every turn once, no thread left over. */
function threadProblems(world: KillWorld): readonly string[] {
  const problems: string[] = [];
  const { t3 } = world;
  const runs = new Map<string, string>();
  for (const { id } of allThreads(t3)) {
    const run = runOf(world, id);
    if (run === null) continue;
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

function runOf({ t3 }: KillWorld, threadId: string): RunLine | null {
  const first = t3.store.row(threadId).messages.find(({ role }) => role === "user");
  // Who signed it is not the question here.
  return first === undefined ? null : parseRunLine(first.text, { sign: () => "", verifies: () => true });
}

/** L1 and S6: every issue ends as its scenario says, and an issue that stays ready has its reason. */
function endingProblems(
  issue: Issue,
  ending: Scenario["issues"][number][1],
  last: TickReport,
): readonly string[] {
  const labels = issue.labels.toSorted().join(", ");
  const found = `${issue.open ? "open" : "closed"} [${labels}]`;
  const wanted = {
    closed: "closed []",
    closed_or_human: issue.open ? `open [${HUMAN}]` : "closed []",
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

interface CardState {
  readonly thread: string;
  readonly armed: string;
  readonly attempts: number;
  readonly resumes: number;
  readonly commit: string | null;
  readonly firstRedAt: string | null;
  readonly dispatchedAt: string;
  readonly outcome: string | null;
}

function cardIn(text: unknown): CardState | null {
  if (typeof text !== "string" || !text.startsWith(MARKER)) return null;
  const json = /^<!-- afk:run:v1 (\{.*\}) hmac/.exec(text)?.[1] ?? "{}";
  return JSON.parse(json) as CardState;
}

/** S8, S10, S12, L2, L4: over all versions of the issue's card that were ever written, and the last one. */
function cardProblems(world: KillWorld, issue: Issue): readonly string[] {
  const problems: string[] = [];
  const shown = issue.comments.map(({ body }) => cardIn(body)).filter((card) => card !== null);
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
  const hasRun = allThreads(world.t3).some(({ id }) => runOf(world, id)?.issue.number === issue.number);
  if (hasRun && shown.length === 0) problems.push("L6: its run has no card");
  return problems;
}

function versionsOf(world: KillWorld, issue: Issue): readonly CardState[] {
  const ids = new Set(issue.comments.map(({ id }) => String(id)));
  return world.github.server.made.flatMap(({ method, path, body }) => {
    const isNew = method === "POST" && path.endsWith(`/issues/${issue.number}/comments`);
    const isEdit = method === "PATCH" && ids.has(/\/issues\/comments\/(\d+)$/.exec(path)?.[1] ?? "");
    const text = isNew || isEdit ? Object(body).body : null;
    const card = cardIn(text);
    return card === null ? [] : [card];
  });
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

function rang({ sink }: KillWorld, card: CardState): boolean {
  return sink.received.some(({ body }) => {
    const bell = JSON.parse(body) as { readonly dedupeKey: string; readonly kind: string };
    return bell.kind !== "waiting" && bell.dedupeKey.startsWith(`${card.thread}:${card.armed}:`);
  });
}

function isGreen({ github }: KillWorld, sha: string | null): boolean {
  const commit = github.repo().commits.find(({ oid }) => oid === sha);
  const checks = commit?.checks ?? [];
  return (
    checks.length > 0 && checks.every((check) => "conclusion" in check && check.conclusion === "SUCCESS")
  );
}
