// What poll starts: the order, the lanes, the caps, and that knowing less never starts more.
import { describe, expect, test } from "vitest";
import type { Fleet } from "../../src/core/fleet.ts";
import type { Candidate, RepoHealth } from "../../src/core/gates.ts";
import { failedGates } from "../../src/core/gates.ts";
import { bodyHash } from "../../src/core/identity.ts";
import { type IssueDetail, type IssueRef, issueName } from "../../src/core/issue.ts";
import { known, unknown } from "../../src/core/observation.ts";
import type { Policy } from "../../src/core/policy.ts";
import { type PollState, priorities, selectDispatchable } from "../../src/core/select.ts";
import { fc } from "../support/fast-check.ts";
import {
  arming,
  candidate,
  card,
  deepFrozen,
  digest,
  facts,
  health,
  idAt,
  issue as armedIssue,
  placed,
  placeOf,
  policy,
  REPO,
  thread,
} from "../support/world.ts";

interface World {
  readonly candidates?: readonly Candidate[];
  readonly fleet?: PollState["fleet"] | Partial<Fleet>;
  readonly policy?: Partial<Policy>;
  readonly repos?: Readonly<Record<string, Partial<RepoHealth>>>;
  readonly isSelected?: PollState["isSelected"];
  readonly limited?: string;
}

function stateOf(world: World): PollState {
  const candidates = world.candidates ?? [candidate()];
  const fleet = world.fleet ?? {};
  const names = new Set(candidates.map(({ issue }) => issue.repo));
  return {
    candidates,
    fleet: "known" in fleet ? fleet : known({ threads: [], cards: [], ...fleet }),
    repos: new Map(
      [...names].map((repo) => [repo, { health: health(world.repos?.[repo]), facts: { ...facts, repo } }]),
    ),
    limited: world.limited ?? null,
    policyOf: () => policy(world.policy),
    isSelected: world.isSelected ?? (() => true),
  };
}

function decide(world: World) {
  return selectDispatchable(deepFrozen(stateOf(world)), digest);
}

/** `acme/shop#7` for each dispatch, in the order of the plan. */
function started(world: World): readonly string[] {
  return decide(world)
    .filter(({ action }) => action === "dispatch")
    .map(({ repo, issue }) => `${repo}#${issue}`);
}

function held(world: World): Readonly<Record<string, readonly string[]>> {
  const holds = decide(world).flatMap((decision) => (decision.action === "hold" ? [decision] : []));
  return Object.fromEntries(
    holds.map(({ repo, issue, gates }) => [`${repo}#${issue}`, gates.map(({ reason }) => reason)]),
  );
}

function numbered(number: number, part: Partial<IssueDetail> = {}): Candidate {
  return candidate({ number, ...part });
}

function labelled(number: number, label: string): Candidate {
  return numbered(number, { labels: ["ready-for-agent", label] });
}

test("an issue whose run was put away before its card was written is not started again", () => {
  const over = thread({ ending: "archived", title: "acme/shop#7: Sell apples", createdAt: arming().at });

  expect(decide({ fleet: { threads: [placed({ thread: over, run: null })] } })).toMatchObject([
    {
      gates: [{ reason: "already_ran" }],
      message: `This application of the ready label had its run (thread ${idAt()}, put away before its card was written): remove the label and apply it again.`,
    },
  ]);
});

test("an issue that passes is dispatched with all that its start needs", () => {
  expect(decide({})).toEqual([
    {
      action: "dispatch",
      reason: "ready",
      message: "Starting a run in lane 0, slot 1.",
      repo: REPO,
      issue: 7,
      url: armedIssue().url,
      lane: 0,
      slot: 1,
      thread: idAt(),
      detail: armedIssue(),
      armed: "arming-1",
      bodyHash: bodyHash(digest, armedIssue()),
      facts,
    },
  ]);
});

