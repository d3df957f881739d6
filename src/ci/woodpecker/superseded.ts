// What a newer push says about a commit whose pipeline was cancelled (DESIGN section 4, "Verdict").
import type { StageVerdict } from "../../core/verdict.ts";
import type { Pipeline } from "./schemas.ts";
import { wordOf } from "./words.ts";

/**
 * Follows a cancelled pipeline to the first newer commit with a verdict: it counts if green and is not ours if red.
 * Null when no newer push cancelled it, so that its own failure counts.
 */
export function followNewer(
  pushes: readonly Pipeline[],
  ours: Pipeline,
  pageOf: (number: number) => string,
): StageVerdict | null {
  const info = ours.cancel_info ?? null;
  const wasSuperseded = (info?.superseded_by ?? 0) > 0;
  if (!wasSuperseded && info !== null && (info.canceled_by_user !== "" || info.canceled_by_step !== ""))
    return null;
  const newer = newerCommits(pushes, ours);
  // An older server does not say why; without a newer push it was done by hand.
  if (newer.length === 0 && !wasSuperseded) return null;
  const cancelled = `Woodpecker pipeline #${ours.number} of ${ours.commit} was cancelled`;
  const judged = newer.find(({ status }) => ["green", "red"].includes(wordOf(status)));
  if (judged === undefined)
    return { kind: "pending", message: `${cancelled}, and no newer pipeline has a verdict yet.` };
  const first = `#${judged.number} of the newer ${judged.commit}`;
  if (wordOf(judged.status) === "red")
    return { kind: "pending", message: `${cancelled}, and ${first} failed, which may not be its fault.` };
  return {
    kind: "green",
    message: `${cancelled} by a newer push, and ${first} passed`,
    url: pageOf(judged.number),
  };
}

/** The latest pipeline of each commit that was pushed after ours, in the order of the pushes. */
function newerCommits(pushes: readonly Pipeline[], ours: Pipeline): readonly Pipeline[] {
  const place = firstNumber(pushes, ours.commit);
  const commits = [...new Set(pushes.map(({ commit }) => commit))].filter((commit) => {
    const own = pushes.filter((push) => push.commit === commit);
    // A restart gives an old commit a new number, so only the push itself says when it came.
    return firstNumber(own, commit) > place && own.some(({ parent }) => parent === 0);
  });
  return commits
    .toSorted((one, other) => firstNumber(pushes, one) - firstNumber(pushes, other))
    .flatMap((commit) => latestOf(pushes, commit) ?? []);
}

/** The pipeline that counts for a commit: a restart has a higher number. */
export function latestOf(pushes: readonly Pipeline[], commit: string): Pipeline | null {
  const own = pushes.filter((push) => push.commit === commit);
  const highest = Math.max(...own.map(({ number }) => number));
  return own.find(({ number }) => number === highest) ?? null;
}

function firstNumber(pushes: readonly Pipeline[], commit: string): number {
  return Math.min(...pushes.filter((push) => push.commit === commit).map(({ number }) => number));
}
