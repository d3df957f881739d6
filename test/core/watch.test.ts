// What watch decides about issues and threads: runs by the table, and repairs of what a dead tick left behind.
import { describe, expect, test } from "vitest";
import type { CardReading } from "../../src/core/card-reading.ts";
import type { PlacedThread } from "../../src/core/fleet.ts";
import { known, unknown } from "../../src/core/observation.ts";
import type { Decision, RunDecision } from "../../src/core/plan.ts";
import { RUN_REASONS } from "../../src/core/reasons.ts";
import { duplicate } from "../../src/core/strays.ts";
import { rangAfter } from "../../src/core/terminal.ts";
import type { StageVerdict } from "../../src/core/verdict.ts";
import { decideIssue, type WatchContext, type WatchedIssue } from "../../src/core/watch.ts";
import {
  after,
  card,
  commitMessage,
  deepFrozen,
  facts,
  idAt,
  issue,
  iso,
  placed,
  placeOf,
  policy,
  reading,
  REPO,
  runLine,
  SHA,
  signer,
  thread,
  threadDetail,
} from "../support/world.ts";

const context: WatchContext = {
  policyOf: () => policy(),
  signer,
  executor: { kind: "process", id: "executor-1" },
  setup: { stageCount: 1, reportsCost: true },
};
const unread = unknown("transport", "No answer.");
const landed = known([{ sha: SHA, message: commitMessage() }]);
const WORKING = ["ready-for-agent", "agent-in-progress"];
const absent: CardReading = { kind: "absent" };
const damaged: CardReading = { kind: "unreadable", message: "It is damaged.", commentId: "comment-1" };
const otherVersion: CardReading = { kind: "unreadable", message: "It is newer.", commentId: null };

/** An issue whose run was dispatched ten minutes ago and works. */
function watched(part: Partial<WatchedIssue> = {}): WatchedIssue {
  return {
    ref: { repo: REPO, number: 7 },
    now: after(600),
    detail: known(issue({ labels: WORKING })),
    card: reading(card(), { text: "the card's text" }),
    live: [placed()],
    thread: known(threadDetail()),
    landed: known([]),
    stages: [],
    facts,
    ...part,
  };
}

function decide(part: Partial<WatchedIssue>) {
  return decideIssue(deepFrozen(watched(part)), context);
}

/** The one decision of the table. */
function run(part: Partial<WatchedIssue>): RunDecision {
  const [found, ...others] = decide(part).filter((decision): decision is RunDecision => "ref" in decision);
  if (found === undefined || others.length > 0)
    throw new Error("Exactly one decision of the table was expected.");
  return found;
}

function stage(verdict: StageVerdict): Pick<WatchedIssue, "landed" | "stages"> {
  return { landed, stages: [{ stage: "build", verdict: known(verdict) }] };
}

/** Another live thread of the same issue. */
function another(
  part: Partial<PlacedThread> & { slot?: number; armed?: string; createdAt?: number } = {},
): PlacedThread {
  const { slot = 2, armed = "arming-1", createdAt = after(300), ...rest } = part;
  const id = idAt({ slot });
  return placed({
    place: placeOf({ slot }),
    thread: threadDetail({ id, createdAt }),
    run: runLine({ thread: id, armed }),
    ...rest,
  });
}

const talkedTo = threadDetail({ texts: ["turn 0", "and another turn"] });

