// What Woodpecker says about one commit: the latest pipeline of its push to the default branch, workflow by workflow.
import { oneLine } from "../../core/text.ts";
import type { StageVerdict } from "../../core/verdict.ts";
import type { Log } from "../../log.ts";
import { PAGE_SIZE, type Place, type Woodpecker } from "./client.ts";
import { readFailures } from "./failures.ts";
import type { Pipeline, PipelineDetail } from "./schemas.ts";
import { followNewer, latestOf } from "./superseded.ts";
import { hasFailed, wordOf } from "./words.ts";

/** The API cannot be asked for a commit, so the newest pushes are looked through, so many pages at most. */
const MAX_PAGES = 4;

/**
 * Costs the repo's lookup (once in a tick), the pushes, and unless those say enough the pipeline and one log.
 * @throws AfkError when anything but the log cannot be read.
 */
export async function readVerdict(
  woodpecker: Woodpecker,
  repo: string,
  sha: string,
  log: Log,
): Promise<StageVerdict> {
  const place = await woodpecker.findPlace(repo);
  const { pushes, complete } = await readPushes(woodpecker, place, sha);
  const ours = latestOf(pushes, sha);
  if (ours === null)
    return complete
      ? { kind: "none", canRequest: false }
      : pending(`None of the newest ${pushes.length} Woodpecker pipelines is of ${sha.slice(0, 12)}.`);
  const subject = `Woodpecker pipeline #${ours.number} of ${sha.slice(0, 12)}`;
  const url = woodpecker.pageOf(place, ours.number);
  switch (wordOf(ours.status)) {
    case "green":
      return { kind: "green", message: `${subject} passed`, url };
    case "skipped":
      // Nothing ran, so nothing is proven: AFK_NO_CI decides.
      return { kind: "none", canRequest: false };
    case "held":
      return { kind: "held", message: `${subject} waits until a person approves it.`, url };
    case "cancelled":
      return (
        followNewer(pushes, ours, (number) => woodpecker.pageOf(place, number)) ??
        red(woodpecker, place, await woodpecker.readPipeline(place, ours.number), log)
      );
    case "red":
      return red(woodpecker, place, await woodpecker.readPipeline(place, ours.number), log);
    case "pending":
    case "unknown": {
      // A pipeline runs on after one of its workflows has failed.
      const detail = await woodpecker.readPipeline(place, ours.number);
      const word = wordOf(detail.status);
      const isAtWork = word === "pending" || word === "unknown";
      if (word === "red" || (isAtWork && (detail.workflows ?? []).some(hasFailed)))
        return red(woodpecker, place, detail, log);
      return pending(`${subject} ${stateOf(detail)}.`);
    }
  }
}

async function red(
  woodpecker: Woodpecker,
  place: Place,
  detail: PipelineDetail,
  log: Log,
): Promise<StageVerdict> {
  return { kind: "red", failures: await readFailures(woodpecker, place, detail, log) };
}

function pending(message: string): StageVerdict {
  return { kind: "pending", message };
}

/** For example `is "running" (lint: pending)`; what is done is left out. */
function stateOf({ status, workflows }: PipelineDetail): string {
  const strange = wordOf(status) === "unknown" ? ", a word that afk does not know" : "";
  const open = (workflows ?? [])
    .filter(({ state }) => !["green", "skipped"].includes(wordOf(state)))
    .map(({ name, state }) => `${oneLine(name, 40)}: ${oneLine(state, 40)}`);
  const parts = open.length === 0 ? "" : ` (${oneLine(open.join(", "), 160)})`;
  return `is "${oneLine(status, 40)}"${strange}${parts}`;
}

interface Pushes {
  /** Newest first, down to the page that has the commit. */
  readonly pushes: readonly Pipeline[];
  /** Whether there are no older ones. */
  readonly complete: boolean;
}

async function readPushes(woodpecker: Woodpecker, place: Place, sha: string): Promise<Pushes> {
  const pushes: Pipeline[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const listed = await woodpecker.listPushes(place, page);
    // Older servers do not know these filters.
    pushes.push(...listed.filter(({ event, branch }) => event === "push" && branch === place.defaultBranch));
    if (listed.length < PAGE_SIZE) return { pushes, complete: true };
    if (pushes.some(({ commit }) => commit === sha)) return { pushes, complete: false };
  }
  return { pushes, complete: false };
}