describe("the order", () => {
  const roomy = { maxPerRepo: 20, maxInFlight: 20, maxDispatchPerTick: 20 };

  test("is by the labels of the details, which a list may leave out", () => {
    const unlisted = (number: number, ...labels: string[]) => {
      const full = candidate({ number, labels: ["ready-for-agent", ...labels] });
      return { ...full, issue: { ...full.issue, labels: ["ready-for-agent"] } };
    };

    const decisions = decide({ candidates: [unlisted(1), unlisted(2, "priority:1")] });

    expect(decisions.map(({ issue }) => issue)).toEqual([2, 1]);
  });

  test("is by priority, lowest number first and none last, then by issue number", () => {
    const candidates = [
      numbered(1),
      labelled(2, "priority:10"),
      labelled(3, "priority:2"),
      labelled(4, "priority/0"),
      labelled(5, "priority:p0"),
      numbered(6),
    ];

    expect(started({ candidates, policy: roomy })).toEqual(
      [4, 5, 3, 2, 1, 6].map((number) => `${REPO}#${number}`),
    );
  });

  test("is the same whatever the order of the reads", () => {
    const all = ["acme/a", "acme/b"].flatMap((repo) =>
      [1, 2, 3].map((number) =>
        candidate({ repo, number, labels: ["ready-for-agent", `priority:${number % 2}`] }),
      ),
    );

    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (candidates) => {
        expect(decide({ candidates })).toEqual(decide({ candidates: all }));
      }),
    );
  });

  test.each([
    [["priority:3", "priority:1"], 1],
    [["priority: 2"], 2],
    [["priority:  p12"], 12],
    [["priority/123456", "priority:1234567", "priority:1st"], 123_456],
    [["priority:high", "priority", "my-priority:1", "priority:-1"], 1e9],
    [[], 1e9],
  ])("reads the labels %j as priority %d", (labels, priority) => {
    const priorityOf = priorities();

    expect([priorityOf(labels), priorityOf(labels)]).toEqual([priority, priority]);
  });
});

describe("capacity", () => {
  test("is one winner per lane, and the others say that the repo is busy", () => {
    const candidates = [numbered(2), numbered(1)];

    expect(started({ candidates })).toEqual([`${REPO}#1`]);
    expect(held({ candidates })).toEqual({ [`${REPO}#2`]: ["repo_busy"] });
  });

  test("is parallel across repos, and over the lanes of one", () => {
    const candidates = [numbered(1), numbered(2), candidate({ repo: "acme/tool", number: 1 })];

    expect(started({ candidates, policy: { maxPerRepo: 2 } })).toHaveLength(3);
    expect(decide({ candidates, policy: { maxPerRepo: 2 } })).toMatchObject([
      { repo: REPO, lane: 0 },
      { repo: "acme/tool", lane: 0 },
      { repo: REPO, lane: 1 },
    ]);
  });

  test("of a lane ends with a live thread, and the next slot of a free lane is taken", () => {
    const threads = [
      placed(),
      placed({
        place: placeOf({ lane: 1 }),
        thread: thread({ id: idAt({ lane: 1 }), ending: "archived", title: "acme/shop#8: Sell pears" }),
      }),
    ];

    expect(held({ fleet: { threads } })).toEqual({ [`${REPO}#7`]: ["repo_busy"] });
    expect(decide({ fleet: { threads }, policy: { maxPerRepo: 2 } })).toMatchObject([
      { action: "dispatch", lane: 1, slot: 2, thread: idAt({ lane: 1, slot: 2 }) },
    ]);
  });

  test("of the fleet counts what lives anywhere, also in lanes above the configured ones", () => {
    const elsewhere = placed({ place: placeOf({ repo: "acme/tool", lane: 5 }) });

    expect(held({ fleet: { threads: [elsewhere] }, policy: { maxInFlight: 1 } })).toEqual({
      [`${REPO}#7`]: ["fleet_full"],
    });
  });

  test("of the fleet and of the tick counts what this tick starts", () => {
    const candidates = ["a", "b", "c"].map((name) => candidate({ repo: `acme/${name}` }));

    expect(held({ candidates, policy: { maxInFlight: 2 } })).toEqual({ "acme/c#7": ["fleet_full"] });
    expect(held({ candidates, policy: { maxDispatchPerTick: 1 } })).toEqual({
      "acme/b#7": ["tick_full"],
      "acme/c#7": ["tick_full"],
    });
  });

  test("is no reason against an issue whose own run takes it", () => {
    const [one, other] = [candidate({}, { hasLiveThread: true }), numbered(8)];

    expect(held({ candidates: [one, other], fleet: { threads: [placed()] } })).toEqual({
      [`${REPO}#7`]: ["in_progress"],
      [`${REPO}#8`]: ["repo_busy"],
    });
  });

  const lanes = [
    placed(),
    placed({ place: placeOf({ lane: 1 }), thread: thread({ id: idAt({ lane: 1 }) }) }),
  ];

  test.each<[string, World]>([
    ["The lane of acme/shop is taken.", { fleet: { threads: lanes } }],
    ["All 2 lanes of acme/shop are taken.", { fleet: { threads: lanes }, policy: { maxPerRepo: 2 } }],
    ["2 runs are in flight.", { fleet: { threads: lanes }, policy: { maxPerRepo: 3, maxInFlight: 2 } }],
    ["This tick already starts 0 runs.", { policy: { maxDispatchPerTick: 0 } }],
    ["--repo or --issue left it out of this tick.", { isSelected: () => false }],
    ["No answer.", { fleet: unknown("transport", "No answer.") }],
  ])("says: %s", (message, world) => {
    expect(decide(world)).toMatchObject([{ action: "hold", message, url: armedIssue().url, thread: null }]);
  });

  test("that an issue could not use anyway is left to the others", () => {
    const candidates = [numbered(1, { openSubIssues: 1 }), numbered(2)];

    expect(started({ candidates })).toEqual([`${REPO}#2`]);
  });
});