describe("a run with a card", () => {
  test("is decided by the table, and its decision carries all that acting needs", () => {
    expect(decide({})).toMatchObject([
      {
        action: "wait",
        reason: "agent_busy",
        thread: idAt(),
        commentId: "comment-1",
        text: "the card's text",
        outcome: null,
        threadIsOver: false,
        addInProgress: false,
        landing: facts.landing,
      },
    ]);
  });

  test("that goes on keeps its card as it is and rings for nothing", () => {
    expect(run({})).toMatchObject({ card: card(), request: null, ringFor: null });
    expect(run({ facts: null }).landing).toBeNull();
  });

  test("that ends has its outcome and reason on the card", () => {
    const quiet = known(threadDetail({ state: { kind: "idle" }, since: after(100) }));

    expect(run({ thread: quiet })).toMatchObject({
      action: "escalate_prepush",
      card: { outcome: "escalate_prepush", reason: "nothing_pushed" },
    });
  });

  test("that has ended keeps its outcome, whatever is true now", () => {
    const ended = card({ outcome: "freeze_escalate", reason: "ci_timeout" });

    expect(run({ card: reading(ended), ...stage({ kind: "green", message: "", url: null }) })).toMatchObject({
      action: "wait",
      reason: "finishing",
      card: { outcome: "freeze_escalate", reason: "ci_timeout" },
      addInProgress: false,
    });
  });

  test("whose label a dead tick forgot gets it, but not once it ends or is closed", () => {
    const bare = issue();

    expect(run({ detail: known(bare) }).addInProgress).toBe(true);
    expect(run({ detail: known({ ...bare, open: false }) }).addInProgress).toBe(false);
    expect(
      run({ detail: known(bare), card: reading(card({ outcome: "close_success" })) }).addInProgress,
    ).toBe(false);
    expect(run({ detail: known(bare), thread: known(threadDetail({ costUsd: 100 })) })).toMatchObject({
      action: "escalate_prepush",
      addInProgress: false,
    });
  });

  test("whose issue is gone ends without one", () => {
    expect(run({ detail: known(null) })).toMatchObject({
      outcome: "issue_gone",
      detail: null,
      title: `${REPO}#7`,
    });
  });

  test.each([
    ["the executor does not have", known(null), true],
    ["is archived", known(thread({ ending: "archived" })), true],
    ["is settled", known(thread({ ending: "settled", state: { kind: "idle" } })), true],
    ["could not be asked", unread, false],
    ["is at work", known(thread()), false],
  ] as const)("with a thread that %s", (_, read, isOver) => {
    expect(run({ thread: read }).threadIsOver).toBe(isOver);
  });

  test("shows people the thread, the verdict, the phases and the agent's last words", () => {
    const claims = known([{ sha: SHA, message: `${commitMessage()}\nAFK-Phase: tests-red` }]);
    const decision = run({
      ...stage({ kind: "pending", message: "running" }),
      landed: claims,
      thread: known(threadDetail({ lastWords: "All done." })),
    });

    expect(decision.url).toBe("https://executor.example/threads/1");
    expect(decision.view).toMatchObject({
      verdict: { kind: "pending", stage: "build" },
      claimed: new Set(["tests-red"]),
      lastWords: "All done.",
      threadUrl: "https://executor.example/threads/1",
      stageCount: 1,
    });
    expect(run({ thread: unread, landed: claims }).view).toMatchObject({
      claimed: new Set(["tests-red"]),
      threadUrl: null,
    });
  });

  test("that a person took over asks no stage and rings for no job", () => {
    const events = [{ kind: "unlabeled", label: "agent-in-progress", at: after(100) }] as const;
    const taken = { detail: known(issue({ events })), ...stage({ kind: "none", canRequest: true }) };

    expect(run(taken)).toMatchObject({ reason: "handed_over", request: null, ringFor: null });
  });

  test("hands surplus cards on, to be removed", () => {
    expect(run({ card: reading(card(), { surplus: ["comment-2"] }) }).surplus).toEqual(["comment-2"]);
  });
});

describe("an ended run whose agent a person talks to", () => {
  const ended = reading(card({ outcome: "escalate_prepush", reason: "stalled" }));
  const settled = threadDetail({ ending: "settled" });
  const talk = { card: ended, detail: known(issue({ labels: [] })), live: [placed({ thread: settled })] };

  test("is left alone, but for a second thread of the issue", () => {
    const held = {
      action: "hold",
      reason: "with_person",
      repo: REPO,
      issue: 7,
      thread: idAt(),
      url: settled.url,
      message: RUN_REASONS.with_person,
      gates: [],
    };

    expect(decide(talk)).toEqual([held]);
    expect(decide({ ...talk, live: [...talk.live, another()] })).toEqual([held, duplicate(another())]);
  });

  test.each<[string, Partial<WatchedIssue>]>([
    ["its label is still to be removed", { detail: known(issue({ labels: WORKING })) }],
    ["its issue is gone", { detail: known(null) }],
    ["its thread is still to be settled", { live: [placed()] }],
    ["it has no thread", { live: [] }],
    [
      "only another thread is settled",
      { live: [another({ thread: threadDetail({ id: idAt({ slot: 2 }), ending: "settled" }) })] },
    ],
  ])("but finished where %s", (_, part) => {
    expect(decide({ ...talk, ...part })[0]).toMatchObject({ action: "wait", reason: "finishing" });
  });

  test("and one that has not ended is decided by the table", () => {
    expect(decide({ ...talk, card: reading(card()) })).toMatchObject([{ reason: "agent_busy" }]);
  });

  test("is no second thread of another run", () => {
    const other = another({ thread: threadDetail({ id: idAt({ slot: 2 }), ending: "settled" }) });

    expect(decide({ live: [placed(), other] })).toHaveLength(1);
  });
});

