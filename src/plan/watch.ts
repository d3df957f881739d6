// The plan of `afk watch`: one table decision per run, and the repairs that a dead tick left behind.
import type { Decision } from "../core/plan.ts";
import { abandonedThread, decideOrphan } from "../core/strays.ts";
import { decideIssue } from "../core/watch.ts";
import type { Lists } from "../observe/lists.ts";
import { observeWatch } from "../observe/watch.ts";
import type { Tools } from "../tools.ts";
import { contextOf } from "./context.ts";
import type { Planned } from "./planned.ts";

/** Plans a watch; what `--repo` or `--issue` leave out is reported as not selected. */
export async function planWatch(
  tools: Tools,
  lists: Lists,
  isSelected: (repo: string, issue: number | null) => boolean,
): Promise<Planned> {
  const observed = await observeWatch(tools, lists);
  const context = contextOf(tools, observed.executorId);
  const decisions: readonly Decision[] = [
    ...observed.issues.flatMap((issue) => decideIssue(issue, context)),
    ...observed.orphans.map((placed) =>
      decideOrphan(placed, observed.now, tools.policyOf(placed.place.repo)),
    ),
    ...observed.strangers.map(abandonedThread),
  ];
  return {
    decisions: decisions.map((decision) =>
      isSelected(decision.repo, decision.issue) ? decision : leftOut(decision),
    ),
    gaps: observed.gaps,
    executorId: observed.executorId,
  };
}

function leftOut({ repo, issue, thread, url }: Decision): Decision {
  const message = "--repo or --issue left it out of this tick.";
  return { action: "hold", reason: "not_selected", repo, issue, thread, url, message, gates: [] };
}
