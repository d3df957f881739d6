// Folds the checks and statuses of one commit into one word: the newest of each key counts, and no new word is ever good.
import type { CheckRun, CheckSuite, Context, StatusContext } from "./schemas.ts";

export type Word = "green" | "present" | "red" | "cancelled" | "held" | "pending";

/** One check, status or workflow that counts. */
export interface Item {
  readonly name: string;
  readonly word: Word;
  readonly url: string | null;
  /** The check run's node id, by which its output can be read. */
  readonly id: string | null;
  /** What a status says of itself. */
  readonly description: string;
}

export interface Folded {
  readonly kind: "none" | Word;
  /** The items of that kind; all that count when it is green. */
  readonly items: readonly Item[];
  /** An older item of a key, not counted, was red or cancelled. */
  readonly hasOldFailure: boolean;
}

/** The word of a check run or suite. A word that GitHub adds later is pending until its meaning is known. */
export function checkWord(status: string, conclusion: string | null): Word {
  if (status !== "COMPLETED" || conclusion === null) return "pending";
  switch (conclusion) {
    case "SUCCESS":
      return "green";
    case "NEUTRAL":
    case "SKIPPED":
      return "present";
    case "FAILURE":
    case "TIMED_OUT":
    case "STARTUP_FAILURE":
      return "red";
    case "CANCELLED":
      return "cancelled";
    case "ACTION_REQUIRED":
      return "held";
    default:
      return "pending";
  }
}

export function statusWord(state: string): Word {
  switch (state) {
    case "SUCCESS":
      return "green";
    case "FAILURE":
    case "ERROR":
      return "red";
    default:
      return "pending";
  }
}

/** The worst first; "present" proves nothing, and neither does nothing at all. */
const ORDER: readonly Word[] = ["red", "held", "pending", "cancelled", "green", "present"];

/** Folds what a commit has: its checks, its statuses, and workflows that have no check of their own. */
export function fold(contexts: readonly Context[], suites: readonly CheckSuite[]): Folded {
  const newest = new Map<string, { readonly at: number; readonly item: Item }>();
  let hasOldFailure = false;
  for (const entry of [...contexts.map(entryOf), ...emptySuites(contexts, suites)]) {
    const other = newest.get(entry.key);
    const [kept, dropped] = other === undefined || entry.at >= other.at ? [entry, other] : [other, entry];
    newest.set(entry.key, kept);
    hasOldFailure ||= dropped?.item.word === "red" || dropped?.item.word === "cancelled";
  }
  const items = [...newest.values()].map(({ item }) => item);
  const kind = ORDER.find((word) => items.some((item) => item.word === word)) ?? "none";
  return { kind, items: items.filter(({ word }) => word === kind || kind === "green"), hasOldFailure };
}

interface Entry {
  readonly key: string;
  /** Milliseconds since the epoch; what has not begun is the newest. */
  readonly at: number;
  readonly item: Item;
}

function entryOf(context: Context): Entry {
  switch (context.kind) {
    case "CheckRun":
      return runEntry(context);
    case "StatusContext":
      return statusEntry(context);
  }
}

function runEntry(run: CheckRun): Entry {
  const workflow = run.checkSuite.workflowRun;
  const app = run.checkSuite.app?.slug ?? "";
  return {
    key: JSON.stringify(["check", app, workflow?.workflow.name ?? "", workflow?.event ?? "", run.name]),
    at: run.startedAt ?? run.completedAt ?? Number.POSITIVE_INFINITY,
    item: {
      name:
        workflow === null || workflow === undefined ? run.name : `${workflow.workflow.name} / ${run.name}`,
      word: checkWord(run.status, run.conclusion),
      url: webUrl(run.detailsUrl) ?? webUrl(run.permalink),
      id: run.id,
      description: "",
    },
  };
}

function statusEntry(status: StatusContext): Entry {
  return {
    key: JSON.stringify(["status", status.context]),
    at: status.createdAt,
    item: {
      name: status.context,
      word: statusWord(status.state),
      url: webUrl(status.targetUrl),
      id: null,
      description: status.description ?? "",
    },
  };
}

/** Workflows without a check: a broken file, one that waits for approval, or one whose jobs are not registered yet. */
function emptySuites(contexts: readonly Context[], suites: readonly CheckSuite[]): readonly Entry[] {
  const withRuns = new Set(
    contexts.flatMap((context) => (context.kind === "CheckRun" ? [context.checkSuite.id] : [])),
  );
  return suites.flatMap((suite) => {
    const run = suite.workflowRun;
    // Every installed app has a suite, also one that never reports.
    if (run === null || withRuns.has(suite.id)) return [];
    const item: Item = {
      name: run.workflow.name,
      word: checkWord(suite.status, suite.conclusion),
      url: webUrl(run.url),
      id: null,
      description: (suite.conclusion ?? suite.status).toLowerCase().replaceAll("_", " "),
    };
    return [{ key: JSON.stringify(["suite", run.workflow.name, run.event]), at: suite.createdAt, item }];
  });
}

/** A link that a person may follow; anybody who reports a check chooses it. */
function webUrl(url: string | null): string | null {
  return url !== null && /^https?:\/\//i.test(url) && url.length <= 2000 ? url : null;
}