describe("while a commit waits for its verdict", () => {
  test("a stage that must be asked is asked, with a reason of its own", () => {
    expect(run(stage({ kind: "none", canRequest: true }))).toMatchObject({
      action: "wait",
      reason: "ci_requested",
      request: "build",
    });
  });

  test("a stage that nobody can ask is waited for", () => {
    expect(run(stage({ kind: "none", canRequest: false }))).toMatchObject({
      reason: "ci_pending",
      request: null,
    });
  });

  test("a held job rings once", () => {
    const held = stage({ kind: "held", message: "Approve the deployment", url: null });
    const rung = card({ rang: rangAfter(card(), "held", true) });

    expect(run(held)).toMatchObject({ action: "wait", reason: "ci_held", ringFor: "held" });
    expect(run({ ...held, card: reading(rung) }).ringFor).toBeNull();
  });

  test("a held job whose ring fails is rung for in three ticks", () => {
    const held = stage({ kind: "held", message: "", url: null });
    let now = card();
    const rings: (string | null)[] = [];

    for (let tick = 0; tick < 4; tick += 1) {
      rings.push(run({ ...held, card: reading(now) }).ringFor);
      now = { ...now, rang: rangAfter(now, "held", false) };
    }

    expect(rings).toEqual(["held", "held", "held", null]);
  });

  test("nothing is asked and nothing rings once the run ends", () => {
    const late = { now: after(4300), card: reading(card({ commit: SHA, pushedAt: iso(600) })) };

    for (const word of [
      { kind: "none", canRequest: true },
      { kind: "held", message: "", url: null },
    ] as const)
      expect(run({ ...late, ...stage(word) })).toMatchObject({
        action: "freeze_escalate",
        reason: "ci_timeout",
        request: null,
        ringFor: null,
      });
  });
});

describe("while the agent waits for a person", () => {
  const waiting = known(threadDetail({ state: { kind: "waiting", message: "May I?" } }));

  test("it is asked for once, and then waited for", () => {
    const asked = card({ waitingSince: iso(500), rang: ["waiting"] });

    expect(run({ thread: waiting })).toMatchObject({
      action: "ask_human",
      ringFor: null,
      message: expect.stringContaining("May I?"),
    });
    expect(run({ thread: waiting, card: reading(asked) })).toMatchObject({ action: "wait", ringFor: null });
  });

  test("a ring that failed is tried again", () => {
    const failed = card({ waitingSince: iso(500), rang: ["waiting:failed:1"] });

    expect(run({ thread: waiting, card: reading(failed) })).toMatchObject({
      action: "wait",
      ringFor: "waiting",
    });
  });
});

describe("an issue that cannot be decided is held", () => {
  test.each<[string, Partial<WatchedIssue>, string]>([
    ["its details could not be read", { detail: unread, card: null }, "issue_unreadable"],
    ["its card cannot be believed", { card: damaged }, "card_unreadable"],
    ["its card is of a later version", { card: otherVersion }, "card_unreadable"],
    [
      "its card is of a later version, though its thread has further turns",
      { card: otherVersion, live: [placed({ thread: talkedTo })] },
      "card_unreadable",
    ],
    ["its card cannot be believed and nothing of it lives", { card: damaged, live: [] }, "card_unreadable"],
    ["a person set the label and there is no run", { card: absent, live: [] }, "no_run"],
  ])("because %s", (_, part, reason) => {
    expect(decide(part)).toMatchObject([{ action: "hold", reason }]);
  });

  test("together with its thread, if one lives", () => {
    expect(decide({ card: damaged })).toMatchObject([
      { thread: idAt(), url: "https://executor.example/threads/1" },
    ]);
    expect(decide({ card: damaged, live: [] })).toEqual([
      {
        action: "hold",
        reason: "card_unreadable",
        repo: REPO,
        issue: 7,
        thread: null,
        url: null,
        message: "It is damaged.",
        gates: [],
      },
    ]);
  });

  test("and one that is gone and has no run is nobody's business", () => {
    expect(decide({ detail: known(null), card: null, live: [] })).toEqual([]);
  });
});

