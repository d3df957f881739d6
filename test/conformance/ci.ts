// What every verdict stage must do, whatever it asks: say a word about exactly one commit, and change nothing by reading.
import { expect, it } from "vitest";
import type { StageVerdict } from "../../src/core/verdict.ts";
import { AfkError } from "../../src/errors.ts";
import type { Ci } from "../../src/ports.ts";

export interface CiWorld {
  readonly ci: Ci;
  readonly repo: string;
  /** Two commits of the repo that the stage has not seen. */
  readonly commits: readonly [string, string];
  /** Brings the stage to where it says this about a commit, the way a person or a machine would. */
  arrange(commit: string, word: "green" | "red" | "pending"): Promise<void>;
  /** Breaks what the stage asks, so that it cannot know anything; null where nothing can be broken. */
  readonly breakIt: (() => void) | null;
  /** Everything that reading could change. */
  everything(): unknown;
}

const MAX_LOG_BYTES = 8 * 1024;

/** Runs the suite; `open` makes a new world for each test. */
export function ciConformance(open: () => Promise<CiWorld>): void {
  it("has no verdict on a commit that it has not seen", async () => {
    const { ci, repo, commits } = await open();

    const verdict = await ci.readVerdict(repo, commits[0]);

    expect(["none", "pending"]).toContain(verdict.kind);
  });

  it("is green for exactly the commit that is", async () => {
    const world = await open();
    await world.arrange(world.commits[0], "green");

    const verdict = await world.ci.readVerdict(world.repo, world.commits[0]);
    const other = await world.ci.readVerdict(world.repo, world.commits[1]);

    expect(verdict.kind).toBe("green");
    expect(["none", "pending"]).toContain(other.kind);
    expectWords(verdict);
    expectWords(other);
  });

  it("is red for exactly the commit that is, with what failed", async () => {
    const world = await open();
    await world.arrange(world.commits[0], "red");

    const verdict = await world.ci.readVerdict(world.repo, world.commits[0]);
    const other = await world.ci.readVerdict(world.repo, world.commits[1]);

    expect(verdict.kind).toBe("red");
    expect(["none", "pending"]).toContain(other.kind);
    expectWords(verdict);
  });

  it("is pending while something is at work", async () => {
    const world = await open();
    await world.arrange(world.commits[0], "pending");

    const verdict = await world.ci.readVerdict(world.repo, world.commits[0]);

    expect(verdict.kind).toBe("pending");
    expectWords(verdict);
  });

  it.each(["green", "red", "pending"] as const)(
    "says %s again, and changes nothing by reading",
    async (word) => {
      const world = await open();
      await world.arrange(world.commits[0], word);
      const before = world.everything();

      const verdicts = [
        await world.ci.readVerdict(world.repo, world.commits[0]),
        await world.ci.readVerdict(world.repo, world.commits[0]),
      ];

      expect(verdicts.map(({ kind }) => kind)).toEqual([word, word]);
      expect(verdicts[1]).toEqual(verdicts[0]);
      expect(world.everything()).toEqual(before);
    },
  );

  it("starts nothing where there is a verdict already", async () => {
    const world = await open();
    await world.arrange(world.commits[0], "green");
    const before = world.everything();

    await world.ci.request(world.repo, world.commits[0]);

    expect(world.everything()).toEqual(before);
    expect(await world.ci.readVerdict(world.repo, world.commits[0])).toMatchObject({ kind: "green" });
  });

  it("can start what it says can be asked for, and nothing else", async () => {
    const world = await open();
    const first = await world.ci.readVerdict(world.repo, world.commits[0]);
    const before = world.everything();

    await world.ci.request(world.repo, world.commits[0]);

    if (first.kind !== "none" || !first.canRequest) expect(world.everything()).toEqual(before);
    else expect(await world.ci.readVerdict(world.repo, world.commits[0])).not.toEqual(first);
  });

  it("knows nothing, and says so in a sentence, when it cannot ask", async () => {
    const world = await open();
    await world.arrange(world.commits[0], "green");
    if (world.breakIt === null) return;
    world.breakIt();

    const failure = await world.ci.readVerdict(world.repo, world.commits[0]).catch((error: unknown) => error);

    expect(failure).toBeInstanceOf(AfkError);
    expect(String(failure)).toMatch(/^AfkError: .+\.$/);
  });
}

/** One line for each message and name, links that can be followed, logs that fit into a prompt. */
function expectWords(verdict: StageVerdict): void {
  const messages = "message" in verdict ? [verdict.message] : [];
  const failures = verdict.kind === "red" ? verdict.failures : [];
  expect(verdict.kind !== "red" || failures.length > 0).toBe(true);
  for (const text of [...messages, ...failures.map(({ name }) => name)]) expect(text).toMatch(/^\S.*\S$/);
  for (const { url } of failures) expect(url ?? "https://none").toMatch(/^https?:\/\/\S+$/);
  for (const { log } of failures) expect(Buffer.byteLength(log)).toBeLessThanOrEqual(MAX_LOG_BYTES);
}
