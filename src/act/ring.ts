// Rings the doorbells for one run.
import type { BellKind } from "../core/bell.ts";
import type { Unknown } from "../core/observation.ts";
import type { RunDecision } from "../core/plan.ts";
import { oneLine } from "../core/text.ts";
import { toUnknown } from "../errors.ts";
import type { Tools } from "../tools.ts";

/** Rings every doorbell; gives back the first failure. The key lets a receiver drop a repeat (DESIGN section 5). */
export async function ring(
  decision: RunDecision,
  kind: BellKind,
  tools: Tools,
): Promise<Unknown | undefined> {
  const { card } = decision;
  const bell = {
    kind,
    repo: decision.repo,
    issue: decision.issue,
    title: oneLine(decision.title),
    reason: card.reason ?? decision.reason,
    message: oneLine(decision.message, 500),
    threadUrl: decision.url,
    issueUrl: decision.detail?.url ?? null,
    dedupeKey: `${card.thread}:${card.armed}:${kind}`,
  };
  const failures = await Promise.all(
    tools.notifiers.map(async (notifier) => {
      try {
        await notifier.ring(bell);
        return undefined;
      } catch (error) {
        return toUnknown(error);
      }
    }),
  );
  return failures.find((failure) => failure !== undefined);
}
