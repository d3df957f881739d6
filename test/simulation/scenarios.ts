// The scenarios of the exhaustive engine, as data: what happened before, and the ticks whose every request is cut and overlapped.
import type { Deed } from "./deeds.ts";
import type { Step, TickGroup } from "./history.ts";

export interface Scenario {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly before: readonly Step[];
  readonly group: TickGroup;
}

const poll: TickGroup = { ticks: [{ command: "poll" }] };
const watch: TickGroup = { ticks: [{ command: "watch" }] };
const deeds = (...list: readonly Deed[]): readonly Step[] => list.map((deed) => ({ deed }));
const READY_ISSUE = deeds(["open", 0, "ready"]);
/** A run was started, and 200 seconds went by. */
const STARTED: readonly Step[] = [...READY_ISSUE, poll, ...deeds(["skip", 200])];
/** A run whose agent did this. */
const after = (...list: readonly Deed[]): readonly Step[] => [...STARTED, ...deeds(...list, ["skip", 200])];
/** A run whose agent did this, which watch saw, and then something else happened. */
const twice = (first: readonly Deed[], second: readonly Deed[]): readonly Step[] => [
  ...after(...first),
  watch,
  ...deeds(["skip", 200], ...second, ["skip", 200]),
];

function one(
  name: string,
  before: readonly Step[],
  group: TickGroup,
  settings?: Scenario["settings"],
): Scenario {
  return { name, before, group, ...(settings === undefined ? {} : { settings }) };
}

