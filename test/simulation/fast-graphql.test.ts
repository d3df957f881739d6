// The fast answerer against graphql-js on GitHub's schema: the same questions of afk must get equal answers.
import { describe, expect, it } from "vitest";
import { TOKEN } from "../support/github/world.ts";
import { executeQuery, type GraphqlBody } from "../support/github/execute.ts";
import { type Deed, perform } from "./deeds.ts";
import { executeFast } from "./fast-graphql.ts";
import { createWorld, type SimWorld } from "./world.ts";
import { runInside } from "./inside.ts";

const DEEDS: readonly Deed[] = [
  ["open", 0, "ready"],
  ["open", 0, "blocked"],
  ["open", 0, "text-blocked"],
  ["open", 0, "parent"],
  ["open", 1, "hostile"],
  ["open", 1, "hidden"],
];

/** Every query that the command asks while it works through a world, with the world as it was then. */
async function questions(): Promise<readonly { readonly body: GraphqlBody; readonly world: SimWorld }[]> {
  const asked: { body: GraphqlBody; world: SimWorld }[] = [];
  const world = createWorld({ AFK_FIX_FORWARD_MAX_ATTEMPTS: "1" });
  for (const deed of DEEDS) perform(world, deed);
  const ask = async (command: "poll" | "watch"): Promise<void> =>
    runInside(world, command, (body) =>
      asked.push({ body, world: { ...world, state: structuredClone(world.state) } }),
    );
  await ask("poll");
  for (const what of ["red", "cancelled", "closing", "green"]) {
    perform(world, ["agent", what]);
    for (let index = 0; what === "green" && index < 60; index += 1)
      perform(world, ["person", "comment", 0, 1]);
    perform(world, ["skip", 200]);
    await ask("watch");
    await ask("poll");
  }
  return asked;
}

describe("the fast answerer", () => {
  it("answers every query of afk as graphql-js does on GitHub's schema", async () => {
    const asked = await questions();

    const names = new Set(asked.map(({ body }) => /^query (\w+)/.exec(body.query)?.[1]));
    expect([...names]).toEqual(expect.arrayContaining(["Commits", "Details", "History", "List", "Output"]));
    for (const { body, world } of asked) {
      const viewer = world.state.accounts.get(TOKEN);
      if (viewer === undefined) throw new Error("The token has no account.");
      const slow = await executeQuery(world.state, viewer, body, []);
      expect(plain(executeFast(world.state, viewer, body))).toEqual(plain(slow));
    }
  });

  it("tells what cannot be resolved as graphql-js does", async () => {
    const world = createWorld();
    const viewer = world.github.people.afk;
    const body = {
      query:
        'query Lost($o0: String!) { viewer { login } r0: repository(owner: $o0, name: "none") { nameWithOwner } }',
      variables: { o0: "acme" },
    };

    const slow = await executeQuery(world.state, viewer, body, []);
    expect(plain(executeFast(world.state, viewer, body))).toEqual(plain(slow));
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
