// Promise S7: whatever other people write in comments changes no byte of what afk decides and says.
import { expect, it } from "vitest";
import { checkRun } from "../support/github/checks.ts";
import { CORPUS } from "./corpus.ts";
import { hostileWorld, type HostileWorld, READY } from "./world.ts";

/** Fewer than a page, so that the number of requests stays the same. */
const AT_ONCE = 40;

/** One issue each that is ready, at work, red, and with a person. */
async function variedWorld(): Promise<HostileWorld> {
  const world = hostileWorld(4);
  const { github, t3 } = world;
  for (const name of world.names.slice(1)) github.open({ title: "Add sum", labels: [READY] }, name);
  await world.run("poll");
  const [, red, given] = t3.store.agents.turns.map(({ threadId }) => threadId);
  const sha = github.push(`Work\n\nAFK-Run: ${red}\nRefs #1\n`, { repo: repoOf(world, red) });
  github.setChecks(sha, [checkRun({ conclusion: "FAILURE" })], repoOf(world, red));
  for (const threadId of [red, given]) t3.store.agents.finish(threadId ?? "", "Done.");
  github.state.now += 400_000;
  await world.run("watch");
  github.open({ title: "Ready", labels: [READY] }, world.names[0]);
  github.open({ title: "Ready too", labels: [READY] }, world.names[1]);
  return world;
}

function repoOf({ t3 }: HostileWorld, threadId: string | undefined): string {
  const text = t3.store.row(threadId ?? "").messages[0]?.text ?? "";
  return /^afk-run \S+ 127\.0\.0\.1\/(\S+)#/.exec(text)?.[1] ?? "";
}

async function reports(world: HostileWorld): Promise<string> {
  const { now } = world.github.state;
  const texts: string[] = [];
  for (const command of ["poll", "watch"]) {
    world.github.state.now = now;
    const { stdout, stderr, code } = await world.run(command, "--dry-run", "--json");
    texts.push(`${code} ${stdout} ${stderr}`);
  }
  world.github.state.now = now;
  return texts.join("\n");
}

it("a comment by somebody else changes no byte of a report, whatever it says", async () => {
  const world = await variedWorld();
  const before = await reports(world);
  expect(before).toMatch(/"action":"dispatch"[^]*"action":"hold"[^]*"action":"wait"/);
  const issues = world.github.state.repos.flatMap((repo) => [...repo.issues.values()]);

  for (let from = 0; from < CORPUS.length; from += AT_ONCE) {
    const own = issues.map(({ comments }) => [...comments]);
    const texts = CORPUS.slice(from, from + AT_ONCE);
    for (const issue of issues)
      texts.forEach(({ text }, index) =>
        issue.comments[index % 2 === 0 ? "push" : "unshift"]({
          id: 1000 + index,
          author: index % 3 === 0 ? null : world.github.people.outsider,
          createdAt: "2026-11-20T08:00:00Z",
          versions: [],
          body:
            index % 4 === 0
              ? `${issue.comments[0]?.body ?? ""}\n${text}`.replace("hmac-sha256:", "hmac-sha256:0")
              : text,
        }),
      );

    const after = await reports(world);
    issues.forEach((issue, index) => issue.comments.splice(0, Infinity, ...(own[index] ?? [])));

    expect(after, `comments from ${from} on`).toBe(before);
  }
});
