// What a red pipeline tells the agent: names, links and the end of one log.
import { expect, test } from "vitest";
import type { Failure } from "../../../src/core/verdict.ts";
import { REPO, SHA } from "../../support/ci.ts";
import { workflow, type PipelineRow } from "../../support/woodpecker/server.ts";
import { openWorld, type World } from "./support.ts";

async function openRed(changes: Partial<PipelineRow>): Promise<World> {
  const world = await openWorld();
  world.server.add({ commit: SHA, status: "failure", ...changes });
  return world;
}

async function failuresOf({ ci }: World): Promise<readonly Failure[]> {
  const verdict = await ci.readVerdict(REPO, SHA);
  return verdict.kind === "red" ? verdict.failures : [];
}

test("names the failed steps with their links, and reads the log of the first", async () => {
  const world = await openRed({
    workflows: [
      workflow("docs", "success", { build: "success" }),
      workflow("test", "failure", { clone: "success", unit: "failure", report: "skipped", e2e: "failure" }),
    ],
  });
  world.server.logs.set(901, ["+ npm test", "", "1 test \u001b[31mfailed\u001b[0m"]);

  expect(await failuresOf(world)).toEqual([
    {
      name: "test / unit",
      url: `${world.server.url}/repos/42/pipeline/1/12`,
      log: "+ npm test\n\n1 test failed\nThe step ended with exit code 1.",
    },
    {
      name: "test / e2e",
      url: `${world.server.url}/repos/42/pipeline/1/14`,
      log: "The step ended with exit code 1.",
    },
  ]);
});

test("a long log is cut to its end", async () => {
  const world = await openRed({ workflows: [workflow("test", "failure", { unit: "failure" })] });
  world.server.logs.set(
    900,
    Array.from({ length: 500 }, (_, line) => `line ${line} ${"€".repeat(200)}`),
  );

  const [failure] = await failuresOf(world);

  expect(Buffer.byteLength(failure?.log ?? "")).toBeLessThanOrEqual(8 * 1024);
  expect(failure?.log).toContain("line 499");
  expect(failure?.log).not.toContain("line 400");
});

test.each([404, 500])("a log that cannot be read (%i) hides no failure", async (status) => {
  const world = await openRed({ workflows: [workflow("test", "failure", { unit: "failure" })] });
  world.server.fault = (path) => (path.includes("/logs/") ? { status, body: "" } : null);

  expect(await failuresOf(world)).toMatchObject([
    { name: "test / unit", log: "The step ended with exit code 1." },
  ]);
});

test("a pipeline that cannot be read from its file says so in Woodpecker's words", async () => {
  const world = await openRed({
    status: "error",
    errors: [
      { type: "deprecation", message: "Use something newer", is_warning: true, data: null },
      {
        type: "compiler",
        message: "yaml: line 3:\nmapping values are not allowed",
        is_warning: false,
        data: null,
      },
    ],
  });

  expect(await failuresOf(world)).toEqual([
    {
      name: "pipeline #1",
      url: `${world.server.url}/repos/42/pipeline/1`,
      log: "yaml: line 3: mapping values are not allowed",
    },
  ]);
});

test("a workflow that failed before its first step is named by itself", async () => {
  const broken = { ...workflow("test", "error"), error: "no agent has the label gpu" };
  const world = await openRed({ status: "error", workflows: [broken] });

  expect(await failuresOf(world)).toMatchObject([{ name: "test", log: "no agent has the label gpu" }]);
});

test("a declined pipeline says that a person did it", async () => {
  const world = await openRed({ status: "declined" });

  expect(await failuresOf(world)).toMatchObject([
    { name: "pipeline #1", log: "A person declined the pipeline." },
  ]);
});

test("a matrix that failed everywhere does not flood the prompt", async () => {
  const world = await openRed({
    workflows: Array.from({ length: 30 }, (_, index) => workflow(`node ${index}`, "failure")),
  });

  expect(await failuresOf(world)).toHaveLength(10);
});
