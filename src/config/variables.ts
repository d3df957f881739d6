// Every variable of afk itself; what one adapter needs alone stands in that adapter.
import type { Settings, Variable, Variables } from "../adapter.ts";
import type { Registries } from "../registries.ts";
import type { Parser } from "./parsers.ts";
import {
  boolean,
  kindList,
  label,
  logins,
  oneOf,
  optionalText,
  repos,
  secretLines,
  text,
  wholeNumber,
} from "./parsers.ts";
import type { SafetyName } from "./safety.ts";

const DAY_SECONDS = 86_400;

function longTime(fallback: number): Parser<number> {
  return wholeNumber({ fallback, min: 1, max: 30 * DAY_SECONDS });
}

const safety = {
  AFK_KILL_SWITCH: {
    about: "While true, `afk poll` starts nothing and requests nothing.",
    parse: boolean(true),
  },
  AFK_ALLOWLIST: {
    about: "The repos afk may touch, separated by commas; empty means none.",
    parse: repos(),
  },
  AFK_HALT: {
    about: "While true, nothing starts and `afk watch` stops every run and hands it to a person.",
    parse: boolean(false),
  },
  AFK_READY_LABEL: {
    about: "The label by which a trusted person hands an issue to an agent.",
    parse: label("ready-for-agent"),
  },
  AFK_IN_PROGRESS_LABEL: { about: "The label of an issue with a run.", parse: label("agent-in-progress") },
  AFK_HUMAN_LABEL: { about: "The label of an issue that needs a person.", parse: label("ready-for-human") },
  AFK_TRUSTED_PERMISSION: {
    about: "The least permission on the repo that lets somebody hand an issue to an agent.",
    parse: oneOf(["triage", "write", "maintain", "admin"], "write"),
  },
  AFK_TRUSTED_ACTORS: {
    about:
      "Logins that may hand over issues whatever their permission, separated by commas; a bot as `name[bot]`.",
    parse: logins(),
  },
  AFK_AGENT_ACTORS: {
    about: "Logins that agents use, separated by commas; issues they label themselves are not started.",
    parse: logins(),
  },
  AFK_STATE_KEY: {
    about:
      "The secret that signs run cards, one per line: the first signs, all verify. " +
      "Required unless the tracker is `local`.",
    parse: secretLines(),
  },
  AFK_CONFIG: {
    about: "A JSON file with any of these variables, and values for single repos under `repos`.",
    parse: optionalText(),
  },
} satisfies Record<SafetyName, Variable<unknown>>;

const capacity = {
  AFK_MAX_PER_REPO: {
    about: "Runs at one time in one repo; more than 1 needs an executor that isolates runs.",
    parse: wholeNumber({ fallback: 1, min: 1, max: 100 }),
  },
  AFK_MAX_IN_FLIGHT: {
    about: "Runs at one time over all repos.",
    parse: wholeNumber({ fallback: 10, min: 1, max: 1000 }),
  },
  AFK_MAX_DISPATCH_PER_TICK: {
    about: "Runs that one tick may start.",
    parse: wholeNumber({ fallback: 3, min: 1, max: 1000 }),
  },
} satisfies Variables;

const budgets = {
  AFK_BUDGET_USD: {
    about: "What one run may spend, in US dollars, where the executor reports cost.",
    parse: wholeNumber({ fallback: 100, min: 1, max: 100_000 }),
  },
  AFK_FIX_FORWARD_MAX_ATTEMPTS: {
    about: "Turns that one run may use to mend a red commit.",
    parse: wholeNumber({ fallback: 5, min: 0, max: 100 }),
  },
  AFK_FIX_FORWARD_MAX_SECONDS: { about: "Seconds from the first red to giving up.", parse: longTime(3600) },
  AFK_RESUME_MAX_ATTEMPTS: {
    about: "Turns that one run may use to go on after a failure that may pass.",
    parse: wholeNumber({ fallback: 1, min: 0, max: 100 }),
  },
  AFK_RUN_MAX_SECONDS: {
    about: "Seconds a run may work before it has landed a commit.",
    parse: longTime(14_400),
  },
  AFK_STALL_SECONDS: {
    about: "Seconds of silence after which an agent counts as stuck.",
    parse: longTime(1800),
  },
  AFK_CI_MAX_SECONDS: { about: "Seconds a landed commit may stay without a verdict.", parse: longTime(3600) },
  AFK_HUMAN_WAIT_SECONDS: {
    about: "Seconds an agent may wait for a person's answer.",
    parse: longTime(DAY_SECONDS),
  },
  AFK_TICK_MAX_SECONDS: {
    about: "Seconds after which a tick decides nothing new and ends.",
    parse: wholeNumber({ fallback: 90, min: 1, max: 3600 }),
  },
} satisfies Variables;

/** The variables by group, in the order in which they are documented; the legal kinds follow from the registries. */
export function variableGroups(registries: Registries) {
  const tracker = {
    AFK_TRACKER: { about: "Where issues live.", parse: oneOf(Object.keys(registries.trackers), "local") },
  } satisfies Variables;
  const executor = {
    AFK_EXECUTOR: {
      about: "What runs the agents.",
      parse: oneOf(Object.keys(registries.executors), "process"),
    },
    AFK_WORKSPACE_BASE: {
      about: "The directory of the checkouts; a repo's is `<base>/<owner>__<name>`.",
      parse: text("/data"),
    },
  } satisfies Variables;
  const ci = {
    AFK_CI: {
      about: "The stages that judge a commit, separated by commas, in the order in which they must pass.",
      parse: kindList(Object.keys(registries.stages), ["command"]),
    },
    AFK_NO_CI: {
      about:
        "A commit for which no stage ever starts: `park` waits for the deadline, `green` takes it as good.",
      parse: oneOf(["park", "green"], "park"),
    },
  } satisfies Variables;
  const doorbell = {
    AFK_NOTIFY: {
      about: "Who is rung when a run ends or needs a person, separated by commas; empty means nobody.",
      parse: kindList(Object.keys(registries.notifiers), []),
    },
  } satisfies Variables;
  return { safety, capacity, budgets, tracker, executor, ci, doorbell };
}

/** The same variables in one table. */
export function globalVariables(registries: Registries) {
  const { tracker, executor, ci, doorbell } = variableGroups(registries);
  return { ...safety, ...capacity, ...budgets, ...tracker, ...executor, ...ci, ...doorbell };
}

export type GlobalVariables = ReturnType<typeof globalVariables>;
export type GlobalSettings = Settings<GlobalVariables>;

/** What a repo may have of its own: limits of its runs, not of the fleet, and nothing of the safety group. */
export const perRepoNames = [
  "AFK_MAX_PER_REPO",
  "AFK_BUDGET_USD",
  "AFK_FIX_FORWARD_MAX_ATTEMPTS",
  "AFK_FIX_FORWARD_MAX_SECONDS",
  "AFK_RESUME_MAX_ATTEMPTS",
  "AFK_RUN_MAX_SECONDS",
  "AFK_STALL_SECONDS",
  "AFK_CI_MAX_SECONDS",
  "AFK_HUMAN_WAIT_SECONDS",
  "AFK_NO_CI",
] as const satisfies readonly (keyof GlobalVariables)[];
