// The preflight: each thing that would keep the GitHub tracker from working is told with its remedy.
import { expect, it } from "vitest";
import type { Finding } from "../../../src/adapter.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { failureOf } from "../../support/failure.ts";
import { reply } from "../../support/github/server.ts";
import type { Account } from "../../support/github/state.ts";
import {
  type GithubWorld,
  githubWorld,
  SETTINGS,
  TOKEN,
  type WorldOptions,
} from "../../support/github/world.ts";

function check(made: GithubWorld): Promise<readonly Finding[]> {
  return githubTracker.check(SETTINGS, made.deps);
}

/** What is not well. */
async function problems(made: GithubWorld): Promise<readonly Finding[]> {
  return (await check(made)).filter(({ result }) => result !== "ok");
}

const LISTED: WorldOptions = { policy: { trustedActors: ["afk-account"] } };

it("is content with a repo that has everything, and changes nothing", async () => {
  const made = githubWorld(LISTED);
  const before = structuredClone(made.state);

  const findings = await check(made);

  expect(findings.map(({ on, result }) => [on, result])).toEqual([
    ["github", "ok"],
    ["acme/shop", "ok"],
  ]);
  expect(made.state).toEqual(before);
  expect(made.server.made).toHaveLength(1);
});

it("refuses a wrong token in one sentence", async () => {
  const made = githubWorld();
  made.server.faults.push(() => reply(401, { message: "Bad credentials" }));

  const failure = await failureOf(check(made));

  expect(failure).toMatchObject({ kind: "config", message: expect.stringContaining("AFK_GITHUB_TOKEN") });
});

type Case = readonly [
  what: string,
  change: (made: GithubWorld) => unknown,
  result: string,
  words: readonly string[],
];
const CASES: readonly Case[] = [
  [
    "may only read",
    (made) => made.repo().people.delete("afk-account"),
    "config",
    ["only read", "write access"],
  ],
  [
    "may label and not push",
    (made) => made.repo().people.set("afk-account", { role: "triage" }),
    "warning",
    ["not push"],
  ],
  [
    "lacks labels",
    (made) => (made.repo().labels = ["Ready-For-Agent"]),
    "config",
    ["agent-in-progress, ready-for-human"],
  ],
  ["has no issues", (made) => (made.repo().issuesEnabled = false), "config", ["switched off"]],
  ["is archived", (made) => (made.repo().archived = true), "config", ["archived"]],
  ["is empty", (made) => (made.repo().commits = []), "config", ["no commit"]],
  [
    "has another name",
    (made) => {
      made.repo().formerNames.push("acme/shop");
      made.repo().name = "store";
    },
    "config",
    ["acme/store", "AFK_ALLOWLIST"],
  ],
  [
    "cannot be seen",
    (made) => (made.repo().error = { type: "NOT_FOUND", message: "Could not resolve to a Repository." }),
    "config",
    ["does not show acme/shop"],
  ],
];

it.each(CASES)("tells of a repo that %s", async (_what, change, result, words) => {
  const made = githubWorld(LISTED);
  change(made);

  const [problem, ...others] = await problems(made);

  expect(others).toEqual([]);
  expect(problem).toMatchObject({ on: "acme/shop", result });
  for (const word of words) expect(problem?.message).toContain(word);
});

it("warns that the token's account cannot label for itself", async () => {
  const made = githubWorld();

  expect(await problems(made)).toEqual([
    {
      on: "github",
      result: "warning",
      message:
        "Where the token's account (afk-account) is also the person who labels, the gate refuses until that login is in AFK_TRUSTED_ACTORS.",
    },
  ]);
});

it("does not warn about a bot's token, which no person labels with", async () => {
  const made = githubWorld();
  const app: Account = { login: "afk-app", type: "Bot" };
  made.state.accounts.set(TOKEN, app);
  made.repo().people.set("afk-app", { role: "write" });

  expect(await problems(made)).toEqual([]);
});

it("names repos of the allowlist that are elsewhere, without asking about them", async () => {
  const made = githubWorld({ allowlist: ["local/shop"] });

  expect(await problems(made)).toEqual([
    { on: "local/shop", result: "config", message: expect.stringContaining("not on the GitHub") },
  ]);
  expect(made.server.made).toEqual([]);
});
