// Status files of the recorded prototype still say what they said: the format did not drift.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJobLife } from "../../src/machine/job.ts";
import { temporaryDirectory } from "../support/machine.ts";

const RECORDED = new URL("../fixtures/process-executor/local-process/status-examples.json", import.meta.url);

test.each([
  ["ok", { kind: "exited", exit: { code: 0, stoppedBy: null } }],
  ["fail", { kind: "exited", exit: { code: 1, stoppedBy: null } }],
  ["int", { kind: "exited", exit: { code: 1, stoppedBy: "interrupted" } }],
  ["to", { kind: "exited", exit: { code: 1, stoppedBy: "timeout" } }],
  ["nf", { kind: "exited", exit: { code: null, spawnError: "ENOENT" } }],
  ["kill", { kind: "died" }],
])("the recorded status '%s' is read as it was meant", async (name, life) => {
  const examples: Record<string, object> = JSON.parse(readFileSync(RECORDED, "utf8"));
  const directory = temporaryDirectory();
  // The prototype left out what it had no value for.
  const status = { child: null, endedAt: null, exit: null, ...examples[name] };
  writeFileSync(join(directory, "status.json"), JSON.stringify(status));

  expect(await readJobLife(directory)).toMatchObject(life);
});
