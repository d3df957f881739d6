// How the reads of one run become the state that the table looks at, and what the card learns by it.
import { describe, expect, test } from "vitest";
import type { Card } from "../../src/core/card.ts";
import type { IssueEvent } from "../../src/core/issue.ts";
import { known, unknown } from "../../src/core/observation.ts";
import { fixForwardPrompt, lostTurnPrompt, resumePrompt } from "../../src/core/prompt.ts";
import { buildRunState, type RunFacts } from "../../src/core/run-state.ts";
import type { ThreadState } from "../../src/core/thread.ts";
import type { StageReading, StageVerdict } from "../../src/core/verdict.ts";
import { fc } from "../support/fast-check.ts";
import {
  after,
  card,
  commitMessage,
  deepFrozen,
  facts as repoFacts,
  idAt,
  issue,
  iso,
  NOON,
  policy,
  runLine,
  SHA,
  signer,
  thread,
  threadDetail,
} from "../support/world.ts";

const limits = policy();
const unread = unknown("transport", "No answer.");
const landed = known([{ sha: SHA, message: commitMessage() }]);
const failed = { cause: "overloaded", mayPass: true, message: "" } as const;

function facts(part: Partial<RunFacts> = {}): RunFacts {
  return {
    now: after(600),
    detail: issue({ labels: ["ready-for-agent", "agent-in-progress"] }),
    card: card(),
    thread: known(thread()),
    landed: known([]),
    stages: [],
    ...part,
  };
}

function build(part: Partial<RunFacts> = {}, limited: Partial<typeof limits> = {}) {
  return buildRunState(deepFrozen(facts(part)), { ...limits, ...limited }, signer);
}

function said(...words: readonly StageVerdict["kind"][]): readonly StageReading[] {
  return words.map((kind, index) => ({ stage: `stage-${index}`, verdict: known(stageWord(kind)) }));
}

function stageWord(kind: StageVerdict["kind"]): StageVerdict {
  switch (kind) {
    case "none":
      return { kind, canRequest: false };
    case "pending":
      return { kind, message: "" };
    case "held":
    case "green":
      return { kind, message: "", url: null };
    case "red":
      return { kind, failures: [] };
  }
}

describe("a person took over", () => {
  const at = after(100);

  test.each<[string, IssueEvent]>([
    ["the in-progress label was removed", { kind: "unlabeled", label: "agent-in-progress", at }],
    ["the human label was added", { kind: "labeled", label: "ready-for-human", at }],
    ["the issue was closed by hand", { kind: "closed", at }],
    ["the issue was closed by a commit that nobody knows", { kind: "closed", at, commit: "c".repeat(40) }],
    ["the issue was closed by another run's commit", { kind: "closed", at, commit: "d".repeat(40) }],
  ])("when %s", (_, event) => {
    const others = known([
      ...landed.value,
      { sha: "d".repeat(40), message: commitMessage({ thread: idAt({ lane: 1 }) }) },
    ]);

    expect(build({ detail: issue({ events: [event] }), landed: others }).state.takeover).toBe("handed_over");
  });

  test.each<[string, IssueEvent]>([
    ["the in-progress label was added", { kind: "labeled", label: "agent-in-progress", at }],
    ["the ready label was removed", { kind: "unlabeled", label: "ready-for-agent", at }],
    ["another label was added", { kind: "labeled", label: "bug", at }],
    ["the human label was removed", { kind: "unlabeled", label: "ready-for-human", at }],
    ["our commit closed the issue", { kind: "closed", at, commit: SHA }],
    ["the issue was opened again", { kind: "reopened", at }],
    ["it all happened before the dispatch", { kind: "unlabeled", label: "agent-in-progress", at: NOON }],
  ])("but not when %s", (_, event) => {
    expect(build({ detail: issue({ events: [event] }), landed }).state.takeover).toBeNull();
  });

  test("but not when the in-progress label was never added", () => {
    expect(build({ detail: issue() }).state.takeover).toBeNull();
  });

  test("is not concluded from a closing commit while the commits cannot be read", () => {
    const events: readonly IssueEvent[] = [{ kind: "closed", at, commit: SHA }];

    expect(build({ detail: issue({ events }), landed: unread }).state.takeover).toBeNull();
  });

  test("when it was closed by hand while the commits cannot be read", () => {
    const events: readonly IssueEvent[] = [{ kind: "closed", at }];

    expect(build({ detail: issue({ events }), landed: unread }).state.takeover).toBe("handed_over");
  });

  test("is not concluded from our own commit among others", () => {
    const events: readonly IssueEvent[] = [{ kind: "closed", at, commit: SHA }];
    const more = known([{ sha: "e".repeat(40), message: commitMessage() }, ...landed.value]);

    expect(build({ detail: issue({ events }), landed: more }).state.takeover).toBeNull();
  });

  test("by our own commit also counts when the commit does not name the issue in a trailer", () => {
    const events: readonly IssueEvent[] = [{ kind: "closed", at, commit: SHA }];
    const bare = known([{ sha: SHA, message: commitMessage({ refs: "" }) }]);

    expect(build({ detail: issue({ events }), landed: bare }).state.takeover).toBeNull();
  });

  test("and an issue that is gone is gone", () => {
    expect(build({ detail: null }).state.takeover).toBe("issue_gone");
  });
});

