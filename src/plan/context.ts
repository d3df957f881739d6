// The context in which runs are decided, from the tools of the tick.
import type { ViewSetup } from "../core/new-card.ts";
import type { WatchContext } from "../core/watch.ts";
import type { Tools } from "../tools.ts";

export function contextOf(tools: Tools, executorId: string | null): WatchContext {
  return {
    policyOf: tools.policyOf,
    signer: tools.signer,
    executor: { kind: tools.executorKind, id: executorId },
    setup: viewSetup(tools),
  };
}

/** What every card of this configuration shows. */
export function viewSetup(tools: Tools): ViewSetup {
  return { stageCount: tools.stages.length, reportsCost: tools.executor.capabilities.reportsCost };
}
