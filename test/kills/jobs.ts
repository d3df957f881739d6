// Lists, in a fixed order, every kill there is: single ones at each moment of each step, and pairs of them.
import type { Clean, Deaths } from "./history.ts";
import type { KillPoint, Moment, Step } from "./killed-afk.ts";

/** The moments of one step. Nothing answers a write to a stream. */
function momentsOf({ name }: Step): readonly Moment[] {
  return ["stdout", "stderr"].includes(name) ? ["before", "acted"] : ["before", "acted", "answered"];
}

/** Each step at each of its moments. The world behind `answered` is that before the next step: there the next ticks come at once. */
export function singles({ steps }: Clean): readonly Deaths[] {
  return steps.flatMap((step, index) =>
    momentsOf(step).map((moment) => deaths([{ step: index + 1, moment }], moment === "answered")),
  );
}

/** One moment of each step: before what only reads, and behind what may have changed something. */
export function different({ steps }: Clean): readonly Deaths[] {
  return steps.map(({ isWrite }, index) =>
    deaths([{ step: index + 1, moment: isWrite ? "acted" : "before" }], false),
  );
}

/** The tick dies behind a write, and its repetition at any step. */
export function pairs({ steps }: Clean): readonly Deaths[] {
  return steps.flatMap(({ isWrite }, first) =>
    isWrite
      ? steps.map((_, second) =>
          deaths(
            [
              { step: first + 1, moment: "acted" },
              { step: second + 1, moment: "before" },
            ],
            false,
          ),
        )
      : [],
  );
}

function deaths(points: readonly KillPoint[], soon: boolean): Deaths {
  return { points, soon };
}

export function nameOf({ points, soon }: Deaths, { steps }: Clean): string {
  const where = points.map(({ step, moment }) => `${moment} ${step} (${steps[step - 1]?.name ?? "none"})`);
  return `${where.join(", then ")}${soon ? ", the next ticks at once" : ""}`;
}
