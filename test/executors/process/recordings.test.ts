// Every recorded ending of Claude Code and Codex is judged as a stated thread state.
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import * as fc from "fast-check";
import type { AgentKind } from "../../../src/executors/process/agent-command.ts";
import { readConversation, readCost, readWords } from "../../../src/executors/process/agent-output.ts";
import { endedState } from "../../../src/executors/process/agent-state.ts";
import type { JobExit } from "../../../src/machine/job.ts";

const FIXTURES = new URL("../../fixtures/process-executor/", import.meta.url);

interface Row {
  readonly file: string;
  /** As the recorder saw it: the result lines do not say. */
  readonly code: number;
  readonly state: string;
}

const CLAUDE: readonly Row[] = [
  { file: "result-ok.json", code: 0, state: "idle" },
  { file: "result-resume.json", code: 0, state: "idle" },
  { file: "result-schema.json", code: 0, state: "idle" },
  { file: "result-cut.json", code: 0, state: "idle" },
  { file: "result-skiproot_sandbox.json", code: 0, state: "idle" },
  { file: "result-denied.json", code: 0, state: "error denied" },
  { file: "result-dontask.json", code: 0, state: "error denied" },
  { file: "result-budget.json", code: 1, state: "error budget" },
  { file: "result-maxturns.json", code: 1, state: "error other" },
  { file: "result-maxtok.json", code: 1, state: "error other" },
  { file: "result-refusal.json", code: 1, state: "error refusal" },
  { file: "result-http400.json", code: 1, state: "error other" },
  { file: "result-http401.json", code: 1, state: "error auth" },
  { file: "result-http403.json", code: 1, state: "error auth" },
  { file: "result-http429.json", code: 1, state: "error rate_limit may pass" },
  { file: "result-http500.json", code: 1, state: "error overloaded may pass" },
  { file: "result-http529.json", code: 1, state: "error overloaded may pass" },
  { file: "result-sigINT.json", code: 0, state: "error killed may pass" },
  { file: "stream-json-killed.jsonl", code: 143, state: "error killed may pass" },
];

const CODEX: readonly Row[] = [
  { file: "exec-ok.jsonl", code: 0, state: "idle" },
  { file: "exec-command-exit3.jsonl", code: 0, state: "idle" },
  // Codex calls it completed although the commit was never made; only the branch can tell.
  { file: "exec-sandbox-blocked-commit.jsonl", code: 0, state: "idle" },
  { file: "exec-http400.jsonl", code: 1, state: "error other" },
  { file: "exec-http401.jsonl", code: 1, state: "error auth" },
  { file: "exec-sigINT.jsonl", code: 1, state: "error killed may pass" },
  { file: "exec-sigTERM.jsonl", code: 143, state: "error killed may pass" },
  { file: "exec-sigKILL.jsonl", code: 137, state: "error killed may pass" },
];

test.each(CLAUDE)("claude: $file with exit code $code is $state", ({ file, code, state }) => {
  expect(judged("claude", { code }, recording(`claude/${file}`))).toBe(state);
});

test.each(CODEX)("codex: $file with exit code $code is $state", ({ file, code, state }) => {
  expect(judged("codex", { code }, recording(`codex/${file}`))).toBe(state);
});

test("every recording that was copied here is in one of the tables", () => {
  const listed = [...CLAUDE, ...CODEX].map((row) => row.file);
  const copied = ["claude/", "codex/"].flatMap((folder) => readdirSync(new URL(folder, FIXTURES)));

  expect(copied.filter((file) => file !== "stderr-only-failures.json").toSorted()).toEqual(listed.toSorted());
});

test("a claude that ends with text on stderr only never began", () => {
  const failures: Record<string, { readonly exit: number; readonly stderr: string }> = JSON.parse(
    text("claude/stderr-only-failures.json"),
  );

  for (const failure of Object.values(failures)) {
    const state = endedState({
      agent: "claude",
      exit: exitOf({ code: failure.exit }),
      stdout: "",
      stderr: failure.stderr,
    });

    expect(state).toMatchObject({ kind: "error", cause: "setup", mayPass: false });
    expect(state).toHaveProperty("message", expect.stringContaining(failure.stderr));
  }
});

