// The context in which runs are decided, from the tools of the tick.
import type { WatchContext } from "../core/watch.ts";
import type { Tools } from "../tools.ts";

export function contextOf(tools: Tools, executorId: string): WatchContext {
  return {
    policyOf: tools.policyOf,
    signer: tools.signer,
    executor: { kind: tools.executorKind, id: executorId },
    stageCount: tools.stages.length,
  };
}
