// Which repos the local tracker serves, and whom it believes.
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPlaces } from "../../../src/trackers/local/place.ts";
import { detailOf } from "../../conformance/tracker-world.ts";
import { type LocalWorld, localWorld } from "./world.ts";

const READY = ["---", "labels: [ready-for-agent]", "---", "# Title", ""].join("\n");

/** A checkout under its own name, and checkouts under AFK_WORKSPACE_BASE. */
function mixed(repo: string): string {
  return repo === "local/shop" ? "/work/Shop" : "/work/local__tools";
}

function plain(repo: string): string {
  return `/work/${repo.slice("local/".length)}`;
}

describe("which repos are served", () => {
  it("is decided by the name of the checkout", () => {
    const places = findPlaces(["local/shop", "local/tools", "local/typo", "acme/api"], mixed, ".afk");

    expect(places.served.map((place) => [place.repo, place.issues])).toEqual([
      ["local/shop", "/work/Shop/.afk/issues"],
      ["local/tools", "/work/local__tools/.afk/issues"],
    ]);
    expect(places.gaps.map((gap) => [gap.on, gap.kind])).toEqual([
      ["local/typo", "config"],
      ["acme/api", "config"],
    ]);
  });

  it("is one repo at most when the directory is absolute", () => {
    const one = findPlaces(["local/shop"], plain, "/data/afk");
    const two = findPlaces(["local/shop", "local/tools"], plain, "/data/afk");

    expect(one.served[0]?.issues).toBe("/data/afk/issues");
    expect(two.served).toEqual([]);
    expect(two.gaps).toHaveLength(2);
  });
});

describe("the owner of an issue file", () => {
  it("is trusted when nobody else can write there", async () => {
    const world = localWorld();
    world.write("7.md", READY);

    const detail = await detailOf(world, 7);

    expect(detail.arming?.actor).toMatchObject({ type: "user", self: false, permission: "admin" });
    expect(detail.author).toEqual(detail.arming?.actor);
    expect(detail.edits).toEqual({ kind: "no_history" });
  });

  it.each([
    ["the file", (world: LocalWorld) => join(world.issues, "7.md"), 0o664],
    ["the directory", (world: LocalWorld) => world.issues, 0o777],
  ])("is not trusted when others can write to %s", async (_what, pathOf, mode) => {
    const world = localWorld();
    world.write("7.md", READY);
    chmodSync(pathOf(world), mode);

    const detail = await detailOf(world, 7);

    expect(detail.arming?.actor).toMatchObject({
      permission: "none",
      note: expect.stringContaining(`chmod go-w ${pathOf(world)}`),
    });
  });

  it("armed the issue when the file last changed", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    utimesSync(join(world.issues, "7.md"), 1_700_000_000, 1_700_000_000);

    expect((await detailOf(world, 7)).arming).toMatchObject({ id: "1", at: 1_700_000_000_000 });
  });
});
