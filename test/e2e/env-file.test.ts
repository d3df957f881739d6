// A file of variables, read by the built command.
import { join } from "node:path";
import { expect, it } from "vitest";
import { directoryWith } from "../support/directory.ts";
import { buildLauncher } from "../support/launcher.ts";
import { spawned } from "../support/small-process.ts";

const launcher = buildLauncher();

it("is read where --env-file names it", async () => {
  const cwd = await directoryWith({ "mine.env": "AFK_KILL_SWITCH=false\nAFK_ALLOWLIST=\n" });

  const ran = await spawned(process.execPath, [launcher, "poll", "--env-file", join(cwd, "mine.env")], {
    cwd,
    env: {},
  });

  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.stdout).toContain("AFK_ALLOWLIST");
});

it("is read where it is found", async () => {
  const cwd = await directoryWith({ ".env": "AFK_MAX_IN_FLIGHT=many\n" });

  const ran = await spawned(process.execPath, [launcher, "poll"], {
    cwd,
    env: { AFK_KILL_SWITCH: "false", AFK_ALLOWLIST: "acme/shop" },
  });

  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("AFK_MAX_IN_FLIGHT");
});