export const SCENARIOS: readonly Scenario[] = [
  one("dispatch of one issue", READY_ISSUE, poll),
  one("dispatch of two issues of one repo", deeds(["open", 0, "ready"], ["open", 0, "ready"]), poll),
  one("dispatch in two repos", deeds(["open", 0, "ready"], ["open", 1, "ready"]), poll),
  one("dispatch by priority", deeds(["open", 0, "ready"], ["open", 0, "priority1"]), poll),
  one("dispatch with the fleet full", deeds(["open", 0, "ready"], ["open", 1, "ready"]), poll, {
    AFK_MAX_IN_FLIGHT: "1",
  }),
  one("dispatch of one a tick", deeds(["open", 0, "ready"], ["open", 1, "ready"]), poll, {
    AFK_MAX_DISPATCH_PER_TICK: "1",
  }),
  one(
    "nothing that may start",
    deeds(
      ["open", 0, "untrusted"],
      ["open", 0, "self"],
      ["open", 0, "ghost"],
      ["open", 0, "hidden"],
      ["open", 0, "forbidden"],
      ["open", 0, ""],
      ["block", 0, 3, 6],
    ),
    poll,
  ),
  one(
    "a blocked issue beside its blocker",
    deeds(["open", 0, "ready"], ["open", 0, "blocked"], ["open", 0, "text-blocked"]),
    poll,
  ),
  one("a parent beside its child", deeds(["open", 0, ""], ["open", 0, "parent"]), poll),
  one("a hostile text", deeds(["open", 0, "hostile"]), poll),
  one("an edit by a stranger", deeds(["open", 0, "ready"], ["person", "edit-outsider", 0, 1]), poll),
  one("a title changed by a stranger", deeds(["open", 0, "ready"], ["person", "title", 0, 1]), poll),
  one("an edit while it is dispatched", READY_ISSUE, {
    ticks: [{ command: "poll" }],
    deeds: [[7, ["person", "edit-outsider", 0, 1]]],
  }),
  one("unreadied while it is dispatched", READY_ISSUE, {
    ticks: [{ command: "poll" }],
    deeds: [[7, ["person", "unready", 0, 1]]],
  }),
  one("a red base", deeds(["open", 0, "ready"], ["ci", "ci-base-red", 0]), poll),
  one("the kill switch", deeds(["open", 0, "ready"], ["set", "AFK_KILL_SWITCH", "true"]), poll),
  one("halted before it starts", deeds(["open", 0, "ready"], ["set", "AFK_HALT", "true"]), poll),
  one("a poll beside a run", [...STARTED, ...deeds(["open", 0, "ready"])], poll),
  one(
    "a re-armed issue after its end",
    [...after(["agent", "nothing"]), watch, ...deeds(["skip", 60], ["person", "rearm", 0, 1])],
    poll,
  ),
  one(
    "the ready label again while its run goes on",
    [...STARTED, ...deeds(["person", "unready", 0, 1], ["person", "ready", 0, 1])],
    poll,
  ),
  one("an agent at work", STARTED, watch),
  one("a green commit", after(["agent", "green"]), watch),
  one("a green commit of several", after(["agent", "commits"]), watch),
  one("a red commit", after(["agent", "red"]), watch),
  one("a second red commit", twice([["agent", "red"]], [["agent", "red"]]), watch),
  one(
    "a third red commit",
    [
      ...twice([["agent", "red"]], [["agent", "red"]]),
      watch,
      ...deeds(["skip", 200], ["agent", "red"], ["skip", 200]),
    ],
    watch,
  ),
  one("green after red", twice([["agent", "red"]], [["agent", "green"]]), watch),
  one("a pending commit", after(["agent", "pending"]), watch),
  one("a commit that CI never sees", [...after(["agent", "never"]), watch, ...deeds(["skip", 1300])], watch),
  one("no CI, taken as green", [...after(["agent", "never"]), watch, ...deeds(["skip", 1300])], watch, {
    AFK_NO_CI: "green",
  }),
  one(
    "checks cancelled by a newer push",
    [...after(["agent", "cancelled"]), ...deeds(["ci", "ci-base-green", 0])],
    watch,
  ),
  one("no commit", after(["agent", "nothing"]), watch),
  one("a crash of the agent", after(["agent", "crash"]), watch),
  one("an overloaded model", after(["agent", "overloaded"]), watch),
  one("an overloaded model again", twice([["agent", "overloaded"]], [["agent", "overloaded"]]), watch),
  one("a question", after(["agent", "ask"]), watch),
  one("a question that nobody answers", twice([["agent", "ask"]], [["skip", 1900]]), watch),
  one("a silent agent", [...STARTED, ...deeds(["skip", 1000])], watch),
  one("an agent that never ends", [...STARTED, ...deeds(["skip", 3500], ["agent", "loop"])], watch),
  one("a deaf agent", [...STARTED, ...deeds(["machine", "t3-deaf"], ["skip", 1000])], watch),
  one(
    "a lost turn",
    [...READY_ISSUE, ...deeds(["machine", "t3-lose"]), poll, ...deeds(["machine", "t3-keep"], ["skip", 400])],
    watch,
  ),
  one("a closing keyword on a red commit", after(["agent", "closing"]), watch),
  one("a closing keyword on the last red commit", after(["agent", "closing"]), watch, {
    AFK_FIX_FORWARD_MAX_ATTEMPTS: "0",
  }),
  one(
    "an agent that obeys an injection",
    [
      ...deeds(["open", 0, "ready"], ["open", 0, ""]),
      poll,
      ...deeds(["skip", 200], ["agent", "obey"], ["skip", 200]),
    ],
    watch,
  ),
  one("in-progress removed by a person", [...STARTED, ...deeds(["person", "unprogress", 0, 1])], watch),
  one("the human label set by a person", [...STARTED, ...deeds(["person", "human", 0, 1])], watch),
  one("closed by a person", [...STARTED, ...deeds(["person", "close", 0, 1])], watch),
  one(
    "taken over with a green commit",
    [...after(["agent", "green"]), ...deeds(["person", "human", 0, 1])],
    watch,
  ),
  one("taken over while it is closed", after(["agent", "green"]), {
    ticks: [{ command: "watch" }],
    deeds: [[9, ["person", "human", 0, 1]]],
  }),
  one("taken over while it is mended", after(["agent", "red"]), {
    ticks: [{ command: "watch" }],
    deeds: [[12, ["person", "unprogress", 0, 1]]],
  }),
  one("green while it is mended", after(["agent", "red"]), {
    ticks: [{ command: "watch" }],
    deeds: [[15, ["ci", "ci-base-green", 0]]],
  }),
  one("green while it is looked at", after(["agent", "pending"]), {
    ticks: [{ command: "watch" }],
    deeds: [[8, ["ci", "ci-green", 0]]],
  }),
  one("re-armed while its run goes on", [...STARTED, ...deeds(["person", "rearm", 0, 1])], watch),
  one(
    "a thread archived by a person",
    [...after(["agent", "nothing"]), ...deeds(["cockpit", "archive", 0])],
    watch,
  ),
  one(
    "an ended run that a person talks to",
    [
      ...after(["agent", "nothing"]),
      watch,
      ...deeds(["skip", 60], ["cockpit", "talk", 0], ["person", "rearm", 0, 1]),
    ],
    poll,
  ),
  one("T3 came back with an empty disk", [...STARTED, ...deeds(["machine", "t3-wipe"])], watch),
  one("another T3 came back", [...STARTED, ...deeds(["machine", "t3-wipe-name"])], watch),
  one("T3 was restarted", [...STARTED, ...deeds(["machine", "t3-restart"], ["skip", 1000])], watch),
  one("T3 is away", [...STARTED, ...deeds(["outage", "t3", "refused"], ["skip", 3700])], watch),
  one("the card was deleted", [...STARTED, ...deeds(["person", "delete-card", 0, 1])], watch),
  one("the card was damaged", [...STARTED, ...deeds(["person", "damage-card", 0, 1])], watch),
  one(
    "a run without a card that is too old to adopt and lands a commit",
    [
      ...READY_ISSUE,
      { ticks: [{ command: "poll", cut: { at: 13, after: true } }] },
      ...deeds(["skip", 4000]),
    ],
    { ticks: [{ command: "watch" }], deeds: [[8, ["agent", "green", 0]]] },
  ),
  one("halted", [...STARTED, ...deeds(["set", "AFK_HALT", "true"])], watch),
  one("halted with a red commit", [...after(["agent", "red"]), ...deeds(["set", "AFK_HALT", "true"])], watch),
  one("a repo that left the allowlist", [...STARTED, ...deeds(["set", "AFK_ALLOWLIST", "acme/tool"])], watch),
  one("the doorbell is broken", [...after(["agent", "nothing"]), ...deeds(["outage", "bell", "500"])], watch),
  one("more ready issues than one page", deeds(["crowd", 0, "ready"], ["open", 0, "ready"]), poll),
  one(
    "a closed blocker",
    deeds(["open", 0, ""], ["open", 0, "blocked"], ["open", 0, "text-blocked"], ["person", "close", 0, 1]),
    poll,
  ),
  one(
    "runs in two repos at once",
    [
      ...deeds(["open", 0, "ready"], ["open", 1, "ready"]),
      poll,
      ...deeds(["skip", 200], ["agent", "green", 0], ["agent", "red", 0], ["skip", 200]),
    ],
    watch,
  ),
];