describe("pushed", () => {
  test("is yes only with a commit of this run", () => {
    const other = known([{ sha: SHA, message: commitMessage({ refs: "Refs #8" }) }]);

    expect(build({ landed }).state.pushed).toEqual({ kind: "yes", sha: SHA });
    expect(build({ landed: other }).state.pushed).toEqual({ kind: "no" });
    expect(build({ landed: unread }).state.pushed).toEqual({ kind: "unknown" });
  });

  test("starts a clock of its own for each commit", () => {
    const first = build({ landed, stages: said("pending") }).card;
    const later = build({ now: after(900), card: first, landed, stages: said("pending") }).card;
    const second = known([{ sha: "c".repeat(40), message: commitMessage() }, ...landed.value]);
    const newer = build({ now: after(1000), card: later, landed: second, stages: said("pending") });

    expect([first.commit, first.pushedAt]).toEqual([SHA, iso(600)]);
    expect(later).toEqual(first);
    expect([newer.card.commit, newer.card.pushedAt]).toEqual(["c".repeat(40), iso(1000)]);
    expect(newer.state.pushedAt).toBe(after(1000));
  });

  test("forgets a commit that is not on the default branch any more", () => {
    const built = build({ card: card({ commit: SHA, pushedAt: iso(100) }) });

    expect([built.card.commit, built.card.pushedAt, built.state.pushedAt]).toEqual([null, null, null]);
  });

  test("keeps what the card says while the commits cannot be read", () => {
    const before = card({ commit: SHA, pushedAt: iso(100) });
    const built = build({ card: before, landed: unread });

    expect(built.card).toEqual(before);
    expect(built.state.pushedAt).toBe(after(100));
    expect(built.verdict).toBeNull();
  });
});

describe("the verdict", () => {
  test.each([
    [["green", "green"], "green"],
    [["green", "red"], "red"],
    [["pending"], "pending"],
    [["held"], "pending"],
  ] as const)("of %j is %s", (words, verdict) => {
    expect(build({ landed, stages: said(...words) }).state.verdict).toBe(verdict);
  });

  test("of a stage that could not be read is unknown", () => {
    const stages = [{ stage: "build", verdict: unread }];

    expect(build({ landed, stages }).state.verdict).toBe("unknown");
  });

  test("without a commit of this run is never green, whatever the stages say", () => {
    expect(build({ stages: said("green") }).state.verdict).toBe("pending");
    expect(build({ stages: said("green"), landed: unread }).state.verdict).toBe("pending");
  });

  test("of a commit that no stage was asked about is not green", () => {
    expect(build({ landed, stages: [] }).state.verdict).toBe("pending");
  });

  test.each([
    ["park", 600 + 180, "pending"],
    ["green", 600 + 179, "pending"],
    ["green", 600 + 180, "green"],
  ] as const)("without any CI and AFK_NO_CI=%s, %d s after noon, is %s", (noCi, seconds, verdict) => {
    const pushed = card({ commit: SHA, pushedAt: iso(600) });
    const built = build({ now: after(seconds), card: pushed, landed, stages: said("none") }, { noCi });

    expect(built.state.verdict).toBe(verdict);
  });

  test("of a later stage that is silent is not `no CI at all`", () => {
    const pushed = card({ commit: SHA, pushedAt: iso(0) });
    const built = build({ card: pushed, landed, stages: said("green", "none") }, { noCi: "green" });

    expect(built.state.verdict).toBe("pending");
  });
});

describe("the first red", () => {
  test("is now, is remembered, and is never later", () => {
    const first = build({ landed, stages: said("red") });
    const later = build({ now: after(700), card: first.card, landed, stages: said("red") });
    const green = build({ now: after(800), card: later.card, landed, stages: said("pending") });

    expect(first.state.firstRedAt).toBe(after(600));
    expect(first.card.redShas).toEqual([SHA]);
    expect(later.card).toEqual(first.card);
    expect(green.state.firstRedAt).toBe(after(600));
  });

  test.each(["pending", "green"] as const)("is not that of a commit that is %s", (word) => {
    const built = build({ landed, stages: said(word) });

    expect([built.card.firstRedAt, built.card.redShas]).toEqual([null, []]);
  });

  test("stays when a further commit is red too", () => {
    const first = build({ landed, stages: said("red") }).card;
    const next = known([{ sha: "c".repeat(40), message: commitMessage() }, ...landed.value]);
    const second = build({ now: after(900), card: first, landed: next, stages: said("red") });

    expect(second.card.firstRedAt).toBe(iso(600));
    expect(second.card.redShas).toEqual([SHA, "c".repeat(40)]);
  });
});

