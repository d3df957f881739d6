// The REST writes against an emulator that nobody here wrote: it has no GraphQL, so it is looked at by REST.
import { createEmulator } from "emulate";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod/mini";
import { Secret } from "../../../src/secret.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { createGithubClient } from "../../../src/github/client.ts";
import { githubServer } from "../../../src/github/server.ts";
import { createPeople } from "../../../src/trackers/github/people.ts";
import { failureOf } from "../../support/failure.ts";
import { githubWorld } from "../../support/github/world.ts";
import { freePort } from "../../support/free-port.ts";

const SEED = {
  tokens: { tok_afk: { login: "afk-account", scopes: ["repo"] } },
  github: {
    users: [{ login: "afk-account" }, { login: "maria" }],
    repos: [{ owner: "afk-account", name: "shop", auto_init: true }],
  },
};

const Issue = z.object({
  number: z.number(),
  state: z.string(),
  state_reason: z.nullish(z.string()),
  labels: z.array(z.object({ name: z.string() })),
});
const Comments = z.array(z.object({ id: z.number(), body: z.string() }));

async function world() {
  const emulator = await createEmulator({ service: "github", port: await freePort(), seed: SEED });
  onTestFinished(() => emulator.close());
  const origin = emulator.url.replace("localhost", "127.0.0.1");
  const repo = "127.0.0.1/afk-account/shop";
  const deps = { ...githubWorld({ allowlist: [repo] }).deps, fetch };
  const settings = { AFK_GITHUB_API_URL: origin, AFK_GITHUB_TOKEN: new Secret(() => "tok_afk") };
  const ask = async <T>(schema: z.ZodMiniType<T>, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${origin}/repos/afk-account/shop${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: "Bearer tok_afk" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return schema.parse(await response.json());
  };
  const issue = await ask(Issue, "/issues", { title: "One", labels: ["bug"] });
  const tracker = githubTracker.create(settings, deps);
  const read = () => ask(Issue, `/issues/${issue.number}`);
  const comments = () => ask(Comments, `/issues/${issue.number}/comments`);
  return { origin, deps, tracker, ref: { repo, number: issue.number }, read, comments };
}

it("labels, unlabels, closes and opens again, twice as well as once", async () => {
  const { tracker, ref, read } = await world();

  for (let time = 0; time < 2; time += 1)
    await tracker.write({ kind: "add_label", ref, label: "agent-in-progress" });
  for (let time = 0; time < 2; time += 1) await tracker.write({ kind: "remove_label", ref, label: "bug" });
  for (let time = 0; time < 2; time += 1) await tracker.write({ kind: "close", ref });
  const closed = await read();
  await tracker.write({ kind: "reopen", ref });

  expect(closed.labels.map(({ name }) => name)).toEqual(["agent-in-progress"]);
  expect([closed.state, closed.state_reason]).toEqual(["closed", "completed"]);
  expect((await read()).state).toBe("open");
});

it("writes, changes and removes a card", async () => {
  const { tracker, ref, comments } = await world();

  const commentId = await tracker.write({ kind: "write_card", ref, commentId: null, text: "first" });
  const made = await comments();
  await tracker.write({ kind: "write_card", ref, commentId, text: "second" });
  const changed = await comments();
  await tracker.write({ kind: "remove_card", ref, commentId: commentId ?? "" });

  expect(made).toEqual([{ id: Number(commentId), body: "first" }]);
  expect(changed).toEqual([{ id: Number(commentId), body: "second" }]);
  expect(await comments()).toEqual([]);
});

it("refuses an issue that is not there", async () => {
  const { tracker, ref } = await world();

  expect((await failureOf(tracker.write({ kind: "close", ref: { ...ref, number: 99 } }))).kind).toBe(
    "transport",
  );
});

it("reads what an account may do", async () => {
  const { origin, deps } = await world();
  const client = createGithubClient(githubServer(origin), new Secret(() => "tok_afk"), deps);
  const path = { repo: "127.0.0.1/afk-account/shop", owner: "afk-account", name: "shop" };
  const actor = { type: "user", self: false, permission: "unknown" } as const;
  const people = createPeople(client, deps);

  const owner = await people.withPermission(path, { ...actor, login: "afk-account" });
  const stranger = await people.withPermission(path, { ...actor, login: "maria" });

  expect([owner?.permission, stranger?.permission]).toEqual(["admin", "none"]);
});
