// Sends the agent one more turn: recorded first, sent under a derived id, so that no crash can send it twice.
import type { Card } from "../core/card.ts";
import { messageId, type TurnKind } from "../core/identity.ts";
import type { RunDecision } from "../core/plan.ts";
import { fixForwardPrompt, lostTurnPrompt, resumePrompt } from "../core/prompt.ts";
import { messagesOf, type Thread, type ThreadDetail } from "../core/thread.ts";
import type { WatchedIssue } from "../core/watch.ts";
import { AfkError } from "../errors.ts";
import type { Tools } from "../tools.ts";
import { cardWriter } from "./card.ts";
import { type ActResult, done, ENDED_MEANWHILE, skipped } from "./result.ts";

/** Gives the agent the failing jobs and one more turn. */
export async function fixForward(
  decision: RunDecision,
  issue: WatchedIssue | null,
  tools: Tools,
): Promise<ActResult> {
  const { card, view } = decision;
  const verdict = view.verdict;
  const sha = card.commit;
  if (verdict?.kind !== "red" || sha === null)
    return skipped(decision.reason, "The commit is not red any more.");
  const thread = threadOf(issue);
  const wasSent = card.redShas.some((red) =>
    has(
      thread,
      messageId(tools.digest, card.thread, { kind: "fix_forward", sha: red, attempt: card.attempts }),
    ),
  );
  const attempt = card.attempts > 0 && !wasSent ? card.attempts : card.attempts + 1;
  const text = fixForwardPrompt(
    {
      run: { thread: card.thread, issue: decision.ref },
      attempt,
      maxAttempts: tools.policyOf(decision.repo).fixForwardMaxAttempts,
      sha,
      stage: verdict.stage,
      failures: verdict.failures,
      landing: landingOf(decision),
    },
    tools.signer,
  );
  const next = { ...card, attempts: attempt };
  return send(decision, next, { turn: { kind: "fix_forward", sha, attempt }, text }, tools);
}

/** Gives the agent one more turn after a failure that may pass; a turn that never started is sent again with its text. */
export async function resume(
  decision: RunDecision,
  issue: WatchedIssue | null,
  tools: Tools,
): Promise<ActResult> {
  const { card } = decision;
  const thread = threadOf(issue);
  const wasSent = has(thread, messageId(tools.digest, card.thread, { kind: "resume", number: card.resumes }));
  const number = card.resumes > 0 && !wasSent ? card.resumes : card.resumes + 1;
  const lost = lostText(thread);
  const run = { thread: card.thread, issue: decision.ref };
  const text =
    lost === null
      ? resumePrompt({ run, number, landing: landingOf(decision) }, tools.signer)
      : lostTurnPrompt({ thread: card.thread, number, text: lost }, tools.signer);
  const next = { ...card, resumes: number };
  return send(decision, next, { turn: { kind: "resume", number }, text }, tools);
}

/** What the turn said that the executor accepted and no agent took up. */
function lostText(thread: Thread | ThreadDetail | null): string | null {
  const isLost = thread?.state.kind === "error" && thread.state.cause === "lost_turn";
  return isLost ? (messagesOf(thread).at(-1)?.text ?? null) : null;
}

interface Sending {
  readonly turn: TurnKind;
  readonly text: string;
}

async function send(decision: RunDecision, card: Card, sending: Sending, tools: Tools): Promise<ActResult> {
  const recorded = { ...card, turnAt: new Date(tools.clock.now()).toISOString() };
  if ((await cardWriter(decision, tools).write(recorded)) === "ended")
    return skipped(decision.reason, ENDED_MEANWHILE);
  const policy = tools.policyOf(decision.repo);
  const answer = await tools.executor.send({
    threadId: card.thread,
    repo: decision.repo,
    messageId: messageId(tools.digest, card.thread, sending.turn),
    text: sending.text,
    budgetUsd: tools.executor.capabilities.reportsCost
      ? Math.max(0, policy.budgetUsd - (card.spentUsd ?? 0))
      : null,
  });
  switch (answer) {
    case "sent":
    case "already_sent":
      return done(
        decision.reason,
        `Sent the agent another turn (fix-forward ${card.attempts}, resume ${card.resumes}).`,
      );
    case "busy":
      return skipped("agent_busy", "The agent is at work; the next tick looks again.");
    case "gone":
      return skipped("thread_lost", "The thread is archived, deleted or gone; the next tick decides.");
  }
}

function threadOf(issue: WatchedIssue | null): Thread | ThreadDetail | null {
  return issue?.thread.known === true ? issue.thread.value : null;
}

function has(thread: Thread | ThreadDetail | null, id: string): boolean {
  return messagesOf(thread).some((message) => message.id === id);
}

function landingOf(decision: RunDecision): string {
  if (decision.landing !== null) return decision.landing;
  throw new AfkError(
    "transport",
    `The default branch of ${decision.repo} could not be read, so no turn was sent.`,
  );
}