test.each<{ exit: Partial<JobExit>; state: string }>([
  { exit: { code: 0 }, state: "idle" },
  { exit: { code: 3 }, state: "error other" },
  { exit: { code: 127 }, state: "error setup" },
  { exit: { code: null, signal: "SIGKILL" }, state: "error killed may pass" },
  { exit: { code: 137 }, state: "error killed may pass" },
  { exit: { code: 0, stoppedBy: "interrupted" }, state: "error killed" },
  { exit: { code: 1, stoppedBy: "timeout" }, state: "error killed" },
  { exit: { code: 130, stoppedBy: "terminated" }, state: "error killed may pass" },
  { exit: { code: null, prepareError: "git said no" }, state: "error setup may pass" },
  { exit: { code: null, spawnError: "not found" }, state: "error setup" },
])("a command line that ends with $exit is $state", ({ exit, state }) => {
  expect(judged("command", exit, "some output\n")).toBe(state);
});

test("an agent that reported success just before it was stopped did finish", () => {
  const state = judged("claude", { code: 0, stoppedBy: "interrupted" }, recording("claude/result-ok.json"));

  expect(state).toBe("idle");
});

test("a success that its own exit code denies is an error", () => {
  expect(judged("claude", { code: 1 }, recording("claude/result-ok.json"))).toBe("error other");
});

test("cost, conversation and last words are read from the recordings", () => {
  expect(readCost(recording("claude/result-ok.json"))).toBeCloseTo(0.0048);
  expect(readCost(recording("codex/exec-ok.jsonl"))).toBeNull();
  expect(readConversation(recording("codex/exec-ok.jsonl"))).toBe("01a1fb47-89a6-7513-8f57-ace465516066");
  expect(readConversation(recording("claude/stream-json-killed.jsonl"))).toBe(
    "3a66b239-be67-4fe0-a8b5-3dbe35b52ba8",
  );
  expect(readWords(recording("claude/result-ok.json"), "")).toBe("Done. <promise>COMPLETE</promise>");
  expect(readWords(recording("codex/exec-ok.jsonl"), "")).toBe("Done. <promise>COMPLETE</promise>");
  expect(readWords(recording("claude/result-budget.json"), "")).toBe("Reached maximum budget ($0.001)");
});

test("whatever an agent prints is judged, and its last words are bounded", () => {
  const agents = fc.constantFrom<AgentKind>("claude", "codex", "command");
  const codes = fc.option(fc.integer({ min: 0, max: 255 }));
  const outputs = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json({ maxDepth: 1 }).map((line) => `{"type":"result"}\n${line}`),
  );

  fc.assert(
    fc.property(agents, codes, outputs, fc.string({ maxLength: 9_000 }), (agent, code, stdout, stderr) => {
      const state = endedState({ agent, exit: exitOf({ code }), stdout, stderr });

      expect(["idle", "error"]).toContain(state.kind);
      expect(readWords(stdout, stderr).length).toBeLessThanOrEqual(4_000);
    }),
  );
});

function judged(agent: AgentKind, exit: Partial<JobExit>, stdout: string): string {
  const state = endedState({ agent, exit: exitOf(exit), stdout, stderr: "" });
  if (state.kind !== "error") return state.kind;
  return `error ${state.cause}${state.mayPass ? " may pass" : ""}`;
}

function exitOf(exit: Partial<JobExit>): JobExit {
  return { code: null, signal: null, stoppedBy: null, ...exit };
}

function text(name: string): string {
  return readFileSync(new URL(name, FIXTURES), "utf8");
}

/** The result objects were stored over several lines; the program prints each as one. */
function recording(name: string): string {
  return name.endsWith(".json") ? `${JSON.stringify(JSON.parse(text(name)))}\n` : text(name);
}
