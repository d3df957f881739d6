// What every tracker must do when it is written to: labels, state, the arming, a person's deeds, and the run card.
import { describe, expect, it } from "vitest";
import type { IssueRef } from "../../src/core/issue.ts";
import { failureOf } from "../support/failure.ts";
import { CARD, detailOf, type TrackerWorld } from "./tracker-world.ts";

/** The part of the suite that writes; `open` makes a new world for each test. */
export function trackerWriteConformance(open: () => Promise<TrackerWorld>): void {
  describe("labels and state", () => {
    it("adds and removes one label, twice as well as once, and leaves the others", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "One", labels: ["bug", "ui"] });
      const ref = { repo: world.repo, number };

      for (const label of ["agent-in-progress", "agent-in-progress"])
        await world.tracker.write({ kind: "add_label", ref, label });
      const added = await detailOf(world, number);
      for (const label of ["bug", "bug", "never-there"])
        await world.tracker.write({ kind: "remove_label", ref, label });
      const removed = await detailOf(world, number);

      expect(new Set(added.labels)).toEqual(new Set(["bug", "ui", "agent-in-progress"]));
      expect(new Set(removed.labels)).toEqual(new Set(["ui", "agent-in-progress"]));
      expect(removed.body).toBe(added.body);
    });

    it("closes and opens again, twice as well as once", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "One", labels: ["bug"] });
      const ref = { repo: world.repo, number };
      const states: boolean[] = [];

      for (const kind of ["close", "close", "reopen", "reopen"] as const) {
        await world.tracker.write({ kind, ref });
        states.push((await detailOf(world, number)).open);
      }

      expect(states).toEqual([false, false, true, true]);
    });

    it("refuses to write to an issue that is not there, and to a repo that it does not serve", async () => {
      const world = await open();
      const gone = await world.makeIssue({ title: "Gone" });
      await world.deleteIssue(gone);
      const refs: readonly IssueRef[] = [
        { repo: world.repo, number: gone },
        { repo: "stranger/repo", number: 1 },
      ];

      for (const ref of refs)
        expect(
          (await failureOf(world.tracker.write({ kind: "add_label", ref, label: "bug" }))).message,
        ).not.toBe("");
    });
  });

  describe("arming", () => {
    it("is a new one when the ready label comes back after afk removed it", async () => {
      const world = await open();
      const { readyLabel } = world.labels;
      const number = await world.makeIssue({ title: "One", labels: [readyLabel] });
      const ref = { repo: world.repo, number };

      const first = await detailOf(world, number);
      const again = await detailOf(world, number);
      await world.tracker.write({ kind: "remove_label", ref, label: readyLabel });
      const between = await detailOf(world, number);
      await world.addLabel(number, readyLabel);
      const second = await detailOf(world, number);

      expect(first.arming?.id).toBeDefined();
      expect(again.arming?.id).toBe(first.arming?.id);
      expect(between.arming).toBeNull();
      expect(second.arming?.id).toBeDefined();
      expect(second.arming?.id).not.toBe(first.arming?.id);
      expect(first.arming?.actor).not.toBeNull();
    });

    it("stays the same while afk labels the issue and writes its card", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "One", labels: [world.labels.readyLabel] });
      const ref = { repo: world.repo, number };
      const before = await detailOf(world, number);

      await world.tracker.write({ kind: "write_card", ref, commentId: null, text: CARD });
      await world.tracker.write({ kind: "add_label", ref, label: world.labels.inProgressLabel });

      expect((await detailOf(world, number)).arming?.id).toBe(before.arming?.id);
    });

    it("is a new one also when a person removed the ready label during a run", async () => {
      const world = await open();
      const { readyLabel, inProgressLabel } = world.labels;
      const number = await world.makeIssue({ title: "One", labels: [readyLabel] });
      const ref = { repo: world.repo, number };
      const first = await detailOf(world, number);

      await world.tracker.write({ kind: "add_label", ref, label: inProgressLabel });
      await world.removeLabel(number, readyLabel);
      await world.tracker.write({ kind: "remove_label", ref, label: inProgressLabel });
      await world.addLabel(number, readyLabel);

      expect((await detailOf(world, number)).arming?.id).not.toBe(first.arming?.id);
    });
  });

  describe("what people do", () => {
    type Deed = readonly [
      what: string,
      act: (world: TrackerWorld, number: number) => Promise<void>,
      event: object,
    ];
    const deeds: readonly Deed[] = [
      [
        "remove the in-progress label",
        (world, number) => world.removeLabel(number, world.labels.inProgressLabel),
        { kind: "unlabeled", label: "agent-in-progress" },
      ],
      [
        "add the human label",
        (world, number) => world.addLabel(number, world.labels.humanLabel),
        { kind: "labeled", label: "ready-for-human" },
      ],
      ["close the issue", (world, number) => world.close(number), { kind: "closed" }],
    ];

    it.each(deeds)("shows as an event after afk's own: they %s", async (_what, act, event) => {
      const world = await open();
      const number = await world.makeIssue({ title: "One", labels: [world.labels.readyLabel] });
      const label = world.labels.inProgressLabel;
      await world.tracker.write({ kind: "add_label", ref: { repo: world.repo, number }, label });
      const before = await detailOf(world, number);

      await act(world, number);

      const after = await detailOf(world, number);
      expect(before.events.filter(({ kind }) => kind !== "labeled")).toEqual([]);
      expect(after.events.at(-1)).toMatchObject(event);
      expect(after.events.at(-1)?.at).toBeGreaterThanOrEqual(before.events.at(-1)?.at ?? 0);
    });
  });

  describe("the run card", () => {
    it("is written, found, replaced in place and removed", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "One" });
      const ref = { repo: world.repo, number };
      const text = `${CARD}\n- [x] worktree\n`;

      const id = await world.tracker.write({ kind: "write_card", ref, commentId: null, text: `${CARD}\n` });
      const made = await detailOf(world, number);
      const replaced = await world.tracker.write({ kind: "write_card", ref, commentId: id, text });
      const after = await detailOf(world, number);
      await world.tracker.write({ kind: "remove_card", ref, commentId: id ?? "" });
      await world.tracker.write({ kind: "remove_card", ref, commentId: id ?? "" });

      expect(made.cards).toMatchObject([{ id, own: true }]);
      expect(replaced).toBe(id);
      expect(after.cards).toMatchObject([{ id, own: true }]);
      expect(after.cards[0]?.text.trimEnd()).toBe(text.trimEnd());
      expect((await detailOf(world, number)).cards).toEqual([]);
    });

    it("is one of two when two ticks make it at once, the older first", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "One" });
      const ref = { repo: world.repo, number };

      const first = await world.tracker.write({ kind: "write_card", ref, commentId: null, text: CARD });
      const second = await world.tracker.write({ kind: "write_card", ref, commentId: null, text: CARD });
      await world.tracker.write({ kind: "write_card", ref, commentId: first, text: `${CARD}\nmore` });

      const { cards } = await detailOf(world, number);
      expect(first).not.toBe(second);
      expect(cards.map((card) => card.id)).toEqual([first, second]);
      expect(cards[0]?.createdAt).toBeLessThanOrEqual(cards[1]?.createdAt ?? 0);
    });

    it("is not ours when a person copies it, and not there when it is only quoted", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "One" });
      await world.comment(number, `${CARD}\ncopied`);
      await world.comment(number, `> ${CARD}`);
      await world.comment(number, `See below.\n${CARD}`);

      const { cards } = await detailOf(world, number);

      expect(cards.map((card) => [card.own, card.text.trimEnd()])).toEqual([[false, `${CARD}\ncopied`]]);
    });
  });
}
