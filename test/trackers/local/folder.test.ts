// The folder beside an issue: the run card, people's comments, and afk's own record.
import { linkSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { detailOf } from "../../conformance/tracker-world.ts";
import { failureOf } from "../../support/failure.ts";
import { localWorld } from "./world.ts";
import { standingClock } from "../../support/machine.ts";

const READY = ["---", "labels: [ready-for-agent]", "---", "# Title", ""].join("\n");

describe("the folder beside an issue", () => {
  const marker = "<!-- afk:run:v1 {} -->";

  it("makes an unreadable run card unknown, never absent", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    mkdirSync(join(world.issues, "7", "run-card.md"), { recursive: true });

    const { issues } = await world.tracker.readIssues([{ repo: world.repo, number: 7 }]);

    expect(issues[0]?.detail).toMatchObject({ known: false, kind: "config" });
  });

  it("lists many cards in the order in which they were made", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const ref = { repo: world.repo, number: 7 };
    for (let count = 0; count < 11; count += 1)
      await world.tracker.write({ kind: "write_card", ref, commentId: null, text: marker });

    const ids = (await detailOf(world, 7)).cards.map((card) => card.id);

    expect(ids.slice(0, 3)).toEqual(["run-card.md", "run-card-2.md", "run-card-3.md"]);
    expect(ids.slice(-2)).toEqual(["run-card-10.md", "run-card-11.md"]);
  });

  it("does not let a comment's id lead out of it", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const ref = { repo: world.repo, number: 7 };

    for (const commentId of ["../7.md", "..", "/etc/hosts.md", ".hidden.md"])
      expect((await failureOf(world.tracker.write({ kind: "remove_card", ref, commentId }))).kind).toBe(
        "contract",
      );
    expect(world.read("7.md")).toBe(READY);
  });

  it("does not bring back a card that a person deleted", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const ref = { repo: world.repo, number: 7 };
    const commentId = await world.tracker.write({ kind: "write_card", ref, commentId: null, text: marker });
    rmSync(join(world.issues, "7", "run-card.md"));

    const failure = await failureOf(
      world.tracker.write({ kind: "write_card", ref, commentId, text: "again" }),
    );

    expect(failure.kind).toBe("transport");
    expect(world.names("7")).toEqual([]);
  });

  it("keeps a card's file as it is when its text did not change", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const ref = { repo: world.repo, number: 7 };
    const commentId = await world.tracker.write({ kind: "write_card", ref, commentId: null, text: marker });
    linkSync(join(world.issues, "7", "run-card.md"), join(world.base, "same-file"));
    const before = await world.everything();

    await world.tracker.write({ kind: "write_card", ref, commentId, text: marker });

    expect(await world.everything()).toEqual(before);
  });
});

describe("afk's record", () => {
  const label = "agent-in-progress";

  it("holds one line for each write that changed something", async () => {
    const clock = standingClock(1_000_000);
    const world = localWorld({ clock });
    world.write("7.md", READY);
    const ref = { repo: world.repo, number: 7 };

    for (const kind of ["add_label", "add_label", "remove_label", "remove_label"] as const) {
      clock.move(10);
      await world.tracker.write({ kind, ref, label });
    }
    await world.tracker.write({ kind: "close", ref });

    expect(world.read("7/events.jsonl")).toBe(
      '{"kind":"labeled","label":"agent-in-progress","at":1000010}\n' +
        '{"kind":"unlabeled","label":"agent-in-progress","at":1000030}\n' +
        '{"kind":"closed","at":1000040}\n',
    );
  });

  it("survives a line that a crash cut short, and does not lose the next one", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    mkdirSync(join(world.issues, "7"));
    world.write("7/events.jsonl", '{"kind":"unlabeled","label":"ready-for-agent","at":1}\n{"kind":"unla');
    const ref = { repo: world.repo, number: 7 };
    const before = (await detailOf(world, 7)).arming?.id;

    await world.tracker.write({ kind: "remove_label", ref, label: "ready-for-agent" });
    await world.tracker.write({ kind: "add_label", ref, label: "ready-for-agent" });

    expect(before).toBe("2");
    expect((await detailOf(world, 7)).arming?.id).toBe("3");
  });

  it("makes the issue unknown when it holds something else, with the line", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    mkdirSync(join(world.issues, "7"));
    world.write("7/events.jsonl", '\n{"kind":"renamed","at":1}\n');

    const { issues } = await world.tracker.readIssues([{ repo: world.repo, number: 7 }]);

    expect(issues[0]?.detail).toMatchObject({ known: false, message: expect.stringContaining("line 2") });
  });

  it("does not take what happened in an earlier run for a person's deed in this one", async () => {
    const clock = standingClock(1_000_000);
    const world = localWorld({ clock });
    const number = await world.makeIssue({ title: "One", labels: ["ready-for-agent"] });
    const ref = { repo: world.repo, number };
    await world.tracker.write({ kind: "add_label", ref, label });
    await world.addLabel(number, "ready-for-human");
    await world.removeLabel(number, label);
    await world.removeLabel(number, "ready-for-agent");
    clock.move(60_000);
    const card = { kind: "write_card", ref, text: "<!-- afk:run:v1 {} -->" } as const;
    const commentId = await world.tracker.write({ ...card, commentId: null });
    await world.removeLabel(number, "ready-for-human");
    await world.addLabel(number, "ready-for-agent");
    clock.move(60_000);
    const secondRun = clock.now();

    await world.tracker.write({ ...card, commentId, text: "<!-- afk:run:v1 {} -->\n2" });
    clock.move(1000);
    const dispatched = await detailOf(world, number);
    await world.tracker.write({ kind: "add_label", ref, label });
    const labelled = await detailOf(world, number);
    clock.move(1000);
    await world.addLabel(number, "ready-for-human");
    const taken = await detailOf(world, number);

    const since = (events: typeof taken.events) => events.filter((event) => event.at > secondRun);
    expect(dispatched.arming?.id).toBe("2");
    expect(since(dispatched.events)).toEqual([]);
    expect(since(labelled.events).map((event) => event.kind)).toEqual(["labeled"]);
    expect(since(taken.events).at(-1)).toMatchObject({ kind: "labeled", label: "ready-for-human" });
  });

  it("sees a person's hand label also when afk itself had set it in an earlier run", async () => {
    const clock = standingClock(1_000_000);
    const world = localWorld({ clock });
    const number = await world.makeIssue({ title: "One", labels: ["ready-for-agent"] });
    const ref = { repo: world.repo, number };
    await world.tracker.write({ kind: "add_label", ref, label });
    await world.tracker.write({ kind: "add_label", ref, label: "ready-for-human" });
    await world.tracker.write({ kind: "remove_label", ref, label });
    const escalated = await detailOf(world, number);
    await world.tracker.write({ kind: "remove_label", ref, label: "ready-for-human" });
    clock.move(60_000);
    await world.tracker.write({ kind: "add_label", ref, label });

    await world.addLabel(number, "ready-for-human");

    expect(escalated.events.filter((event) => event.label === "ready-for-human")).toHaveLength(1);
    const detail = await detailOf(world, number);
    expect(detail.events.at(-1)).toEqual({ kind: "labeled", label: "ready-for-human", at: clock.now() });
  });
});
