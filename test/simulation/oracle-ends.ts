// Judges how runs end: once, for one reason, and as a success only by a commit of their own that was green.
import type { Issue } from "../support/github/state.ts";
import type { Judge, TickView } from "./oracle.ts";
import { type CardData, mergedCards, type Place, wasSeen } from "./oracle-writes.ts";

interface WrittenEnd {
  readonly card: CardData;
  /** What the same comment said before. */
  readonly old: CardData | null;
  /** The end is the first that its comment says. */
  readonly isNew: boolean;
}

/** S9, S10 and S12: the end that a card was just given. */
export function judgeEnd(judge: Judge, view: TickView, { key, issue }: Place, written: WrittenEnd): void {
  const { card, old, isNew } = written;
  const outcome = card.outcome ?? "";
  // After a loss of its disk, T3 may have the same thread id for the run of another issue.
  const run = `${card.thread} ${key}`;
  const kinds = judge.outcomes.get(run) ?? new Map<string, number>();
  judge.coverage.hit("antecedent", "S9");
  judge.coverage.hit("antecedent", "S12");
  const [first] = kinds;
  // Nothing keeps two ticks from adding a card each at the same moment: then the younger one has to go, with its end.
  if (isNew && first !== undefined && first[0] !== outcome && first[1] > (view.reads.get(key) ?? 0)) {
    judge.coverage.hit("surplus", outcome);
    judge.surplus.set(run, view);
    return;
  }
  if (!kinds.has(outcome)) kinds.set(outcome, judge.moment);
  judge.outcomes.set(run, kinds);
  judge.coverage.hit("outcome", outcome);
  if (kinds.size > 1 && !judge.tampered.has(key))
    judge.fail("S12", `${card.thread} ended as ${[...kinds.keys()].join(" and as ")}.`);
  if (outcome === "close_success" && old?.outcome !== "close_success")
    judgeSuccess(judge, view, key, issue, card);
}

/** S12: a tick that added a second end has taken it back when it is over and well. */
export function judgeSurplus(judge: Judge, view: TickView): void {
  for (const [run, by] of judge.surplus) if (by === view) judgeOneEnd(judge, run);
}

/** S12 at rest: every card says the first end that it was given, and no bell rang for another one. */
export function judgeEnds(judge: Judge): void {
  for (const run of judge.outcomes.keys()) judgeOneEnd(judge, run);
  for (const { kind, dedupeKey } of judge.world.bells) {
    const needed = NEEDED[kind];
    if (needed === undefined) continue;
    const runs = [...judge.outcomes].filter(([run]) => dedupeKey.startsWith(run.split(" ")[0] ?? ""));
    if (!runs.some(([, kinds]) => kinds.has(needed)))
      judge.fail("S12", `The bell ${kind} (${dedupeKey}) rang, and no card ever said ${needed}.`);
  }
}

/** The outcome without which a bell of a kind says something wrong; the other kinds have several causes. */
const NEEDED: Readonly<Record<string, string>> = { done: "close_success", frozen: "freeze_escalate" };

function judgeOneEnd(judge: Judge, run: string): void {
  const [thread = "", key = ""] = run.split(" ");
  const [repo = "", number = ""] = key.split("#");
  const issue = judge.world.issue(repo, Number(number));
  const [first] = judge.outcomes.get(run)?.keys() ?? [];
  if (issue === null || judge.tampered.has(key)) return;
  const card = mergedCards(judge.world, issue).find((one) => one.thread === thread);
  if (card !== undefined && card.outcome !== null && card.outcome !== first)
    judge.fail("S12", `${thread} ended as ${first}, and its card says ${card.outcome}.`);
}

function judgeSuccess(judge: Judge, view: TickView, key: string, issue: Issue, card: CardData): void {
  judge.coverage.hit("antecedent", "S10");
  const repo = judge.world.state.repos.find(({ issues }) => [...issues.values()].includes(issue));
  const at = repo?.commits.findIndex(({ oid }) => oid === card.commit) ?? -1;
  const commit = repo?.commits[at];
  const isOurs =
    commit !== undefined &&
    commit.message.includes(`AFK-Run: ${card.thread}\n`) &&
    new RegExp(`(?:Refs|Closes) #${issue.number}\\b`).test(commit.message);
  if (!isOurs) return judge.fail("S10", `${key} was called a success by a commit that is not its own.`);
  const isCancelled = commit.checks.some((check) => check.kind === "run" && check.conclusion === "CANCELLED");
  const newer = isCancelled ? (repo?.commits.slice(0, at) ?? []) : [];
  if (
    ![commit, ...newer].some(({ oid }) => wasSeen(judge, view, `green ${oid}`)) &&
    judge.world.settings["AFK_NO_CI"] !== "green"
  )
    judge.fail("S10", `${key} was called a success, and ${commit.oid.slice(0, 8)} was never green.`);
}
