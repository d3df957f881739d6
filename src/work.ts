// Plans and acts: what a tick does that found something. The build keeps all of it in a file that other ticks never load.
import { type Acted, actOn } from "./act/act.ts";
import type { CommandName } from "./core/report.ts";
import type { Lists } from "./observe/lists.ts";
import type { Planned } from "./plan/planned.ts";
import { planPoll } from "./plan/poll.ts";
import { planWatch } from "./plan/watch.ts";
import type { Tools } from "./tools.ts";

export interface Work {
  readonly command: CommandName;
  /** Decide, and do not act: nothing else asks. */
  readonly dryRun: boolean;
  readonly isSelected: (repo: string, issue: number | null) => boolean;
  readonly lists: Lists;
}

export interface Worked {
  readonly planned: Planned;
  readonly acted: Acted;
}

export async function work({ command, dryRun, isSelected, lists }: Work, tools: Tools): Promise<Worked> {
  const plan = command === "poll" ? planPoll : planWatch;
  const planned = await plan(tools, lists, isSelected);
  return { planned, acted: dryRun ? { outcomes: [], interrupted: false } : await actOn(planned, tools) };
}
