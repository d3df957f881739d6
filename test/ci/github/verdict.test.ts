// What GitHub's checks mean for one commit: the newest of each counts, doubt is never green, and failures say why.
import { describe, expect, it } from "vitest";
import type { StageVerdict } from "../../../src/core/verdict.ts";
import { githubCi } from "../../../src/ci/github.ts";
import { failureOf } from "../../support/failure.ts";
import { checkRun, status, suite } from "../../support/github/checks.ts";
import { onceFor, reply } from "../../support/github/server.ts";
import type { Check, Commit } from "../../support/github/state.ts";
import {
  type GithubWorld,
  githubWorld,
  REPO,
  SETTINGS,
  type WorldOptions,
} from "../../support/github/world.ts";

function world(options: WorldOptions = {}) {
  const made = githubWorld(options);
  return { ...made, ci: githubCi.create(SETTINGS, made.deps) };
}

function newest(made: GithubWorld): Commit {
  const [commit] = made.repo().commits;
  return commit ?? expect.fail("There is no commit.");
}

async function verdictOn(checks: readonly Check[]): Promise<StageVerdict> {
  const made = world();
  const sha = made.push("Work");
  made.setChecks(sha, checks);
  return made.ci.readVerdict(REPO, sha);
}

const EARLY = "2026-11-20T09:00:00Z";
const LATE = "2026-11-20T10:00:00Z";
const failed = { conclusion: "FAILURE" } as const;

const CASES: readonly (readonly [what: string, checks: readonly Check[], kind: StageVerdict["kind"]])[] = [
  ["nothing at all", [], "none"],
  ["one success", [checkRun()], "green"],
  ["only statuses, as other CI systems post them", [status()], "green"],
  [
    "a success beside skipped and neutral ones",
    [
      checkRun(),
      checkRun({ name: "lint", conclusion: "SKIPPED" }),
      checkRun({ name: "docs", conclusion: "NEUTRAL" }),
    ],
    "green",
  ],
  ["only skipped ones, which prove nothing", [checkRun({ conclusion: "SKIPPED" })], "none"],
  ["a failure among successes", [checkRun(), checkRun({ name: "lint", ...failed })], "red"],
  [
    "a failure while others are at work",
    [checkRun({ status: "QUEUED", conclusion: null }), status({ state: "ERROR" })],
    "red",
  ],
  [
    "one that is at work",
    [checkRun(), checkRun({ name: "lint", status: "IN_PROGRESS", conclusion: null })],
    "pending",
  ],
  [
    "one that waits for a person",
    [checkRun(), checkRun({ name: "deploy", conclusion: "ACTION_REQUIRED" })],
    "held",
  ],
  ["one that went stale", [checkRun({ conclusion: "STALE" })], "pending"],
  ["a status that is only expected", [status(), status({ context: "b", state: "EXPECTED" })], "pending"],
  [
    "a failure that a later attempt mended",
    [checkRun({ startedAt: EARLY, ...failed }), checkRun({ startedAt: LATE })],
    "green",
  ],
  [
    "a success that a later attempt undid",
    [checkRun({ startedAt: LATE, ...failed }), checkRun({ startedAt: EARLY })],
    "red",
  ],
  [
    "an attempt that has not begun",
    [checkRun(), checkRun({ startedAt: null, status: "QUEUED", conclusion: null })],
    "pending",
  ],
  [
    "the same name in two workflows",
    [checkRun(), checkRun({ workflow: "Nightly", ...failed, startedAt: EARLY })],
    "red",
  ],
  [
    "the same name for two events",
    [checkRun(), checkRun({ event: "schedule", ...failed, startedAt: EARLY })],
    "red",
  ],
  [
    "a workflow file that is broken",
    [checkRun(), suite({ status: "COMPLETED", conclusion: "STARTUP_FAILURE" })],
    "red",
  ],
  [
    "a workflow that waits for approval",
    [suite({ status: "COMPLETED", conclusion: "ACTION_REQUIRED" })],
    "held",
  ],
  ["a workflow whose jobs are not there yet", [checkRun(), suite()], "pending"],
  ["an app that never reports", [checkRun(), suite({ workflow: null })], "green"],
];

it.each(CASES)("%s", async (_what, checks, kind) => {
  expect((await verdictOn(checks)).kind).toBe(kind);
});

it("green names what passed, with a link", async () => {
  const verdict = await verdictOn([checkRun(), checkRun({ name: "lint", conclusion: "SKIPPED" }), status()]);

  expect(verdict).toEqual({
    kind: "green",
    message: "2 of GitHub's checks passed: CI / test, ci/woodpecker/push/test",
    url: "https://github.com/acme/shop/actions/runs/1/job/2",
  });
});

