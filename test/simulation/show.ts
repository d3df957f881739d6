// Plays one history again and writes its requests and deeds down, for people.
import { createCoverage } from "./coverage.ts";
import { heal } from "./heal.ts";
import { createPlayer, type History, type Line } from "./history.ts";

export interface Shown {
  readonly lines: readonly string[];
  readonly violations: readonly string[];
}

/** The trace of a history up to its first violation; in short, reads that went well are only counted. */
export async function show(history: History, isShort = false): Promise<Shown> {
  const player = createPlayer(history.settings ?? {}, createCoverage());
  const lines: string[] = [];
  const inner = player.deed;
  const note = (): void => {
    lines.push(...traceLines(player.trace?.splice(0) ?? [], isShort));
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

function traceLines(trace: readonly Line[], isShort: boolean): readonly string[] {
  const lines: string[] = [];
  let reads = 0;
  for (const [at, { tick, command, endpoint, isWrite, what }] of trace.entries()) {
    const isLast = trace[at + 1]?.tick !== tick;
    const isCounted = isShort && !isWrite && what === "";
    if (isCounted) reads += 1;
    if (reads > 0 && (isLast || !isCounted)) {
      lines.push(`  ${command}#${tick} ${reads} reads`);
      reads = 0;
    }
    if (!isCounted) lines.push(`  ${command}#${tick} ${endpoint}${what === "" ? "" : ` !${what}`}`);
  }
  return lines;
}
