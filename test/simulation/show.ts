// Plays one history again and writes its requests and deeds down, for people.
import { createCoverage } from "./coverage.ts";
import { heal } from "./heal.ts";
import { createPlayer, type History } from "./history.ts";

export interface Shown {
  readonly lines: readonly string[];
  readonly violations: readonly string[];
}

/** The trace of a history up to its first violation. */
export async function show(history: History): Promise<Shown> {
  const player = createPlayer(history.settings ?? {}, createCoverage());
  const lines: string[] = [];
  const inner = player.deed;
  const note = (): void => {
    for (const { tick, command, endpoint, what } of player.trace?.splice(0) ?? [])
      lines.push(`  ${command}#${tick} ${endpoint}${what === "" ? "" : ` !${what}`}`);
  };
  player.trace = [];
  try {
    for (const step of history.steps) {
      if (player.violations().length > 0) break;
      lines.push(JSON.stringify("deed" in step ? step.deed : step));
      if ("deed" in step) inner(step.deed);
      else await player.group(step);
      note();
    }
    if (player.violations().length === 0) {
      lines.push("(heal)");
      await heal(player);
      note();
    }
    return {
      lines,
      violations: player.violations().map(({ invariant, message }) => `${invariant}: ${message}`),
    };
  } finally {
    player.close();
  }
}
