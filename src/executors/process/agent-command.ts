// Turns AFK_AGENT_COMMAND into the argument list and the environment of one turn; the prompt always comes by stdin.
import { uuidv5 } from "../../core/identity.ts";
import { digest } from "../../digest.ts";

/** Which program's habits apply: how it is continued, and how its output is read. */
export type AgentKind = "claude" | "codex" | "command";

/** What a turn needs to know about the thread. */
export interface TurnContext {
  readonly threadId: string;
  /** 1 for the first turn. */
  readonly number: number;
  readonly repo: string;
  /** Dollars; null: no limit. */
  readonly budgetUsd: number | null;
  /** The agent's own id of the conversation, as an earlier turn's output shows it; null: there is none yet. */
  readonly conversation: string | null;
}

export function agentKind(command: string): AgentKind {
  return command === "claude" || command === "codex" ? command : "command";
}

/** The argument list of one turn. */
export function agentArguments(command: string, context: TurnContext): readonly string[] {
  const kind = agentKind(command);
  switch (kind) {
    case "claude":
      return claudeArguments(context);
    case "codex":
      return codexArguments(context);
    case "command":
      return ["sh", "-c", command];
  }
}

/** What the agent gets beside the environment of the tick; none of it is secret. */
export function agentEnvironment(command: string, context: TurnContext): Readonly<Record<string, string>> {
  const common = {
    AFK_TURN: String(context.number),
    AFK_REPO: context.repo,
    AFK_SESSION_ID: sessionId(context.threadId),
  };
  return agentKind(command) === "claude" ? { ...common, ...claudeEnvironment() } : common;
}

/** The id under which an agent that lets us choose it keeps a thread's conversation. */
export function sessionId(threadId: string): string {
  return uuidv5(digest, threadId, "session");
}

function claudeArguments(context: TurnContext): readonly string[] {
  const session =
    context.conversation === null
      ? ["--session-id", sessionId(context.threadId)]
      : ["--resume", context.conversation];
  const budget = context.budgetUsd === null ? [] : ["--max-budget-usd", String(context.budgetUsd)];
  return [
    "claude",
    "-p",
    "--output-format",
    "stream-json",
    "--verbose",
    "--dangerously-skip-permissions",
    ...session,
    ...budget,
  ];
}

function claudeEnvironment(): Readonly<Record<string, string>> {
  return {
    // With the default number a refused key kept it busy for more than a minute.
    CLAUDE_CODE_MAX_RETRIES: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    // Root may skip permissions only where it says that it stands in a sandbox.
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: "1" } : {}),
  };
}

function codexArguments(context: TurnContext): readonly string[] {
  // The narrower sandbox makes .git read-only, also that of a worktree: an agent could not commit.
  const options = ["--json", "--dangerously-bypass-approvals-and-sandbox"];
  const resume = context.conversation === null ? [] : ["resume", context.conversation];
  return ["codex", "exec", ...options, ...resume, "-"];
}
