// How long the pure decisions take, and how that grows with the number of issues.
import { nextAction } from "../../src/core/next-action.ts";
import type { Candidate } from "../../src/core/gates.ts";
import { known } from "../../src/core/observation.ts";
import type { HoldDecision } from "../../src/core/plan.ts";
import { type PollState, selectDispatchable } from "../../src/core/select.ts";
import { digest } from "../../src/digest.ts";
import { choices, stateOf } from "../support/run-states.ts";
import { candidate, card, facts, health, idAt, placed, placeOf, policy, thread } from "../support/world.ts";
import { median } from "./measure.ts";
import { ratio, type Section } from "./section.ts";

const SIZE = 10_000;
const IN_A_REPO = 10;
const ROUNDS = 105;

/** Ready issues as a tracker lists them, repo by repo, ten in each; every second repo has a run under way. */
function pollState(size: number): PollState {
  const repos = Array.from({ length: size / IN_A_REPO }, (_, index) => `acme/r${index}`);
  const busy = repos.filter((_, index) => index % 2 === 0);
  const limits = policy({ maxInFlight: 1_000_000 });
  return {
    candidates: Array.from({ length: size }, (_, index) => {
      const repo = repos[Math.floor(index / IN_A_REPO)] ?? "";
      // Numbers of no order over all, so that there is something to sort.
      const number = 1 + ((index * 617) % 5000);
      return candidate({ repo, number, labels: ["ready-for-agent", `priority:${index % 7}`] });
    }),
    fleet: known({
      threads: busy.map((repo) =>
        placed({ place: placeOf({ repo }), thread: thread({ id: idAt({ repo }) }), run: null }),
      ),
      cards: busy.map((repo) => ({
        card: card({ repo, thread: idAt({ repo }) }),
        inProgress: true,
        abandoned: false,
      })),
    }),
    limited: null,
    repos: new Map(repos.map((repo) => [repo, { health: health(), facts: { ...facts, repo } }])),
    policyOf: () => limits,
    isSelected: () => true,
  };
}

/**
 * The least that any choice does: it looks at what the gates look at, sorts, and writes one decision for each issue. What
 * it needs is memory, not processor time, so a choice can only be compared with it on the machine that measures both.
 */
function leastChoice({ candidates }: PollState): readonly HoldDecision[] {
  const seen = candidates.map((ready) => ({
    issue: ready.issue,
    number: ready.issue.number,
    priority: placeByLastLabel(ready),
    isFree: looksFree(ready),
  }));
  seen.sort(
    (a, b) => a.priority - b.priority || a.number - b.number || (a.issue.repo < b.issue.repo ? -1 : 1),
  );
  return seen.map(({ issue: { repo, number, url }, isFree }) => ({
    action: "hold",
    repo,
    issue: number,
    thread: null,
    url,
    reason: isFree ? "tick_full" : "not_ready",
    message: "",
    gates: NO_GATES,
  }));
}

const NO_GATES: HoldDecision["gates"] = [];

function placeByLastLabel({ detail }: Candidate): number {
  return detail.known ? (detail.value?.labels.at(-1)?.charCodeAt("priority:".length) ?? 0) : 0;
}

function looksFree(ready: Candidate): boolean {
  const { detail, hasLiveThread } = ready;
  if (!detail.known || detail.value === null || hasLiveThread || ready.card?.kind !== "absent") return false;
  const { open, arming, edits, blockers, openSubIssues } = detail.value;
  if (!open || arming?.actor?.permission !== "write" || arming.actor.self) return false;
  return edits.kind === "known" && edits.editors.length + blockers.length + openSubIssues === 0;
}

interface Timed {
  readonly decision: string;
  /** Before the code was ever run, as a tick runs it. */
  readonly firstMilliseconds: number;
  readonly milliseconds: number;
  readonly growth: number;
}

/** Times the work for so many and for twice as many in turn; the first runs, which also compile, count apart. */
function timed(decision: string, work: (size: number) => () => number): Timed {
  const [once, twice] = [work(SIZE), work(2 * SIZE)];
  const firstMilliseconds = timeOf(once);
  const times = Array.from({ length: ROUNDS }, () => [timeOf(once), timeOf(twice)] as const).slice(5);
  return {
    decision,
    firstMilliseconds,
    milliseconds: median(times.map(([small]) => small)),
    growth: median(times.map(([small, large]) => large / small)),
  };
}

/** The work says how much it decided: what nobody looks at, the compiler leaves out. */
function timeOf(work: () => number): number {
  const from = performance.now();
  const decided = work();
  const time = performance.now() - from;
  if (decided === 0) throw new Error("Nothing was decided.");
  return time;
}

export async function decisions(): Promise<Section> {
  const states = [...choices(16_001)].slice(0, 2 * SIZE).map(stateOf);
  const choice = [
    timed("which issues start", (size) => {
      const state = pollState(size);
      return () => selectDispatchable(state, digest).length;
    }),
    timed("the same issues only looked at, sorted and written down", (size) => {
      const state = pollState(size);
      return () => leastChoice(state).length;
    }),
  ];
  const [, least] = choice;
  const values = [
    ...choice,
    timed("what happens next to each run", (size) => {
      const some = states.slice(0, size);
      return () =>
        some.filter(({ state, policy: limits }) => nextAction(state, limits).action === "wait").length;
    }),
  ];
  const limit = (2 * Math.log2(2 * SIZE)) / Math.log2(SIZE);
  return {
    title: `The decision alone, about ${SIZE.toLocaleString("en")} issues (n log n would grow ${limit.toFixed(2)}x)`,
    columns: ["decision", "against the least", "time", "the very first time", "twice as many"],
    rows: values.map((one) => [
      one.decision,
      choice.includes(one) && least !== undefined ? ratio(one.milliseconds / least.milliseconds) : "",
      `${one.milliseconds.toFixed(1)} ms`,
      `${one.firstMilliseconds.toFixed(1)} ms`,
      ratio(one.growth),
    ]),
    values,
  };
}
