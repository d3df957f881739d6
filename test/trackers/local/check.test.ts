// What `--check` says about a local tracker.
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localTracker } from "../../../src/trackers/local/adapter.ts";
import { type LocalWorld, localWorld } from "./world.ts";
import { machineDeps } from "../../support/machine.ts";

const READY = ["---", "labels: [ready-for-agent]", "---", "# Title", ""].join("\n");

function check(world: LocalWorld) {
  return localTracker.check({ AFK_LOCAL_DIR: ".afk" }, world.deps);
}

async function troubles(world: LocalWorld) {
  const findings = await check(world);
  return findings.filter((finding) => finding.result !== "ok");
}

describe("checking the local tracker", () => {
  it("finds nothing wrong with a checkout that has a remote, and changes nothing", async () => {
    const world = localWorld({ remote: true });
    world.write("7.md", READY);
    const before = await world.everything();

    const findings = await check(world);

    expect(findings.map((finding) => finding.result)).toEqual(["ok", "ok", "ok"]);
    expect(await world.everything()).toEqual(before);
  });

  it("warns that commits land under the person's working tree when there is no remote", async () => {
    const world = localWorld();

    expect(await troubles(world)).toMatchObject([
      { on: "local/shop", result: "warning", message: expect.stringContaining("git clone --bare") },
    ]);
  });

  it("counts what cannot be read and shows the first", async () => {
    const world = localWorld({ remote: true });
    world.write("7.md", "---\nstate: done\n---\n");
    world.write("8.md", "---\npriority: x\n---\n");
    world.write("9.md", READY);

    expect(await troubles(world)).toMatchObject([
      { result: "config", message: expect.stringMatching(/^2 things .* 1 files can.*line 2/) },
    ]);
  });

  it("says whose files do not count, and how to mend it", async () => {
    const world = localWorld({ remote: true });
    world.write("7.md", READY);
    chmodSync(join(world.issues, "7.md"), 0o666);

    expect(await troubles(world)).toMatchObject([
      { result: "warning", message: expect.stringContaining(`chmod go-w ${join(world.issues, "7.md")}`) },
    ]);
  });

  it("says how to make a missing directory and a missing repository", async () => {
    const world = localWorld();
    rmSync(join(world.workspace, ".git"), { recursive: true });
    rmSync(world.issues, { recursive: true });

    const found = await troubles(world);

    expect(new Set(found.map((finding) => finding.result))).toEqual(new Set(["config"]));
    expect(found.map((finding) => finding.message).join("\n")).toMatch(/mkdir -p[^]*git init/);
  });

  it("names a repo that it cannot serve", async () => {
    const world = localWorld({ remote: true });
    const deps = machineDeps({ base: world.base, repos: ["acme/api", "local/shop"] });

    const findings = await localTracker.check({ AFK_LOCAL_DIR: ".afk" }, deps);

    expect(findings.filter((finding) => finding.result !== "ok")).toMatchObject([
      { on: "acme/api", result: "config" },
    ]);
  });
});
