// Details of issues: few requests, complete lists, blockers of every kind, and failures that blind only what they name.
import { describe, expect, it } from "vitest";
import type { IssueReadings } from "../../../src/core/issue.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { CARD, detailOf } from "../../conformance/tracker-world.ts";
import { aliasesIn, gatewayLimit, onceFor, queries, reply } from "../../support/github/server.ts";
import { githubWorld, REPO, SETTINGS, type WorldOptions } from "../../support/github/world.ts";

function world(options: WorldOptions = {}) {
  const made = githubWorld(options);
  const tracker = githubTracker.create(SETTINGS, made.deps);
  return { ...made, tracker, read: (number: number) => detailOf({ tracker, repo: REPO }, number) };
}

function refs(numbers: readonly number[], repo = REPO) {
  return numbers.map((number) => ({ repo, number }));
}

function titles({ issues }: IssueReadings): readonly (string | null)[] {
  return issues.map(({ detail }) => (detail.known ? (detail.value?.title ?? "gone") : `? ${detail.kind}`));
}

it.each([
  [20, 1],
  [21, 2],
  [60, 3],
])("the details of %i issues are %i requests", async (count, requests) => {
  const made = world();
  const numbers = Array.from({ length: count }, (_, index) => made.open({ title: `Issue ${index + 1}` }));

  const readings = await made.tracker.readIssues(refs(numbers));

  expect(titles(readings)).toEqual(numbers.map((number) => `Issue ${number}`));
  expect(made.server.made).toHaveLength(requests);
});

it("asks in halves what is too much at once, down to a single repo", async () => {
  const repos = Array.from({ length: 6 }, (_, index) => `acme/shop-${index}`);
  const made = world({ repos });
  for (const repo of repos) made.open({ title: repo }, repo);
  made.server.faults.push(gatewayLimit(1, 502));

  const readings = await made.tracker.readIssues(repos.map((repo) => ({ repo, number: 1 })));

  expect(titles(readings)).toEqual(repos);
  expect(made.server.made.map(aliasesIn).filter((count) => count === 1)).toHaveLength(6);
});

describe("what is wrong with one issue", () => {
  it("leaves the others known", async () => {
    const made = world();
    const numbers = [1, 2, 3].map((index) => made.open({ title: `Issue ${index}` }));
    made.issue(2).error = { message: "Something went wrong with this issue." };

    const readings = await made.tracker.readIssues(refs([...numbers, 99]));

    expect(titles(readings)).toEqual(["Issue 1", "? transport", "Issue 3", "gone"]);
    expect(readings.repos[0]?.facts.known).toBe(true);
  });

  it("is no absence: an issue counts as gone only when GitHub says that it is not there", async () => {
    const made = world();
    const number = made.open({ title: "One" });
    made.server.faults.push(
      onceFor(queries, () =>
        reply(200, {
          data: {
            viewer: { login: "afk-account" },
            r0: { hasIssuesEnabled: true, defaultBranchRef: null, i0: null },
          },
        }),
      ),
    );

    expect(titles(await made.tracker.readIssues(refs([number])))).toEqual(["? contract"]);
  });

  it("is that the repo has its issues switched off: it did not go away", async () => {
    const made = world();
    const number = made.open({ title: "One" });
    made.repo().issuesEnabled = false;

    expect(titles(await made.tracker.readIssues(refs([number])))).toEqual(["? config"]);
  });
});

it("a repo that cannot be seen blinds its own issues and facts", async () => {
  const made = world({ repos: ["acme/one", "acme/two"] });
  made.open({ title: "One" }, "acme/one");
  made.open({ title: "Two" }, "acme/two");
  made.repo("acme/two").error = { type: "NOT_FOUND", message: "Could not resolve to a Repository." };

  const readings = await made.tracker.readIssues([...refs([1], "acme/one"), ...refs([1], "acme/two")]);

  expect(titles(readings)).toEqual(["One", "? config"]);
  expect(readings.repos.map(({ facts }) => facts.known)).toEqual([true, false]);
});

it("tells where to land: the default branch by its name", async () => {
  const made = world();
  made.repo().defaultBranch = "trunk";
  const head = made.push("Second");
  const number = made.open({ title: "One" });

  const { repos } = await made.tracker.readIssues(refs([number]));

  expect(repos).toEqual([
    {
      repo: REPO,
      facts: {
        known: true,
        value: { repo: REPO, defaultBranch: "trunk", head, landing: "git push origin HEAD:refs/heads/trunk" },
      },
    },
  ]);
});

it("an empty repo has no facts, with a sentence, and its issues are known", async () => {
  const made = world();
  made.repo().commits = [];
  const number = made.open({ title: "One" });

  const readings = await made.tracker.readIssues(refs([number]));

  expect(titles(readings)).toEqual(["One"]);
  expect(readings.repos[0]?.facts).toMatchObject({
    known: false,
    message: expect.stringContaining("no commit"),
  });
});