describe("the thread", () => {
  test.each<[string, Partial<RunFacts>, string]>([
    ["runs", {}, "running"],
    ["waits", { thread: known(thread({ state: { kind: "waiting", message: "" } })) }, "waiting"],
    [
      "says a word that we do not know",
      { thread: known(thread({ state: { kind: "unknown", message: "" } })) },
      "unknown",
    ],
    ["is not there any more", { thread: known(null) }, "lost"],
    ["could not be asked", { thread: unread }, "unknown"],
  ])("that %s", (_, part, word) => {
    expect(build(part).state.thread).toBe(word);
  });

  test.each([
    ["was made before the card says", { createdAt: after(-30) }, {}, after(-30)],
    ["was made after the card says", { createdAt: after(30) }, {}, NOON],
  ] as const)("that %s starts the clocks at the earlier of both", (_, part, ofCard, startedAt) => {
    expect(build({ thread: known(thread(part)), card: card(ofCard) }).state.startedAt).toBe(startedAt);
  });

  test("says since when it is so and when it last did something, or that it does not know", () => {
    const times = { since: after(10), lastActivityAt: after(20) };

    expect(build({ thread: known(thread(times)) }).state).toMatchObject(times);
    expect(build({ thread: unread }).state).toMatchObject({ since: null, lastActivityAt: null });
  });

  test("was last sent a turn when the latest of card, creation and messages says so", () => {
    const texts = ["one", "two", "three"];

    expect(build({ thread: unread }).state.lastSentAt).toBe(NOON);
    expect(build({ thread: known(threadDetail({ texts })) }).state.lastSentAt).toBe(after(2));
    expect(
      build({ thread: known(threadDetail({ texts })), card: card({ turnAt: iso(50) }) }).state.lastSentAt,
    ).toBe(after(50));
  });

  test("does not believe a turn that a clock which ran ahead recorded in the future", () => {
    const twice = known(threadDetail({ texts: ["one", "two"] }));
    const sentAt = (seconds: number): number =>
      build({ thread: twice, card: card({ turnAt: iso(seconds) }) }).state.lastSentAt;

    expect(sentAt(600)).toBe(after(600));
    expect(sentAt(601)).toBe(after(1));
  });
});

function mayPass(
  state: Partial<Extract<ThreadState, { kind: "error" }>>,
  ofCard: Partial<Card> = {},
): boolean {
  return build({
    thread: known(thread({ state: { kind: "error", ...failed, ...state } })),
    card: card(ofCard),
  }).state.mayPass;
}

describe("a failure may pass", () => {
  test("when the executor says so", () => {
    expect(mayPass({})).toBe(true);
    expect(mayPass({ mayPass: false })).toBe(false);
    expect(mayPass({}, { resumes: 1 })).toBe(true);
  });

  test("as a turn that was never started only once", () => {
    expect(mayPass({ cause: "lost_turn" })).toBe(true);
    expect(mayPass({ cause: "lost_turn" }, { resumes: 1 })).toBe(false);
  });

  test("as a turn that was never started also when its second sending was recorded and never made", () => {
    const lost = { ...failed, kind: "error", cause: "lost_turn" } as const;
    const texts = ["turn 0"];
    const again = lostTurnPrompt({ thread: idAt(), number: 1, text: "turn 0" }, signer);
    const built = (messages: readonly string[]) =>
      build({ thread: known(threadDetail({ state: lost, texts: messages })), card: card({ resumes: 1 }) })
        .state;

    expect(built(texts)).toMatchObject({ mayPass: true, resumes: 0 });
    expect(built([...texts, again])).toMatchObject({ mayPass: false, resumes: 1 });
  });

  test("but not when it did not fail", () => {
    expect(build().state.mayPass).toBe(false);
    expect(build({ thread: unread }).state.mayPass).toBe(false);
  });
});

function spent(spentUsd: number | null, costUsd: number | null): number | null {
  return build({ card: card({ spentUsd }), thread: known(thread({ costUsd })) }).state.spentUsd;
}

