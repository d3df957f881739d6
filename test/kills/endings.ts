// How a kill world ended, without ids and times: a tick that was killed and repaired must end like one that was not.
import type { Issue } from "../support/github/state.ts";
import { bellsOf, cardsOn } from "./cards.ts";
import { SAME_REASONS } from "./scenarios.ts";
import { allThreads, runOf, sentTo } from "./threads.ts";
import type { KillWorld } from "./world.ts";

/** One line for each issue: its labels and state, its card, its threads with every turn, and the bells that rang. */
export function endingOf(world: KillWorld, issueCount: number): readonly string[] {
  return Array.from({ length: issueCount }, (_, index) => {
    const issue = world.github.issue(index + 1);
    const state = `${issue.open ? "open" : "closed"} [${issue.labels.toSorted().join(", ")}]`;
    return [`#${issue.number}`, state, ...cardWords(issue), ...threadWords(world, issue)].join("; ");
  });
}

function cardWords(issue: Issue): readonly string[] {
  return cardsOn(issue).map(({ outcome, reason, attempts, resumes, stop, rang }) =>
    [
      outcome,
      SAME_REASONS[reason ?? ""] ?? reason,
      `attempts ${attempts}`,
      `resumes ${resumes}`,
      `stop ${stop}`,
      ...rang.toSorted(),
    ].join(" "),
  );
}

function threadWords(world: KillWorld, issue: Issue): readonly string[] {
  const bells = bellsOf(world);
  return allThreads(world.t3)
    .filter(({ id }) => runOf(world.t3, id)?.issue.number === issue.number)
    .map(({ id, archivedAt, settledOverride, session }) => {
      const turns = sentTo(world.t3, id).map((text) => /^afk-(run|turn \S+ (\S+))/.exec(text)?.[2] ?? "run");
      const taken = world.t3.store.agents.turns.filter(({ threadId }) => threadId === id).length;
      const rang = bells.filter(({ dedupeKey }) => dedupeKey.startsWith(id)).map(({ kind }) => kind);
      const place = archivedAt === null ? (settledOverride ?? "open") : "archived";
      const heard = [...new Set(rang)].toSorted();
      return `${turns.join(" ")}, ${taken} taken up, ${place} ${session?.status}, rang ${heard.join(" ")}`;
    });
}
