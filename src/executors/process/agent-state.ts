// Judges how a turn ended, from the exit of its process and the agent's own closing word.
import { oneLine } from "../../core/text.ts";
import type { ErrorCause, ThreadState } from "../../core/thread.ts";
import type { JobExit } from "../../machine/job.ts";
import type { AgentKind } from "./agent-command.ts";
import { hasBegun, readClosing, type ClaudeResult } from "./agent-output.ts";

/** What a finished turn left behind; the outputs are their last parts. */
export interface TurnEvidence {
  readonly agent: AgentKind;
  readonly exit: JobExit;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell and a wrapper report a child that a signal ended as 128 + its number: HUP, INT, KILL, TERM. */
const SIGNAL_CODES: readonly (number | null)[] = [129, 130, 137, 143];
const MESSAGE_LENGTH = 400;

/** The state of a thread whose last turn has an exit record. */
export function endedState(evidence: TurnEvidence): ThreadState {
  const { exit } = evidence;
  if (exit.prepareError !== undefined)
    return failed("setup", true, `The agent's worktree could not be made: ${exit.prepareError}.`);
  if (exit.spawnError !== undefined)
    return failed(
      "setup",
      false,
      `The agent could not start: ${exit.spawnError}. Install it, or correct AFK_AGENT_COMMAND.`,
    );
  const judged = judge(evidence);
  if (exit.stoppedBy === null) return judged;
  // An agent that says it finished just before the stop did finish; a bare exit code says nothing after a signal.
  if (judged.kind === "idle" && readClosing(evidence.stdout) !== null) return judged;
  return stopped(exit.stoppedBy);
}

function stopped(by: NonNullable<JobExit["stoppedBy"]>): ThreadState {
  switch (by) {
    case "interrupted":
      return failed("killed", false, "afk stopped the agent.");
    case "timeout":
      return failed("killed", false, "The agent was stopped because the turn took too long.");
    case "terminated":
      return failed("killed", true, "The agent was ended from outside, for example by a shutdown.");
  }
}

function judge(evidence: TurnEvidence): ThreadState {
  const closing = readClosing(evidence.stdout);
  if (closing === null) return judgeExit(evidence);
  if (closing.from === "codex")
    return closing.failure === null ? { kind: "idle" } : codexFailure(closing.failure);
  const state = judgeClaude(closing.result);
  if (state.kind === "idle" && evidence.exit.code !== 0)
    return failed("other", false, `The agent reported success, but exited with ${exitWords(evidence.exit)}.`);
  return state;
}

/** Exit code and subtype both lie, so `is_error` comes first. */
function judgeClaude(result: ClaudeResult): ThreadState {
  const said = oneLine(
    [result.result, ...result.errors].filter((text) => text !== "").join(" "),
    MESSAGE_LENGTH,
  );
  const message = said === "" ? `The agent failed: ${result.subtype}.` : said;
  if (!result.is_error) {
    const denied = result.permission_denials.length;
    return denied === 0
      ? { kind: "idle" }
      : failed(
          "denied",
          false,
          `${denied} tool call(s) of the agent were denied by its permission settings.`,
        );
  }
  if (result.api_error_status !== null) return httpFailure(result.api_error_status, message);
  if (result.subtype === "error_max_budget_usd") return failed("budget", false, message);
  if (result.stop_reason === "refusal") return failed("refusal", false, message);
  if (result.terminal_reason?.startsWith("aborted") === true)
    return failed("killed", true, "The agent was interrupted from outside.");
  return failed("other", false, message);
}

function codexFailure(text: string): ThreadState {
  const message = oneLine(text, MESSAGE_LENGTH);
  const found = /\bunexpected status (\d{3})\b/.exec(text)?.[1];
  return found === undefined ? failed("other", false, message) : httpFailure(Number(found), message);
}

function httpFailure(code: number, message: string): ThreadState {
  if (code === 401 || code === 403) return failed("auth", false, message);
  if (code === 429) return failed("rate_limit", true, message);
  if (code >= 500) return failed("overloaded", true, message);
  return failed("other", false, message);
}

function judgeExit(evidence: TurnEvidence): ThreadState {
  const { agent, exit } = evidence;
  const said = oneLine(lastLine(evidence.stderr) || lastLine(evidence.stdout), MESSAGE_LENGTH);
  const ending = said === "" ? "It printed nothing." : `It said: ${said}`;
  if (exit.signal !== null || SIGNAL_CODES.includes(exit.code))
    return failed("killed", true, `The agent was ended by ${exitWords(exit)}.`);
  if (agent !== "command") {
    if (!hasBegun(evidence.stdout))
      return failed("setup", false, `The agent ended with ${exitWords(exit)} before it began. ${ending}`);
    // Codex that is interrupted ends with code 1 and no closing event.
    if (agent === "codex")
      return failed("killed", true, `The agent ended with ${exitWords(exit)} in the middle of its work.`);
    return failed("other", false, `The agent ended with ${exitWords(exit)} without a result. ${ending}`);
  }
  if (exit.code === 0) return { kind: "idle" };
  if (exit.code === 127 || exit.code === 126)
    return failed(
      "setup",
      false,
      `The agent command was not found or cannot be run (${exitWords(exit)}): correct AFK_AGENT_COMMAND. ${ending}`,
    );
  return failed("other", false, `The agent ended with ${exitWords(exit)}. ${ending}`);
}

function exitWords(exit: JobExit): string {
  return exit.signal ?? `exit code ${String(exit.code)}`;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

function failed(cause: ErrorCause, mayPass: boolean, message: string): ThreadState {
  return { kind: "error", cause, mayPass, message };
}