describe("a live thread without a card of its own", () => {
  test("is adopted: card and label are rebuilt from its signed first line", () => {
    expect(decide({ card: absent, detail: known(issue()) })).toMatchObject([
      {
        action: "adopt",
        reason: "adopted",
        issue: 7,
        thread: idAt(),
        record: { card: card(), commentId: null },
      },
    ]);
  });

  test("takes over the comment of the ended run before it", () => {
    const old = card({ thread: idAt(), armed: "arming-0", outcome: "freeze_escalate" });
    const next = another();

    expect(decide({ card: reading(old), live: [next] })).toMatchObject([
      {
        action: "adopt",
        record: {
          commentId: "comment-1",
          card: { thread: next.thread.id, slot: 2, armed: "arming-1", outcome: null, dispatchedAt: iso(300) },
        },
      },
    ]);
  });

  test("that is of the next arming is adopted, and each further one stopped", () => {
    const old = card({ thread: idAt(), armed: "arming-0", outcome: "freeze_escalate" });
    const third = another({ slot: 3 });

    expect(decide({ card: reading(old), live: [another(), third] })).toMatchObject([
      { action: "adopt", thread: another().thread.id },
      { action: "abandon", reason: "duplicate", thread: third.thread.id },
    ]);
  });

  test.each<[string, Parameters<typeof another>[0]]>([
    ["was made with the ended run", { armed: "arming-2", createdAt: after(0) }],
    ["says nothing of an arming", { run: null }],
  ])("that %s is not the next run", (_, part) => {
    const ended = card({ outcome: "freeze_escalate", reason: "ci_timeout" });

    expect(decide({ card: reading(ended), live: [another(part)] })).toMatchObject([
      { action: "wait", reason: "finishing" },
      { action: "abandon", reason: "duplicate" },
    ]);
  });

  test("does not end the run of the card, though it is of a later arming", () => {
    expect(decide({ live: [placed(), another({ armed: "arming-2" })] })).toMatchObject([
      { action: "wait", thread: idAt() },
      { action: "abandon", thread: another().thread.id },
    ]);
  });

  test("that does not say whose run it is belongs to nobody's run", () => {
    const silent = another({ run: null });

    expect(decide({ card: absent, live: [silent] })).toMatchObject([{ action: "hold", reason: "no_run" }]);
    expect(decide({ card: absent, live: [silent, placed()] })).toMatchObject([
      { action: "adopt", thread: idAt() },
    ]);
  });

  test("cannot be recorded while the executor does not say which server it is", () => {
    const nameless = { ...context, executor: { kind: "process", id: null } };

    expect(decideIssue(watched({ card: absent }), nameless)).toEqual([]);
  });

  test("is adopted until it is older than any run may be, and then escalated", () => {
    expect(decide({ card: absent, now: after(14_400) })).toMatchObject([{ action: "adopt" }]);
    expect(decide({ card: absent, now: after(14_401) })).toMatchObject([
      { action: "escalate_prepush", reason: "card_missing", text: null, surplus: [] },
    ]);
  });

  test("does not bring an ended run back: of the same arming it is stopped, and the run is finished", () => {
    const ended = card({ outcome: "freeze_escalate", reason: "ci_timeout" });

    expect(decide({ card: reading(ended), live: [another()] })).toMatchObject([
      { action: "wait", reason: "finishing", thread: idAt() },
      { action: "abandon", reason: "duplicate", thread: another().thread.id },
    ]);
  });

  test("does not push a later run's card aside because it is of an earlier arming", () => {
    const later = card({
      thread: idAt({ slot: 2 }),
      slot: 2,
      armed: "arming-2",
      dispatchedAt: iso(300),
      outcome: "close_success",
    });
    const earlier = placed({ thread: talkedTo });

    expect(decide({ card: reading(later), live: [earlier] }).map(({ action }) => action)).toEqual([
      "wait",
      "abandon",
    ]);
  });

  test.each([
    ["not pushed", known([]), "escalate_prepush"],
    ["pushed", landed, "freeze_escalate"],
  ] as const)("with more than one turn is escalated: %s", (_, commits, action) => {
    expect(decide({ card: absent, live: [placed({ thread: talkedTo })], landed: commits })).toMatchObject([
      { action, reason: "card_missing", outcome: action, commentId: null, card: { outcome: action } },
    ]);
  });

  test("with more than one turn waits while nobody knows whether it pushed, until every budget is used up", () => {
    const later = (seconds: number): readonly Decision[] =>
      decide({
        card: absent,
        live: [placed({ thread: talkedTo })],
        landed: unread,
        now: after(seconds),
      });
    const budgets = 1_000_000;

    expect(later(600)).toMatchObject([{ action: "hold", reason: "commits_unknown" }]);
    expect(later(budgets)).toMatchObject([{ action: "freeze_escalate", reason: "card_missing" }]);
  });

  test("with more than one turn and a damaged card is escalated in the card's place", () => {
    expect(decide({ card: damaged, live: [placed({ thread: talkedTo })] })).toMatchObject([
      { action: "escalate_prepush", reason: "card_missing", commentId: "comment-1" },
    ]);
  });

  test("whose issue is gone is ended, not adopted", () => {
    expect(decide({ card: null, detail: known(null) })).toMatchObject([
      { action: "wait", reason: "issue_gone", outcome: "issue_gone" },
    ]);
  });

  test("beside the run of the card is a duplicate", () => {
    expect(decide({ live: [placed(), another()] })).toMatchObject([
      { action: "wait", thread: idAt() },
      { action: "abandon", reason: "duplicate", thread: another().thread.id },
    ]);
  });
});