function isSecond(ref: IssueRef): boolean {
  return ref.number === 2;
}

describe("nothing starts", () => {
  test("while the executor is unknown", () => {
    expect(held({ fleet: unknown("transport", "The executor did not answer.") })).toEqual({
      [`${REPO}#7`]: ["executor_unknown"],
    });
  });

  test("while the tracker's limit is nearly used up, and the reason is told", () => {
    const limited = "GitHub leaves this token only 42 points of its hour.";

    expect(decide({ limited })).toMatchObject([{ action: "hold", reason: "rate_limited", message: limited }]);
  });

  test("for an issue that is gone, whatever ran in its repo", () => {
    const gone = candidate({}, { detail: known(null) });
    const gates = [{ reason: "not_ready", message: "The issue is gone." }];

    expect(decide({ candidates: [gone], fleet: { threads: [] } })).toMatchObject([{ action: "hold", gates }]);
  });

  test("in a repo of which nothing could be read", () => {
    const state = { ...stateOf({}), repos: new Map() };
    const message = "The repo's default branch could not be read.";

    expect(selectDispatchable(state, digest)).toMatchObject([
      { action: "hold", reason: "base_unknown", message, gates: [{ reason: "base_unknown", message }] },
    ]);
  });

  test("in a repo whose landing is not known, though it is healthy", () => {
    const state = { ...stateOf({}), repos: new Map([[REPO, { health: health(), facts: null }]]) };
    const message = "The repo's default branch could not be read.";

    expect(selectDispatchable(state, digest)).toMatchObject([
      { action: "hold", reason: "base_unknown", message, gates: [{ reason: "base_unknown", message }] },
    ]);
  });

  test("that --repo or --issue leave out, and what they leave in gains no lane by it", () => {
    const candidates = [numbered(1), numbered(2)];
    const onlySecond = { candidates, isSelected: isSecond };

    expect(started(onlySecond)).toEqual([`${REPO}#2`]);
    expect(held(onlySecond)).toEqual({ [`${REPO}#1`]: ["not_selected"] });
    expect(held({ ...onlySecond, fleet: { threads: [placed()] } })).toEqual({
      [`${REPO}#1`]: ["not_selected"],
      [`${REPO}#2`]: ["repo_busy"],
    });
  });
});

test("every gate that failed is in the decision, and its first code is the reason", () => {
  const blocked = numbered(7, { openSubIssues: 1, arming: arming({ actor: null }) });
  const [decision] = decide({ candidates: [blocked], fleet: { threads: [placed()] } });

  expect(decision).toMatchObject({
    action: "hold",
    reason: "untrusted_label",
    gates: [{ reason: "untrusted_label" }, { reason: "open_sub_issues" }, { reason: "repo_busy" }],
    message:
      "The ready label was applied by an account that no longer exists. 1 sub-issues are open. The lane of acme/shop is taken.",
  });
});

function without(state: PollState, what: string, index: number): PollState {
  const poor = (part: Partial<Candidate>): PollState => ({
    ...state,
    candidates: state.candidates.map((one, at) => (at === index ? { ...one, ...part } : one)),
  });
  const repo = state.candidates[index]?.issue.repo ?? "";
  switch (what) {
    case "details":
      return poor({ detail: unknown("transport", "No answer."), card: null });
    case "card":
      return poor({ card: null });
    case "executor":
      return { ...state, fleet: unknown("transport", "No answer.") };
    case "repo":
      return { ...state, repos: new Map([...state.repos].filter(([name]) => name !== repo)) };
    default:
      return {
        ...state,
        repos: new Map(
          [...state.repos].map(([name, one]) => [
            name,
            name === repo ? { ...one, health: health({ head: "unknown" }) } : one,
          ]),
        ),
      };
  }
}