describe("budgets are floors", () => {
  const turn = { run: runLine(), landing: repoFacts.landing };
  const texts = [
    fixForwardPrompt({ ...turn, attempt: 2, maxAttempts: 5, sha: SHA, stage: "build", failures: [] }, signer),
    resumePrompt({ ...turn, number: 1 }, signer),
  ];

  test("a card that forgot turns learns them from the thread", () => {
    const built = build({ thread: known(threadDetail({ texts })) });

    expect([built.state.attempts, built.state.resumes]).toEqual([2, 1]);
    expect([built.card.attempts, built.card.resumes]).toEqual([2, 1]);
  });

  test("a thread that forgot turns does not give them back", () => {
    const built = build({ thread: known(threadDetail({ texts })), card: card({ attempts: 4, resumes: 3 }) });

    expect([built.state.attempts, built.state.resumes]).toEqual([4, 3]);
  });

  test("a turn that was recorded and never sent does not count yet, and stays on the card", () => {
    const built = build({ thread: known(threadDetail({ texts })), card: card({ attempts: 3, resumes: 2 }) });

    expect([built.state.attempts, built.state.resumes]).toEqual([2, 1]);
    expect([built.card.attempts, built.card.resumes]).toEqual([3, 2]);
  });

  test("a list of threads, which has no messages, gives no turn back", () => {
    const built = build({ card: card({ attempts: 1, resumes: 1 }) });

    expect([built.state.attempts, built.state.resumes]).toEqual([1, 1]);
  });

  test("an ended run learns nothing any more", () => {
    const ended = card({ outcome: "freeze_escalate", reason: "ci_timeout", waitingSince: iso(10) });
    const built = build({ card: ended, thread: known(thread({ costUsd: 5 })), landed, stages: said("red") });

    expect(built.card).toEqual(ended);
  });

  test("cost is the highest that was ever seen, and unknown stays unknown", () => {
    expect(spent(null, null)).toBeNull();
    expect(spent(null, 2)).toBe(2);
    expect(spent(3, 2)).toBe(3);
    expect(spent(3, null)).toBe(3);
  });

  test("the time of waiting ends when the agent is seen at work, and not when nobody could ask", () => {
    const waiting = card({ waitingSince: iso(10) });

    expect(build({ card: waiting }).card.waitingSince).toBeNull();
    expect(build({ card: waiting, thread: unread }).card.waitingSince).toBe(iso(10));
    expect(
      build({ card: waiting, thread: known(thread({ state: { kind: "waiting", message: "" } })) }).state
        .waitingSince,
    ).toBe(after(10));
  });

  const someTime = fc.option(fc.nat({ max: 500 }).map(iso));
  const worlds = fc.record({
    card: fc
      .record({
        attempts: fc.nat({ max: 5 }),
        resumes: fc.nat({ max: 2 }),
        spentUsd: fc.option(fc.nat({ max: 100 })),
        commit: fc.option(fc.constantFrom(SHA, "c".repeat(40))),
        firstRedAt: someTime,
        turnAt: someTime,
        pushedAt: someTime,
        redShas: fc.subarray([SHA, "c".repeat(40)]),
      })
      .map((part) => card(part)),
    thread: fc.constantFrom(
      unread,
      known(null),
      known(thread({ costUsd: 5 })),
      known(threadDetail({ texts })),
    ),
    landed: fc.constantFrom(unread, known([]), landed),
    stages: fc.constantFrom(said(), said("none"), said("red"), said("green"), said("green", "pending")),
  });

  test("whatever is read, nothing on the card shrinks, and the state has the times that the table needs", () => {
    fc.assert(
      fc.property(worlds, (part) => {
        const built = build(part);
        const before = part.card;

        expect(built.card.attempts).toBeGreaterThanOrEqual(before.attempts);
        expect(built.card.resumes).toBeGreaterThanOrEqual(before.resumes);
        expect(built.card.spentUsd ?? 0).toBeGreaterThanOrEqual(before.spentUsd ?? 0);
        expect(built.card.redShas).toEqual(expect.arrayContaining([...before.redShas]));
        if (before.firstRedAt !== null) expect(built.card.firstRedAt).toBe(before.firstRedAt);
        expect(built.state.startedAt).toBeLessThanOrEqual(NOON);
        if (built.state.pushed.kind === "yes") expect(built.state.pushedAt).not.toBeNull();
        if (built.state.verdict === "red") expect(built.state.firstRedAt).not.toBeNull();
        if (built.state.verdict === "green") expect(part.stages.length).toBeGreaterThan(0);
      }),
    );
  });

  test("the same reads a second later change nothing on the card", () => {
    fc.assert(
      fc.property(worlds, (part) => {
        const once = build(part).card;

        expect(build({ ...part, card: once, now: after(601) }).card).toEqual(once);
      }),
    );
  });
});