describe("the sentence of a run", () => {
  const said = (part: Partial<WatchedIssue>): string => run(part).message;
  const asks = (message: string): Partial<WatchedIssue> => ({
    thread: known(threadDetail({ state: { kind: "waiting", message } })),
  });
  const waits = "The agent waits for an answer or an approval: open the thread.";
  const pending = "The commit is pushed and has no verdict yet.";

  test.each<[string, Partial<WatchedIssue>]>([
    ["The agent is at work, or was sent a turn moments ago.", {}],
    [`${waits} May I?`, asks(" May I? ")],
    [`${waits} Wait… for me.`, asks("Wait… for me")],
    [`${waits} Hurry!`, asks("Hurry!")],
    [`${waits} Wait…`, asks("Wait…")],
    [waits, asks("  ")],
    ["The executor could not be asked about the run. No answer.", { thread: unread }],
    [
      "The default branch could not be read, so nobody knows whether the agent pushed. No answer.",
      { landed: unread },
    ],
    [`${pending} 3 of 5 jobs.`, stage({ kind: "pending", message: "3 of 5 jobs" })],
    [`${pending} No answer.`, { landed, stages: [{ stage: "build", verdict: unread }] }],
    [
      "The agent is at work, or was sent a turn moments ago. Red: unit, lint.",
      stage({ kind: "red", failures: ["unit", "lint"].map((name) => ({ name, url: null, log: "" })) }),
    ],
  ])("is: %s", (message, part) => {
    expect(said(part)).toBe(message);
  });
});

test("every decision has a sentence", () => {
  const decisions = [
    ...decide({}),
    ...decide({ thread: unread, landed: unread }),
    ...decide({ card: damaged }),
    ...decide({ card: absent, live: [] }),
    ...decide(stage({ kind: "red", failures: [{ name: "unit", url: null, log: "" }] })),
  ];

  for (const { message } of decisions) expect(message).toMatch(/^[A-Z].*[.!?]$/s);
  expect(decisions.at(-1)?.message).toContain("Red: unit.");
});
