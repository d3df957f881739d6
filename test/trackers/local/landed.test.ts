// Reading what landed asks git and leaves the person's repository exactly as it is.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { contents, type LocalWorld, localWorld } from "./world.ts";
import { run } from "../../support/machine.ts";

function query(world: LocalWorld, base: string) {
  return { repo: world.repo, number: 7, base };
}

/** Somebody with a clone of their own lands a commit, so that our repository does not have it. */
function landElsewhere(world: LocalWorld, message: string): string {
  const clone = join(world.base, "clone");
  rmSync(clone, { recursive: true, force: true });
  run(world.base, "git", "clone", "-q", `${world.workspace}.git`, clone);
  run(clone, "git", "commit", "-q", "--allow-empty", "-m", message);
  run(clone, "git", "tag", "-f", "v1");
  run(clone, "git", "push", "-q", "-f", "origin", "HEAD:main", "v1");
  return run(clone, "git", "rev-parse", "HEAD");
}

describe("readLanded", () => {
  it("sees commits that somebody else pushed, and changes nothing in the repository", async () => {
    const world = localWorld({ remote: true });
    const base = run(world.workspace, "git", "rev-parse", "HEAD");
    const sha = landElsewhere(world, "Theirs\n\nAFK-Run: t-1\nRefs #7");
    run(world.workspace, "git", "config", "fetch.prune", "true");
    const temporary = ownTemporaryDirectory(world);
    const before = contents(world.workspace);

    const answers = await world.tracker.readLanded([query(world, base), query(world, sha)]);

    expect(answers).toEqual([
      { known: true, value: [{ sha, message: "Theirs\n\nAFK-Run: t-1\nRefs #7" }] },
      { known: true, value: [] },
    ]);
    expect(contents(world.workspace)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("takes a base that only the remote has", async () => {
    const world = localWorld({ remote: true });
    const base = landElsewhere(world, "Base");
    const sha = landElsewhere(world, "After\n\nAFK-Run: t-1\nRefs #7");

    const [answer] = await world.tracker.readLanded([query(world, base)]);

    expect(answer).toMatchObject({ known: true, value: [{ sha }] });
  });

  it("works in a repository whose path has marks that git would read", async () => {
    const world = localWorld({ remote: true, repo: 'local/a:b "c"' });
    const base = run(world.workspace, "git", "rev-parse", "HEAD");
    const sha = landElsewhere(world, "Theirs\n\nAFK-Run: t-1\nRefs #7");

    const [answer] = await world.tracker.readLanded([query(world, base)]);

    expect(answer).toMatchObject({ known: true, value: [{ sha }] });
  });

  it("lists both sides of a merge, newest first", async () => {
    const world = localWorld();
    const base = run(world.workspace, "git", "rev-parse", "HEAD");
    run(world.workspace, "git", "checkout", "-q", "-b", "side");
    const side = await world.land("Side\n\nAFK-Run: t-2\nRefs #8");
    run(world.workspace, "git", "checkout", "-q", "main");
    const main = await world.land("Main\n\nAFK-Run: t-1\nRefs #7");
    run(world.workspace, "git", "merge", "-q", "--no-ff", "-m", "Merge\n\nAFK-Run: t-3\nRefs #9", "side");

    const [answer] = await world.tracker.readLanded([query(world, base)]);

    const shas = answer?.known === true ? answer.value.map((commit) => commit.sha) : [];
    expect(shas[0]).toBe(run(world.workspace, "git", "rev-parse", "HEAD"));
    expect(new Set(shas.slice(1))).toEqual(new Set([side, main]));
  });

  it.each(["0".repeat(40), "main", "--all", "HEAD~1"])(
    "does not know the base %s, and says so",
    async (base) => {
      const world = localWorld();

      const [answer] = await world.tracker.readLanded([query(world, base)]);

      expect(answer).toMatchObject({ known: false, message: expect.stringContaining(base) });
    },
  );

  it("is unknown when the remote cannot be reached", async () => {
    const world = localWorld({ remote: true });
    const base = run(world.workspace, "git", "rev-parse", "HEAD");
    rmSync(`${world.workspace}.git`, { recursive: true });

    const [answer] = await world.tracker.readLanded([query(world, base)]);

    expect(answer).toMatchObject({ known: false, kind: "transport" });
  });

  it("does not fail the details of an issue when git cannot be read", async () => {
    const world = localWorld({ remote: true });
    const number = await world.makeIssue({ title: "One" });
    rmSync(`${world.workspace}.git`, { recursive: true });

    const { issues, repos } = await world.tracker.readIssues([{ repo: world.repo, number }]);

    expect(issues[0]?.detail).toMatchObject({ known: true, value: { title: "One" } });
    expect(repos[0]?.facts).toMatchObject({ known: false, kind: "transport" });
  });
});

describe("the surroundings", () => {
  it("do not lead to another repository, as a hook's variables would", async () => {
    const world = localWorld();
    const base = run(world.workspace, "git", "rev-parse", "HEAD");
    const sha = await world.land("One\n\nAFK-Run: t-1\nRefs #7");
    const other = join(world.base, "other");
    mkdirSync(other);
    run(other, "git", "init", "-q");
    Object.assign(world.deps.environment, { GIT_DIR: join(other, ".git") });

    const [answer] = await world.tracker.readLanded([query(world, base)]);

    expect(answer).toMatchObject({ known: true, value: [{ sha }] });
  });
});

/** Moves what this test makes in the system's temporary directory to a place of its own. */
function ownTemporaryDirectory(world: LocalWorld): string {
  const directory = join(world.base, "temporary");
  mkdirSync(directory);
  vi.stubEnv("TMPDIR", directory);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return directory;
}
