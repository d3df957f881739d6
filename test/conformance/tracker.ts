// What every tracker must do, arranged and looked at as a person would; its writes are in a part of their own.
import { describe, expect, it } from "vitest";
import { CARD, detailOf, type TrackerWorld } from "./tracker-world.ts";
import { trackerWriteConformance } from "./tracker-writes.ts";

/** Runs the suite; `open` makes a new world for each test. */
export function trackerConformance(open: () => Promise<TrackerWorld>): void {
  trackerWriteConformance(open);

  describe("listing", () => {
    it("lists what is ready, in progress or with a person, and nothing else", async () => {
      const world = await open();
      const { readyLabel, inProgressLabel, humanLabel } = world.labels;
      const ready = await world.makeIssue({ title: "Ready", labels: ["bug", readyLabel] });
      const running = await world.makeIssue({ title: "Running", labels: [inProgressLabel] });
      const finished = await world.makeIssue({ title: "Finished", labels: [inProgressLabel] });
      const human = await world.makeIssue({ title: "Human", labels: [humanLabel] });
      const done = await world.makeIssue({ title: "Done", labels: [readyLabel, humanLabel] });
      await world.makeIssue({ title: "Other", labels: ["bug"] });
      await world.close(finished);
      await world.close(done);

      const list = await world.tracker.listIssues();

      expect(list.gaps).toEqual([]);
      expect(list.renamed).toEqual([]);
      expect(list.issues.map((issue) => [issue.number, issue.title, issue.open])).toEqual([
        [ready, "Ready", true],
        [running, "Running", true],
        [finished, "Finished", false],
        [human, "Human", true],
      ]);
      expect(list.issues.every((issue) => issue.repo === world.repo)).toBe(true);
      expect(list.issues[0]?.labels).toContain(readyLabel);
    });

    it("compares labels without regard to case", async () => {
      const world = await open();
      const number = await world.makeIssue({
        title: "Loud",
        labels: [world.labels.readyLabel.toUpperCase()],
      });

      const list = await world.tracker.listIssues();

      expect(list.issues.map((issue) => [issue.number, issue.labels])).toEqual([
        [number, [world.labels.readyLabel]],
      ]);
    });
  });

  describe("details", () => {
    it("reads an issue that nobody has worked on", async () => {
      const world = await open();
      const number = await world.makeIssue({ title: "Sort it", body: "Please sort it.", labels: ["bug"] });

      const detail = await detailOf(world, number);

      expect(detail).toMatchObject({
        repo: world.repo,
        number,
        title: "Sort it",
        open: true,
        labels: ["bug"],
        arming: null,
        blockers: [],
        openSubIssues: 0,
        cards: [],
        commentsComplete: true,
      });
      expect(detail.body).toContain("Please sort it.");
      expect(detail.author).not.toBeNull();
    });

    it("reads the repo's default branch, and how to land on it", async () => {
      const world = await open();
      const head = await world.land("Start");
      const number = await world.makeIssue({ title: "One" });

      const { repos } = await world.tracker.readIssues([{ repo: world.repo, number }]);

      expect(repos).toEqual([{ repo: world.repo, facts: { known: true, value: expect.anything() } }]);
      const facts = repos[0]?.facts;
      expect(facts?.known === true ? facts.value.head : null).toBe(head);
      expect(facts?.known === true ? facts.value.landing : "").toContain(
        facts?.known === true ? facts.value.defaultBranch : "?",
      );
    });

    it("answers each question in order, and knows that an issue is not there", async () => {
      const world = await open();
      const one = await world.makeIssue({ title: "One" });
      const two = await world.makeIssue({ title: "Two" });
      const gone = await world.makeIssue({ title: "Gone" });
      await world.deleteIssue(gone);
      const refs = [two, gone, one].map((number) => ({ repo: world.repo, number }));

      const { issues, repos } = await world.tracker.readIssues(refs);

      expect(issues.map((issue) => issue.ref.number)).toEqual([two, gone, one]);
      expect(issues.map((issue) => (issue.detail.known ? (issue.detail.value?.title ?? null) : "?"))).toEqual(
        ["Two", null, "One"],
      );
      expect(repos).toHaveLength(1);
    });

    it("does not know anything about a repo that it does not serve", async () => {
      const world = await open();

      const { issues } = await world.tracker.readIssues([{ repo: "stranger/repo", number: 1 }]);

      expect(issues).toEqual([{ ref: { repo: "stranger/repo", number: 1 }, detail: expect.anything() }]);
      expect(issues[0]?.detail.known).toBe(false);
    });

    it("answers an empty question with nothing", async () => {
      const world = await open();

      expect(await world.tracker.readIssues([])).toEqual({ issues: [], repos: [] });
      expect(await world.tracker.readLanded([])).toEqual([]);
    });

    it("names the blockers of the text with their state", async () => {
      const world = await open();
      const waiting = await world.makeIssue({ title: "Open" });
      const done = await world.makeIssue({ title: "Done" });
      await world.close(done);
      const body = [
        `Blocked by #${waiting}, #${done}`,
        "- blocked by stranger/repo#5",
        "```",
        "Blocked by #1000",
        "```",
      ];
      const number = await world.makeIssue({ title: "Last", body: body.join("\n") });

      const detail = await detailOf(world, number);

      expect(detail.blockers).toEqual([
        { name: `${world.repo}#${waiting}`, state: "open" },
        { name: `${world.repo}#${done}`, state: "closed" },
        { name: "stranger/repo#5", state: "unreadable" },
      ]);
    });
  });

  describe("landed commits", () => {
    it("are those after the base with a run's trailer, newest first, one answer per question", async () => {
      const world = await open();
      const base = await world.land("Before\n\nAFK-Run: old");
      const one = await world.land("One\n\nAFK-Run: t-1\nRefs #7");
      await world.land("A person's commit");
      const two = await world.land("Two\n\nA longer story.\n\nAFK-Run: t-2\nRefs #8");

      const answers = await world.tracker.readLanded([
        { repo: world.repo, number: 7, base },
        { repo: world.repo, number: 8, base: one },
        { repo: world.repo, number: 9, base: two },
        { repo: world.repo, number: 10, base: "0".repeat(40) },
      ]);

      const last = { sha: two, message: "Two\n\nA longer story.\n\nAFK-Run: t-2\nRefs #8" };
      expect(answers.map((answer) => (answer.known ? answer.value : "unknown"))).toEqual([
        [last, { sha: one, message: "One\n\nAFK-Run: t-1\nRefs #7" }],
        [last],
        [],
        "unknown",
      ]);
    });
  });

  it("changes nothing by reading", async () => {
    const world = await open();
    const { readyLabel, inProgressLabel } = world.labels;
    const base = await world.land("Before");
    await world.land("After\n\nAFK-Run: t-1\nRefs #1");
    const number = await world.makeIssue({ title: "One", labels: [readyLabel] });
    const ref = { repo: world.repo, number };
    await world.tracker.write({ kind: "write_card", ref, commentId: null, text: CARD });
    await world.tracker.write({ kind: "add_label", ref, label: inProgressLabel });
    await world.removeLabel(number, inProgressLabel);
    await world.comment(number, "I took it over.");
    const before = await world.everything();

    await world.tracker.listIssues();
    await world.tracker.readIssues([ref]);
    await world.tracker.readLanded([{ ...ref, base }]);

    expect(await world.everything()).toEqual(before);
  });
}
