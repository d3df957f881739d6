// Leads histories to places that chance hardly ever finds: each gets faults that wait for the next requests to one endpoint.
import type { Deed } from "./deeds.ts";
import { FAULTS, fits } from "./faults.ts";
import type { Step } from "./history.ts";
import type { Random } from "./random.ts";
import { ENDPOINTS } from "./wanted.ts";

/** What makes afk ask a place that it seldom asks. */
const PROVOKED: Readonly<Record<string, readonly Deed[]>> = {
  "github.ListPage": [["crowd", 0]],
  "github.Timeline": [["person", "fidget", 0, 1]],
  "github.Comments": [["person", "chatter", 0, 1]],
  "github.States": [
    ["person", "close", 0, 1],
    ["open", 0, "text-blocked"],
  ],
  "github.Contexts": [["ci", "ci-many", 0]],
  "github.Output": [["agent", "red", 0]],
  "github.labels": [["ambush", "github.remove_label", "404"]],
  "github.delete_comment": [["person", "twin", 0, 1]],
  "github.state": [["agent", "green", 0]],
  "t3.project.create": [["machine", "t3-wipe"]],
  "t3.thread.delete": [["ambush", "t3.thread.turn.start", "hang-before"]],
  "t3.thread.turn.interrupt": [["person", "human", 0, 1]],
  "t3.thread.archive": [["agent", "green", 0]],
  "t3.thread.settle": [["agent", "green", 0]],
  "bell.ring": [["agent", "nothing", 0]],
};

/** Seldom asked places more often than others. */
const PLACES: readonly string[] = [...ENDPOINTS, ...Object.keys(PROVOKED), ...Object.keys(PROVOKED)];
const KINDS_AT_ONCE = 6;
/** How often a history is led to its place. */
const TIMES = 5;

/** Seeds that follow each other go through all places and all faults that mean something there. */
export function withAmbush(seed: number, random: Random, steps: readonly Step[]): readonly Step[] {
  const endpoint = PLACES[seed % PLACES.length] ?? PLACES[0] ?? "";
  const fitting = FAULTS.filter((kind) => fits(kind, { endpoint }));
  const round = Math.floor(seed / PLACES.length);
  const ambushes = Array.from({ length: KINDS_AT_ONCE }, (_, index): Step => {
    const kind = fitting[(round * KINDS_AT_ONCE + index) % fitting.length] ?? "500";
    return { deed: ["ambush", endpoint, kind] };
  });
  let led = steps.toSpliced(random.below(Math.ceil(steps.length / 3)), 0, ...ambushes);
  for (let time = 0; time < TIMES; time += 1)
    for (const deed of PROVOKED[endpoint] ?? [])
      led = led.toSpliced(1 + random.below(led.length), 0, { deed });
  return led;
}
