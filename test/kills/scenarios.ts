// The moments at which the command is killed: one for each kind of step that poll and watch take.
import {
  asked,
  askedLongAgo,
  bellFailed,
  cardDeleted,
  ciPending,
  closedByKeyword,
  closing,
  deed,
  dispatched,
  emptyAndOld,
  lostTurn,
  nothing,
  rearmed,
  stalled,
  twoCards,
  uncarded,
  worked,
  workedAgain,
} from "./moments.ts";
import type { Command, Environment, KillWorld } from "./world.ts";

/** How an issue must end. `handed_over`: as the person left it. */
export type Ending = "closed" | "human" | "ready" | "handed_over";

export interface ScenarioIssue {
  /** What its agent does. */
  readonly title: string;
  readonly ending: Ending;
}

/**
 * The reasons that say the same of a run: one whose tick died when the agent was stopped and no card said why yet shows an
 * agent that ended without a commit.
 */
export const SAME_REASONS: Readonly<Record<string, string>> = {
  stalled: "nothing_pushed",
  no_answer: "nothing_pushed",
};

export interface Scenario {
  readonly name: string;
  readonly command: Command;
  /** By number from 1. */
  readonly issues: readonly ScenarioIssue[];
  readonly environment: Environment;
  /** What only the killed tick and its repetition are told. */
  readonly once: Environment;
  /** Brings the world to the moment just before the tick that is killed. */
  readonly prepare: (world: KillWorld) => Promise<void>;
}

export const SCENARIOS: readonly Scenario[] = [
  poll("dispatch", ["land: closed", "land: closed"], nothing),
  poll("dispatch again", ["give up: closed", "land: closed"], rearmed),
  poll("hold", ["land: closed", "give up: human"], dispatched),
  watch("agent at work", ["land: closed", "give up: human"], dispatched),
  watch("CI wait", ["land: closed", "land: closed"], ciPending),
  watch("close", ["land: closed", "give up: human"], worked),
  watch("fix forward", ["land red: closed", "land: closed"], worked),
  watch("close after red", ["land red: closed", "land: closed"], workedAgain),
  watch("escalate", ["give up: human", "land: closed"], worked, { AFK_NOTIFY: "webhook,slack,ntfy" }),
  watch("stall", ["hang: human", "land: closed"], stalled),
  watch("resume", ["fail once: closed", "land: closed"], worked),
  watch("resume in vain", ["fail: human", "land: closed"], workedAgain),
  watch("lost turn", ["land: closed", "land: closed"], lostTurn),
  watch("freeze", ["land red for ever: human", "land: ready"], workedAgain, {
    AFK_FIX_FORWARD_MAX_ATTEMPTS: "1",
  }),
  watch("freeze and reopen", ["land red for ever: human", "land: ready"], closedByKeyword, {
    AFK_FIX_FORWARD_MAX_ATTEMPTS: "0",
  }),
  watch("ask", ["ask: human", "land: closed"], worked),
  watch("no answer", ["ask: human", "land: closed"], askedLongAgo),
  watch("answered", ["land: closed", "land: closed"], asked),
  watch(
    "hand over: label removed",
    ["hang: handed_over", "land: closed"],
    deed(({ github }) => github.unlabel(1, "agent-in-progress")),
  ),
  watch(
    "hand over: human label",
    ["hang: handed_over", "land: closed"],
    deed(({ github }) => github.label(1, "ready-for-human")),
  ),
  watch(
    "hand over: closed",
    ["hang: handed_over", "land: closed"],
    deed(({ github }) => github.close(1)),
  ),
  watch("adoption by watch", ["land: closed", "give up: human"], uncarded),
  poll("adoption by poll", ["land: closed", "give up: human"], uncarded),
  watch("two cards", ["land: closed", "give up: human"], twoCards),
  watch("card deleted", ["hang: human", "land: closed"], cardDeleted),
  poll("discard", ["land: closed", "land: closed"], emptyAndOld),
  watch("finish a close", ["land: closed", "land: closed"], closing),
  watch("ring again", ["give up: human", "land: closed"], bellFailed),
  watch("halt", ["hang: human", "land: closed"], dispatched, {}, { AFK_HALT: "true" }),
  watch("halt after a push", ["land: human", "land: ready"], worked, {}, { AFK_HALT: "true" }),
];

function poll(...rest: Words): Scenario {
  return scenario("poll", ...rest);
}

function watch(...rest: Words): Scenario {
  return scenario("watch", ...rest);
}

type Words = readonly [
  name: string,
  issues: readonly `${string}: ${Ending}`[],
  prepare: Scenario["prepare"],
  environment?: Environment,
  once?: Environment,
];

function scenario(
  command: Command,
  ...[name, issues, prepare, environment = {}, once = {}]: Words
): Scenario {
  return { name, command, issues: issues.map(issueOf), environment, once, prepare };
}

function issueOf(words: string): ScenarioIssue {
  const [title = "", ending] = words.split(": ");
  return { title, ending: ending as Ending };
}
