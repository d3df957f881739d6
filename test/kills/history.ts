// One history: a world is brought to a moment, the command dies there at one request or more, and clean ticks follow.
import type { KillPoint } from "./killed-afk.ts";
import { brokenPromises } from "./promises.ts";
import type { Scenario } from "./scenarios.ts";
import { type ChildEnd, type KillWorld, openKillWorld, READY } from "./world.ts";

export interface History {
  readonly kills: number;
  readonly problems: readonly string[];
}

/** Runs the tick to its end, to learn at which requests it can be killed. */
export async function measure(scenario: Scenario): Promise<ChildEnd> {
  return inWorld(scenario, (world) => world.child(scenario.command, null));
}

/** Kills the tick at the first point, its repetition at the second, and so on; a tick that ends earlier just ends. */
export async function killAt(scenario: Scenario, points: readonly KillPoint[]): Promise<History> {
  return inWorld(scenario, async (world) => {
    let kills = 0;
    for (const [index, point] of points.entries()) {
      const { code, stderr } = await world.child(scenario.command, point);
      if (code === null) kills += 1;
      else if (index === 0 || code !== 0)
        return { kills, problems: [`The tick ended with ${code}: ${stderr}`] };
    }
    const last = await world.settle();
    return { kills, problems: brokenPromises(world, scenario, last) };
  });
}

async function inWorld<T>(scenario: Scenario, act: (world: KillWorld) => Promise<T>): Promise<T> {
  const world = await openKillWorld(scenario.environment);
  try {
    for (const [title] of scenario.issues) world.github.open({ title, body: "Please.", labels: [READY] });
    await scenario.prepare(world);
    return await act(world);
  } finally {
    await world.close();
  }
}
