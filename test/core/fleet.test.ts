// Which lanes are taken and which slot comes next.
import { describe, expect, test } from "vitest";
import type { Card } from "../../src/core/card.ts";
import {
  busyLanes,
  type CardOnIssue,
  type Fleet,
  inFlight,
  nextSlot,
  unrecordedRun,
} from "../../src/core/fleet.ts";
import type { IssueDetail } from "../../src/core/issue.ts";
import type { Thread } from "../../src/core/thread.ts";
import {
  arming,
  card,
  digest,
  idAt,
  issue,
  NOON,
  placed,
  placeOf,
  reading,
  REPO,
  thread,
} from "../support/world.ts";

function at(lane: number, slot: number, part: Partial<Thread> = {}) {
  return placed({
    place: placeOf({ lane, slot }),
    thread: thread({ id: idAt({ lane, slot }), ...part }),
    run: null,
  });
}

function held(part: Partial<CardOnIssue> = {}): CardOnIssue {
  return { card: card(), inProgress: true, abandoned: false, ...part };
}

function fleet(part: Partial<Fleet> = {}): Fleet {
  return { threads: [], cards: [], ...part };
}

function lanes(of: Fleet): readonly number[] {
  return [...busyLanes(of, REPO)];
}

const idle = { kind: "idle" } as const;

describe("a lane", () => {
  test.each<[string, Partial<Thread>, boolean]>([
    ["at work", {}, true],
    ["idle", { state: idle }, true],
    ["settled", { ending: "settled", state: idle }, false],
    ["settled, but at work again", { ending: "settled" }, true],
    ["archived", { ending: "archived" }, false],
    ["deleted", { ending: "deleted" }, false],
  ])("with a thread that is %s", (_, part, isBusy) => {
    expect(lanes(fleet({ threads: [at(2, 1, part)] }))).toEqual(isBusy ? [2] : []);
  });

  test.each<[string, Partial<CardOnIssue>, boolean]>([
    ["no outcome", {}, true],
    ["no outcome, taken over by a person", { abandoned: true }, false],
    ["an outcome", { card: card({ outcome: "freeze_escalate", stop: "confirmed" }) }, false],
    ["an unconfirmed stop", { card: card({ outcome: "freeze_escalate", stop: "unconfirmed" }) }, true],
    [
      "an unconfirmed stop, whose label a person removed",
      { card: card({ outcome: "freeze_escalate", stop: "unconfirmed" }), inProgress: false },
      false,
    ],
  ])("with a card of %s", (_, part, isBusy) => {
    expect(lanes(fleet({ cards: [held(part)] }))).toEqual(isBusy ? [0] : []);
  });

  test("of another repo is not ours", () => {
    const elsewhere = placed({ place: placeOf({ repo: "acme/tool" }) });

    expect(lanes(fleet({ threads: [elsewhere] }))).toEqual([]);
    expect(lanes(fleet({ cards: [held({ card: card({ repo: "acme/tool" }) })] }))).toEqual([]);
  });
});

test("a run counts once, by its thread, its card, or both", () => {
  const both = fleet({ threads: [at(0, 1)], cards: [held()] });
  const another = held({ card: card({ thread: idAt({ lane: 1 }), lane: 1 }) });

  expect(inFlight(both)).toBe(1);
  expect(inFlight({ ...both, cards: [held(), another] })).toBe(2);
  expect(inFlight(fleet({ threads: [at(0, 1, { ending: "archived" })] }))).toBe(0);
  expect(inFlight(fleet({ cards: [held({ card: card({ outcome: "close_success" }) })] }))).toBe(0);
});

function slotIn(of: Fleet): number {
  return nextSlot(digest, of, REPO, 0);
}

function withCard(part: Partial<Card>): Fleet {
  return fleet({ cards: [held({ card: card(part) })] });
}

describe("the next slot", () => {
  test("is the first whose id was never seen, archived and deleted ones included", () => {
    expect(slotIn(fleet())).toBe(1);
    expect(
      slotIn(fleet({ threads: [at(0, 1, { ending: "deleted" }), at(0, 2, { ending: "archived" })] })),
    ).toBe(3);
    expect(slotIn(fleet({ threads: [at(0, 2)] }))).toBe(1);
    expect(slotIn(fleet({ threads: [at(1, 1)] }))).toBe(1);
  });

  test("is above every slot on a card of the lane, though the executor forgot its thread", () => {
    expect(slotIn(withCard({ slot: 4, outcome: "close_success" }))).toBe(5);
    expect(slotIn(withCard({ slot: 4, lane: 1 }))).toBe(1);
    expect(slotIn(withCard({ slot: 4, repo: "acme/tool" }))).toBe(1);
    expect(slotIn({ ...withCard({ slot: 4 }), threads: [at(0, 5)] })).toBe(6);
  });
});

describe("a run that nobody recorded", () => {
  const over = at(0, 1, {
    ending: "archived",
    title: "acme/shop#7: Sell apples",
    createdAt: NOON,
    hasMessage: true,
  });
  const armed = (part: Partial<IssueDetail> = {}): IssueDetail =>
    issue({ arming: arming({ at: NOON }), ...part });

  test("is told by the title of a thread that is over and was made after the label", () => {
    expect(unrecordedRun([over], armed(), { kind: "absent" })).toBe(idAt());
    expect(unrecordedRun([over], armed(), reading(card({ thread: idAt({ slot: 2 }) })))).toBe(idAt());
    const deleted = { ...over, thread: { ...over.thread, ending: "deleted" as const } };
    expect(unrecordedRun([deleted], armed(), { kind: "absent" })).toBe(idAt());
  });

  test("may have been archived while its first message was on its way", () => {
    const empty = { ...over, thread: { ...over.thread, hasMessage: false, ending: "archived" as const } };

    expect(unrecordedRun([empty], armed(), { kind: "absent" })).toBe(idAt());
  });

  test("may be a minute older than the label, by another clock", () => {
    const early = { ...over, thread: { ...over.thread, createdAt: NOON - 60_000 } };

    expect(unrecordedRun([early], armed(), { kind: "absent" })).toBe(idAt());
  });

  test.each<[string, Partial<Thread>]>([
    ["is still live", { ending: "none" }],
    ["was deleted and never had a message", { hasMessage: false, ending: "deleted" }],
    ["was made for another issue", { title: "acme/shop#77: Sell apples" }],
    ["was made for an earlier label", { createdAt: NOON - 60_001 }],
  ])("is no thread that %s", (_, part) => {
    const other = { ...over, thread: { ...over.thread, ...part } };
    expect(unrecordedRun([other], armed(), { kind: "absent" })).toBeNull();
  });

  test("is not the run of the card, and not one of another repo", () => {
    expect(unrecordedRun([over], armed(), reading(card()))).toBeNull();
    const elsewhere = { ...over, place: placeOf({ repo: "acme/tool" }) };
    expect(unrecordedRun([elsewhere], armed(), { kind: "absent" })).toBeNull();
    expect(unrecordedRun([over], armed({ arming: null }), { kind: "absent" })).toBeNull();
  });
});