it("red names what failed, with links and what the checks say", async () => {
  const output = {
    title: "2 failed",
    summary: "sort.test.ts",
    notes: ["Expected 1, got 2", "Process completed with exit code 1."],
  };

  const verdict = await verdictOn([
    checkRun({ ...failed, output }),
    status({ state: "FAILURE", description: "The pipeline failed", url: "javascript:alert(1)" }),
    checkRun({ name: "lint" }),
  ]);

  expect(verdict).toEqual({
    kind: "red",
    failures: [
      {
        name: "CI / test",
        url: "https://github.com/acme/shop/actions/runs/1/job/2",
        log: "2 failed\nsort.test.ts\nsrc/sort.ts:7: Expected 1, got 2\nsrc/sort.ts:7: Process completed with exit code 1.",
      },
      { name: "ci/woodpecker/push/test", url: null, log: "The pipeline failed" },
    ],
  });
});

it("red stays red when its output cannot be read", async () => {
  const made = world();
  const sha = made.push("Work");
  made.setChecks(sha, [checkRun(failed)]);
  made.server.faults.push((request) =>
    JSON.stringify(request.body).includes("Output") ? reply(502, {}) : null,
  );

  expect(await made.ci.readVerdict(REPO, sha)).toMatchObject({
    kind: "red",
    failures: [{ name: "CI / test", log: "" }],
  });
  expect(made.warnings).toHaveLength(1);
});

describe("what cannot be seen is never green", () => {
  it("when GitHub refuses to show the checks", async () => {
    const made = world();
    const sha = made.push("Work");
    made.setChecks(sha, [checkRun()]);
    newest(made).checksError = {
      type: "FORBIDDEN",
      message: "Resource not accessible by integration",
    };

    const failure = await failureOf(made.ci.readVerdict(REPO, sha));

    expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining("not accessible") });
  });

  it("when GitHub calls the commit failed and shows only successes", async () => {
    const made = world();
    const sha = made.push("Work");
    made.setChecks(sha, [status()]);
    newest(made).hiddenState = "FAILURE";

    expect((await failureOf(made.ci.readVerdict(REPO, sha))).message).toContain("shows no failed check");
  });

  it("when GitHub calls the commit pending and shows only successes", async () => {
    const made = world();
    const sha = made.push("Work");
    made.setChecks(sha, [status()]);
    newest(made).hiddenState = "PENDING";

    expect((await made.ci.readVerdict(REPO, sha)).kind).toBe("pending");
  });

  it("when the failure is on the second page", async () => {
    const checks = Array.from({ length: 150 }, (_, index) => checkRun({ name: `test ${index}` }));

    expect((await verdictOn([...checks, checkRun({ name: "last", ...failed })])).kind).toBe("red");
  });

  it("when GitHub does not have the commit", async () => {
    const made = world();

    expect((await failureOf(made.ci.readVerdict(REPO, "0".repeat(40)))).kind).toBe("transport");
  });

  it("when the repo is not in the allowlist, and nobody is asked", async () => {
    const made = world({ repos: [REPO, "acme/other"], allowlist: [REPO] });

    expect((await failureOf(made.ci.readVerdict("acme/other", "0".repeat(40)))).kind).toBe("config");
    expect(made.server.made).toEqual([]);
  });
});

it("asks about the commits of one moment together", async () => {
  const repos = Array.from({ length: 8 }, (_, index) => `acme/shop-${index}`);
  const made = world({ repos });
  const shas = repos.map((repo) => {
    const sha = made.push("Work", { repo });
    made.setChecks(sha, [checkRun()], repo);
    return sha;
  });

  const verdicts = await Promise.all(
    repos.map((repo, index) => made.ci.readVerdict(repo, shas[index] ?? "")),
  );

  expect(verdicts.map(({ kind }) => kind)).toEqual(repos.map(() => "green"));
  expect(made.server.made).toHaveLength(1);
});

it("reads each time afresh", async () => {
  const made = world();
  const sha = made.push("Work");
  made.setChecks(sha, [checkRun({ status: "QUEUED", conclusion: null })]);
  const before = await made.ci.readVerdict(REPO, sha);
  made.setChecks(sha, [checkRun()]);

  expect([before.kind, (await made.ci.readVerdict(REPO, sha)).kind]).toEqual(["pending", "green"]);
});

it("a limit is a transport failure with its end", async () => {
  const made = world();
  const sha = made.push("Work");
  made.server.faults.push(
    onceFor(
      () => true,
      () => reply(429, {}, { "retry-after": "120" }),
    ),
  );

  expect(await failureOf(made.ci.readVerdict(REPO, sha))).toMatchObject({
    kind: "transport",
    message: expect.stringContaining("120 s"),
  });
});

describe("the preflight", () => {
  it("tells of repos with checks, without, and without the right to see them", async () => {
    const made = world({ repos: ["acme/one", "acme/two", "acme/three"] });
    made.setChecks(made.repo("acme/one").commits[0]?.oid ?? "", [checkRun()], "acme/one");
    const third = made.repo("acme/three").commits[0];
    made.setChecks(third?.oid ?? "", [checkRun()], "acme/three");
    if (third !== undefined)
      third.checksError = { type: "FORBIDDEN", message: "Resource not accessible by integration" };

    const findings = await githubCi.check(SETTINGS, made.deps);

    expect(findings.map(({ on, result }) => [on, result])).toEqual([
      ["acme/one", "ok"],
      ["acme/two", "warning"],
      ["acme/three", "config"],
    ]);
    expect(made.server.made).toHaveLength(1);
  });
});
