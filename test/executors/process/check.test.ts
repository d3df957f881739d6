// The preflight of the process executor says what would keep runs from starting, and changes nothing.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../../src/adapter.ts";
import { processExecutor } from "../../../src/executors/process/adapter.ts";
import { machineDeps, temporaryDirectory, testEnvironment } from "../../support/machine.ts";
import { REPO, openProcessWorld, type ProcessWorld } from "./support.ts";

test("a machine on which runs can start has nothing to complain about", async () => {
  const world = openProcessWorld();

  const findings = await check(world, "sh -c 'echo hello'");

  expect(findings.map((finding) => finding.result)).toEqual(["ok", "ok", "ok"]);
  expect(existsSync(join(world.checkout, ".afk"))).toBe(false);
});

test("a program that is not on PATH is named", async () => {
  const findings = await check(openProcessWorld(), "no-such-agent --now");

  expect(problems(findings)).toEqual([expect.stringContaining("'no-such-agent' was not found")]);
});

test("a cluster is refused, because agents would die with the pod", async () => {
  const world = openProcessWorld({ environment: { KUBERNETES_SERVICE_HOST: "10.0.0.1" } });

  expect(problems(await check(world, "true"))).toEqual([expect.stringContaining("cluster")]);
});

test("a directory that is no repository is named with what to do", async () => {
  const base = temporaryDirectory();
  mkdirSync(join(base, "acme__shop"));
  const deps = machineDeps({
    base,
    repos: [REPO],
    environment: testEnvironment({ GIT_CEILING_DIRECTORIES: base }),
  });

  const findings = await processExecutor.check({ AFK_AGENT_COMMAND: "true" }, deps);

  expect(problems(findings)).toEqual([expect.stringContaining("git init")]);
});

test("without an agent command the error names what is legal", () => {
  const parse = processExecutor.variables["AFK_AGENT_COMMAND"]?.parse;

  for (const raw of [undefined, "", "  "])
    expect(parse?.safeParse(raw).error?.issues[0]?.message).toMatch(/'claude', 'codex' or a command line/);
});

function check(world: ProcessWorld, command: string): Promise<readonly Finding[]> {
  return processExecutor.check({ AFK_AGENT_COMMAND: command }, world.deps);
}

function problems(findings: readonly Finding[]): readonly string[] {
  return findings.filter((finding) => finding.result === "config").map((finding) => finding.message);
}
