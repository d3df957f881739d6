// Which commits landed after a run's base: by ancestry and not by place in a list, with bounded reading.
import { expect, it } from "vitest";
import type { LandedCommit } from "../../../src/core/issue.ts";
import type { Observation } from "../../../src/core/observation.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { githubWorld, REPO, SETTINGS, type WorldOptions } from "../../support/github/world.ts";

function world(options: WorldOptions = {}) {
  const made = githubWorld(options);
  const tracker = githubTracker.create(SETTINGS, made.deps);
  const landed = async (base: string, repo = REPO) => {
    const [answer] = await tracker.readLanded([{ repo, number: 7, base }]);
    return answer === undefined ? "none" : shown(answer);
  };
  return { ...made, tracker, landed };
}

function shown(answer: Observation<readonly LandedCommit[]>): readonly string[] | string {
  return answer.known ? answer.value.map(({ message }) => message.split("\n")[0] ?? "") : answer.kind;
}

const RUN = "\n\nAFK-Run: t-1\nRefs #7";

it("leaves out what the base was made from, also where a merge lists it among the new", async () => {
  const made = world();
  const first = made.push(`Old${RUN}`);
  const base = made.push("Base");
  // A branch from before the base, merged after it: by age its commit stands between old ones.
  const side = made.push(`Side${RUN}`, { parents: [first] });
  made.push("Merge", { parents: [base, side] });
  made.push(`New${RUN}`);

  expect(await made.landed(base)).toEqual(["New", "Side"]);
});

it("reads on until it meets the base", async () => {
  const made = world();
  const base = made.push("Base");
  made.push(`First${RUN}`);
  for (let index = 0; index < 120; index += 1) made.push(`Other ${index}`);

  expect(await made.landed(base)).toEqual(["First"]);
  expect(made.server.made).toHaveLength(3);
});

it("does not know when the base is further back than it reads", async () => {
  const made = world();
  const base = made.push("Base");
  made.push(`First${RUN}`);
  for (let index = 0; index < 300; index += 1) made.push(`Other ${index}`);

  expect(await made.landed(base)).toBe("transport");
  expect(made.server.made).toHaveLength(5);
});

it("asks a person when the base is not on the branch any more", async () => {
  const made = world();
  const base = made.push("Base");
  made.repo().commits.shift();

  expect(await made.landed(base)).toBe("config");
});

it("asks about many runs at once, each repo once", async () => {
  const repos = Array.from({ length: 30 }, (_, index) => `acme/shop-${index}`);
  const made = world({ repos });
  const queries = repos.flatMap((repo) => {
    const base = made.repo(repo).commits[0]?.oid ?? "";
    made.push(`Landed in ${repo}${RUN}`, { repo });
    return [1, 2].map((number) => ({ repo, number, base }));
  });

  const answers = await made.tracker.readLanded(queries);

  expect(answers.map(shown)).toEqual(queries.map(({ repo }) => [`Landed in ${repo}`]));
  expect(made.server.made).toHaveLength(2);
});

it("a repo that cannot be read blinds its own runs", async () => {
  const made = world({ repos: ["acme/one", "acme/two"] });
  const base = made.repo("acme/one").commits[0]?.oid ?? "";
  made.repo("acme/two").error = { type: "FORBIDDEN", message: "Resource not accessible by integration" };

  const answers = await made.tracker.readLanded(
    ["acme/one", "acme/two", "other/repo"].map((repo) => ({ repo, number: 1, base })),
  );

  expect(answers.map(shown)).toEqual([[], "config", "config"]);
});
