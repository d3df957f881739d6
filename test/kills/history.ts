// One history: a world is brought to a moment, the command dies there at one step or more, and clean ticks follow.
import { endingOf } from "./endings.ts";
import type { KillPoint, Step } from "./killed-afk.ts";
import { brokenMidway } from "./midway.ts";
import { brokenPromises } from "./promises.ts";
import type { Scenario } from "./scenarios.ts";
import { type KillWorld, openKillWorld } from "./world.ts";
import { READY } from "./settings.ts";

/** What a scenario does when nothing is killed. */
export interface Clean {
  readonly steps: readonly Step[];
  /** How the world ends, an issue a line. */
  readonly ending: readonly string[];
  readonly problems: readonly string[];
}

export interface History {
  readonly kills: number;
  readonly problems: readonly string[];
}

export interface Deaths {
  /** The tick is killed at the first, its repetition at the second, and so on. */
  readonly points: readonly KillPoint[];
  /** Whether cron's next ticks come before the agents have done anything more. */
  readonly soon: boolean;
}

/** Runs the tick to its end, to learn at which steps it can be killed and what comes of it. */
export async function measure(scenario: Scenario): Promise<Clean> {
  return inWorld(scenario, async (world) => {
    const { code, steps, stderr } = await world.child(scenario.command, null, scenario.once);
    if (code !== 0 || steps.length === 0) throw new Error(`${scenario.name} does not run: ${code} ${stderr}`);
    const last = await world.settle();
    const problems = brokenPromises(world, scenario, last);
    return { steps, ending: endingOf(world, scenario.issues.length), problems };
  });
}

/** Kills the tick; a repetition that ends earlier just ends. */
export async function killAt(scenario: Scenario, deaths: Deaths, clean: Clean): Promise<History> {
  return inWorld(scenario, async (world) => {
    const count = scenario.issues.length;
    const problems: string[] = [];
    let kills = 0;
    for (const [index, point] of deaths.points.entries()) {
      const child = await world.child(scenario.command, point, scenario.once);
      problems.push(...brokenMidway(world, count, child));
      if (child.code === null) kills += 1;
      else if (index === 0 || child.code !== 0)
        return { kills, problems: [`The tick ended with ${child.code}: ${child.stderr}`] };
    }
    // What was told to the dead tick only must have been told to one that lives.
    if (Object.keys(scenario.once).length > 0) await world.child(scenario.command, null, scenario.once);
    if (deaths.soon) await world.nextTicks();
    const last = await world.settle();
    problems.push(...brokenPromises(world, scenario, last));
    const ending = endingOf(world, count);
    for (const [index, line] of ending.entries())
      if (line !== clean.ending[index])
        problems.push(`It ended differently: ${line}; without a kill: ${clean.ending[index]}`);
    return { kills, problems };
  });
}

async function inWorld<T>(scenario: Scenario, act: (world: KillWorld) => Promise<T>): Promise<T> {
  const world = await openKillWorld(scenario.environment);
  try {
    for (const { title } of scenario.issues) world.github.open({ title, body: "Please.", labels: [READY] });
    await scenario.prepare(world);
    return await act(world);
  } finally {
    await world.close();
  }
}
