// Carries out a plan. Every decision is repeatable, so one that fails here is made again by the next tick.
import { concurrently } from "../concurrently.ts";
import type { Decision } from "../core/plan.ts";
import type { ReportedOutcome } from "../core/report.ts";
import { toUnknown } from "../errors.ts";
import type { Planned } from "../plan/planned.ts";
import type { Tools } from "../tools.ts";
import { dispatch } from "./dispatch.ts";
import type { ActResult } from "./result.ts";
import { actOnRun } from "./run.ts";
import { abandon, adopt, discard } from "./threads.ts";

/** After the deadline the sequences under way get this long to finish (DESIGN section 7). */
const LAST_MILLISECONDS = 10_000;

export interface Acted {
  readonly outcomes: readonly ReportedOutcome[];
  /** The deadline came before everything was done. */
  readonly interrupted: boolean;
}

/** Carries out the decisions; after the deadline no new one is begun. */
export async function actOn(planned: Planned, tools: Tools): Promise<Acted> {
  const outcomes: ReportedOutcome[] = [];
  let interrupted = false;
  const work = concurrently(planned.decisions, async (decision) => {
    if (decision.action === "hold") return;
    if (tools.deadline.aborted) {
      interrupted = true;
      return;
    }
    const outcome = await carriedOut(decision, planned, tools);
    if (outcome !== null) outcomes.push(outcome);
  });
  const isDone = await Promise.race([work.then(() => true), graceAfterDeadline(tools).then(() => false)]);
  return { outcomes: [...outcomes], interrupted: interrupted || !isDone };
}

async function graceAfterDeadline(tools: Tools): Promise<void> {
  if (!tools.deadline.aborted)
    await new Promise((resolve) => tools.deadline.addEventListener("abort", resolve, { once: true }));
  await tools.clock.sleep(LAST_MILLISECONDS);
}

/** Carries out one decision; only here does a throw become a failed outcome (DESIGN section 5). */
async function carriedOut(
  decision: Decision,
  planned: Planned,
  tools: Tools,
): Promise<ReportedOutcome | null> {
  const { repo, issue, action, thread } = decision;
  try {
    const result = await perform(decision, planned, tools);
    if (result === null) return null;
    const { problem } = result;
    if (problem === undefined) return { repo, issue, action, ...result };
    return {
      repo,
      issue,
      action,
      result: "failed",
      reason: result.reason,
      message: problem.message,
      kind: problem.kind,
    };
  } catch (error) {
    const { kind, message } = toUnknown(error);
    if (kind === "bug") tools.log.debug(String(error instanceof Error ? error.stack : error));
    tools.log.warn(message, {
      repo,
      ...(issue === null ? {} : { issue }),
      ...(thread === null ? {} : { thread }),
    });
    return { repo, issue, action, result: "failed", reason: decision.reason, message, kind };
  }
}

async function perform(decision: Decision, planned: Planned, tools: Tools): Promise<ActResult | null> {
  switch (decision.action) {
    case "hold":
      return null;
    case "dispatch":
      return dispatch(decision, tools);
    case "adopt":
      return adopt(decision, tools);
    case "abandon":
      return abandon(decision, tools);
    case "discard":
      return discard(decision, tools);
    case "wait":
    case "close_success":
    case "escalate_prepush":
    case "freeze_escalate":
    case "fix_forward":
    case "resume":
    case "ask_human":
      return actOnRun(decision, planned.executorId, tools);
  }
}
