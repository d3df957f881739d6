// A commit whose checks were cancelled: the first newer commit that contains it and has a verdict may speak for it.
import { describe, expect, it } from "vitest";
import { githubCi } from "../../../src/ci/github.ts";
import { checkRun } from "../../support/github/checks.ts";
import { githubWorld, REPO, SETTINGS } from "../../support/github/world.ts";

const failed = { conclusion: "FAILURE" } as const;

function cancelled() {
  const made = githubWorld();
  const ci = githubCi.create(SETTINGS, made.deps);
  const sha = made.push("Ours");
  made.setChecks(sha, [checkRun({ conclusion: "CANCELLED" }), checkRun({ name: "lint" })]);
  return { ...made, ci, sha };
}

describe("a commit whose checks were cancelled", () => {
  it("is red when nobody pushed anything newer", async () => {
    const made = cancelled();

    expect(await made.ci.readVerdict(REPO, made.sha)).toMatchObject({
      kind: "red",
      failures: [{ name: "CI / test" }],
    });
  });

  it("is green by the first newer commit with a verdict, and both are named", async () => {
    const made = cancelled();
    const next = made.push("Next");
    made.setChecks(next, [checkRun({ conclusion: "CANCELLED" })]);
    const newer = made.push("Newer");
    made.setChecks(newer, [checkRun()]);
    made.setChecks(made.push("Newest"), [checkRun(failed)]);

    const verdict = await made.ci.readVerdict(REPO, made.sha);

    expect(verdict).toMatchObject({ kind: "green", message: expect.stringContaining(made.sha) });
    expect(verdict).toMatchObject({ message: expect.stringContaining(newer) });
  });

  it("is not red by a newer commit that failed", async () => {
    const made = cancelled();
    made.setChecks(made.push("Newer"), [checkRun(failed)]);

    expect((await made.ci.readVerdict(REPO, made.sha)).kind).toBe("pending");
  });

  it("is not green by a commit that does not contain it", async () => {
    const made = cancelled();
    const start = made.repo().commits.at(-1)?.oid ?? "";
    const other = made.push("Beside", { parents: [start] });
    made.setChecks(other, [checkRun()]);

    expect((await made.ci.readVerdict(REPO, made.sha)).kind).toBe("red");
  });

  it("waits while the newer commit is at work", async () => {
    const made = cancelled();
    made.setChecks(made.push("Newer"), [checkRun({ status: "QUEUED", conclusion: null })]);

    expect((await made.ci.readVerdict(REPO, made.sha)).kind).toBe("pending");
  });
});
