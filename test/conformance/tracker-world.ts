// The small driver through which the conformance suite of a tracker arranges a world and looks at it.
import type { IssueDetail } from "../../src/core/issue.ts";
import type { Observation } from "../../src/core/observation.ts";
import type { Policy } from "../../src/core/policy.ts";
import type { Tracker } from "../../src/ports.ts";

/** A tracker with one empty repo behind it, and what people do there. It is cleaned up when the test is over. */
export interface TrackerWorld {
  readonly tracker: Tracker;
  readonly repo: string;
  readonly labels: Pick<Policy, "readyLabel" | "inProgressLabel" | "humanLabel">;
  /** A person opens an issue; gives back its number. */
  makeIssue(issue: NewIssue): Promise<number>;
  deleteIssue(number: number): Promise<void>;
  addLabel(number: number, label: string): Promise<void>;
  removeLabel(number: number, label: string): Promise<void>;
  close(number: number): Promise<void>;
  comment(number: number, text: string): Promise<void>;
  /** Somebody lands a commit on the default branch; gives back its full id. */
  land(message: string): Promise<string>;
  /** Everything that a read must leave as it is. */
  everything(): Promise<unknown>;
}

export interface NewIssue {
  readonly title: string;
  readonly body?: string;
  readonly labels?: readonly string[];
}

/** A text that begins with a card's marker. */
export const CARD = "<!-- afk:run:v1 {} hmac-sha256:00 -->";

/** The details of one issue of the world. @throws when they are not known, or the issue is not there. */
export async function detailOf(
  world: Pick<TrackerWorld, "tracker" | "repo">,
  number: number,
): Promise<IssueDetail> {
  const { issues } = await world.tracker.readIssues([{ repo: world.repo, number }]);
  const detail: Observation<IssueDetail | null> | undefined = issues[0]?.detail;
  if (detail?.known === true && detail.value !== null) return detail.value;
  throw new Error(detail?.known === false ? detail.message : `There is no issue ${number}.`);
}