describe("comments", () => {
  it("are read to the last page, so that a card is found wherever it stands", async () => {
    const made = world();
    const number = made.open({ title: "One" });
    for (let index = 0; index < 120; index += 1) made.comment(number, `Chatter ${index}`);
    const card = made.comment(number, CARD, made.people.afk);

    const detail = await made.read(number);

    expect(detail.cards).toEqual([
      { id: String(card.id), own: true, createdAt: Date.parse(card.createdAt), text: CARD },
    ]);
    expect(detail.commentsComplete).toBe(true);
    expect(made.server.made).toHaveLength(3);
  });

  it("are not complete when there are more than afk reads", async () => {
    const made = world();
    const number = made.open({ title: "One" });
    for (let index = 0; index < 2050; index += 1) made.comment(number, "Chatter");

    expect((await made.read(number)).commentsComplete).toBe(false);
  });
});

it("holds an issue with more events than afk reads as unknown", async () => {
  const made = world();
  const number = made.open({ title: "One" });
  for (let index = 0; index < 550; index += 1) {
    made.label(number, "noise");
    made.unlabel(number, "noise");
  }

  expect(titles(await made.tracker.readIssues(refs([number])))).toEqual(["? config"]);
});

it("names the commit that closed an issue, and the one that a pull request was merged as", async () => {
  const made = world();
  const byCommit = made.open({ title: "One" });
  const sha = made.push(`Sort it\n\nFixes #${byCommit}`);
  const byMerge = made.open({ title: "Two" });
  const merged = made.issue(byMerge);
  merged.timeline.push({
    kind: "ClosedEvent",
    id: "CE_1",
    createdAt: "2026-11-20T09:00:00Z",
    actor: null,
    commit: null,
    mergeCommit: "beef",
  });

  expect((await made.read(byCommit)).events).toMatchObject([{ kind: "closed", commit: sha }]);
  expect((await made.read(byMerge)).events).toMatchObject([{ kind: "closed", commit: "beef" }]);
});

describe("blockers", () => {
  it("are GitHub's own first, of any repo, then those of the text, each once", async () => {
    const made = world({ repos: [REPO, "acme/other"], allowlist: [REPO] });
    const open = made.open({ title: "Open" });
    const foreign = made.open({ title: "Foreign" }, "acme/other");
    const done = made.open({ title: "Done" });
    made.close(done);
    const number = made.open({ title: "Last", body: `Blocked by #${open}, #${done}` });
    made.issue(number).blockedBy.push({ repo: REPO, number: open }, { repo: "acme/other", number: foreign });

    const detail = await made.read(number);

    expect(detail.blockers).toEqual([
      { name: `acme/shop#${open}`, state: "open" },
      { name: `acme/other#${foreign}`, state: "open" },
      { name: `acme/shop#${done}`, state: "closed" },
    ]);
  });

  it("that GitHub counts and does not show cannot be read", async () => {
    const made = world();
    const number = made.open({ title: "One" });
    made.issue(number).hiddenBlockers = 2;

    expect((await made.read(number)).blockers).toEqual([
      { name: expect.stringContaining("2 that GitHub counts for acme/shop#1"), state: "unreadable" },
    ]);
  });

  it.each([
    ["pull: OPEN", "open"],
    ["pull: CLOSED", "closed"],
    ["pull: MERGED", "closed"],
  ])("may be pull requests (%s is %s)", async (title, state) => {
    const made = world();
    const pull = made.open({ title });
    const number = made.open({ title: "One", body: `Blocked by #${pull}` });

    expect((await made.read(number)).blockers).toEqual([{ name: `acme/shop#${pull}`, state }]);
  });

  it("outside the allowlist, or with a number that cannot be, are named without a request", async () => {
    const made = world({ repos: [REPO, "acme/other"], allowlist: [REPO] });
    const number = made.open({
      title: "One",
      body: "Blocked by acme/other#1, #99999999999 and git.example.com/acme/shop#2",
    });

    const detail = await made.read(number);

    expect(detail.blockers.map(({ state }) => state)).toEqual(["unreadable", "unreadable", "unreadable"]);
    expect(made.server.made).toHaveLength(1);
    expect(JSON.stringify(made.server.made)).not.toContain("other");
  });

  it("of many issues are looked up together", async () => {
    const made = world();
    const waiting = [1, 2, 3].map((index) => made.open({ title: `Waiting ${index}` }));
    const numbers = waiting.map((other) => made.open({ title: "Waits", body: `Blocked by #${other}` }));

    await made.tracker.readIssues(refs(numbers));

    expect(made.server.made).toHaveLength(2);
  });

  it("of the text still count where a server is too old to know dependencies and sub-issues", async () => {
    const made = world();
    made.server.lacks.push("blockedBy", "issueDependenciesSummary", "subIssues");
    const open = made.open({ title: "Open" });
    const number = made.open({ title: "One", body: `Blocked by #${open}` });

    const detail = await made.read(number);
    const before = made.server.made.length;
    await made.read(number);

    expect(detail.blockers).toEqual([{ name: `acme/shop#${open}`, state: "open" }]);
    expect(detail.openSubIssues).toBe(0);
    expect(made.server.made.length - before).toBe(2);
  });
});

it("counts the sub-issues that are open", async () => {
  const made = world();
  const subs = [1, 2, 3].map((index) => made.open({ title: `Part ${index}` }));
  made.close(subs[1] ?? 0);
  const number = made.open({ title: "Whole" });
  made.issue(number).subIssues.push(...subs);

  expect((await made.read(number)).openSubIssues).toBe(2);
});