describe("in any world", () => {
  const worlds = fc.record({
    candidates: fc.uniqueArray(
      fc.record({
        repo: fc.constantFrom("acme/a", "acme/b", "acme/c"),
        number: fc.integer({ min: 1, max: 6 }),
        openSubIssues: fc.constantFrom(0, 0, 0, 1),
      }),
      { selector: issueName, maxLength: 12 },
    ),
    live: fc.uniqueArray(
      fc.record({
        repo: fc.constantFrom("acme/a", "acme/b"),
        lane: fc.nat({ max: 2 }),
        slot: fc.integer({ min: 1, max: 2 }),
        ending: fc.constantFrom("none", "archived", "deleted"),
      } as const),
      { selector: ({ repo, lane }) => `${repo}${lane}`, maxLength: 4 },
    ),
    limits: fc.record({
      maxPerRepo: fc.integer({ min: 1, max: 3 }),
      maxInFlight: fc.integer({ min: 0, max: 6 }),
      maxDispatchPerTick: fc.integer({ min: 0, max: 4 }),
    }),
  });

  function worldOf({ candidates, live, limits }: typeof worlds extends fc.Arbitrary<infer W> ? W : never) {
    const threads = live.map(({ ending, ...place }) =>
      placed({ place, thread: thread({ id: idAt(place), ending }), run: null }),
    );
    const cards = live
      .filter(({ ending }) => ending === "deleted")
      .map(({ repo, lane, slot }) => ({
        card: card({ repo, lane, slot, thread: idAt({ repo, lane, slot }), outcome: "close_success" }),
        inProgress: false,
        abandoned: false,
      }));
    return {
      candidates: candidates.map((part) => candidate(part)),
      fleet: { threads, cards },
      policy: limits,
    };
  }

  test("no cap is passed, and each dispatch has a lane and a thread of its own that nobody has used", () => {
    fc.assert(
      fc.property(worlds, (given) => {
        const dispatches = decide(worldOf(given)).flatMap((one) => (one.action === "dispatch" ? [one] : []));
        const living = given.live.filter(({ ending }) => ending === "none");
        const lanes = [
          ...living.map(({ repo, lane }) => `${repo} ${lane}`),
          ...dispatches.map(({ repo, lane }) => `${repo} ${lane}`),
        ];

        expect(new Set(lanes).size).toBe(lanes.length);
        expect(dispatches.every(({ lane }) => lane < given.limits.maxPerRepo)).toBe(true);
        expect(dispatches.length).toBeLessThanOrEqual(given.limits.maxDispatchPerTick);
        if (dispatches.length > 0)
          expect(living.length + dispatches.length).toBeLessThanOrEqual(given.limits.maxInFlight);
        const used = new Set(given.live.map((place) => idAt(place)));
        expect(dispatches.some((one) => used.has(one.thread))).toBe(false);
      }),
    );
  });

  test("every candidate is decided once, and the same again", () => {
    fc.assert(
      fc.property(worlds, (given) => {
        const decisions = decide(worldOf(given));

        expect(decisions.map(({ repo, issue }) => `${repo}#${issue}`).toSorted()).toEqual(
          given.candidates.map(issueName).toSorted(),
        );
        expect(decide(worldOf(given))).toEqual(decisions);
      }),
    );
  });

  test("knowing less starts no more, and nothing that is not allowed to start", () => {
    const removal = fc.constantFrom("details", "card", "repo", "executor", "health");
    fc.assert(
      fc.property(worlds, removal, fc.nat({ max: 11 }), (given, what, index) => {
        const world = worldOf(given);
        const full = stateOf(world);
        const poorer = without(full, what, index);

        const before = selectDispatchable(full, digest).filter(({ action }) => action === "dispatch");
        const now = selectDispatchable(poorer, digest).filter(({ action }) => action === "dispatch");

        expect(now.length).toBeLessThanOrEqual(before.length);
        for (const decision of now) {
          const own = full.candidates.find(
            ({ issue }) => issueName(issue) === `${decision.repo}#${decision.issue}`,
          );
          expect(own && failedGates(own, health(), policy(world.policy), digest)).toEqual([]);
        }
      }),
    );
  });
});
