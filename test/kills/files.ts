// The same on files: the local backends are killed before each write, and later ticks make the rest.
import { CRASH_SCENARIOS, crashProblems, type CrashScenario } from "../support/crash-scenarios.ts";
import { WRITES } from "../support/faulty-afk.ts";
import { WholeWorld } from "../support/whole-world.ts";
import type { History } from "./history.ts";

/** How many writes the tick makes when nothing is killed. */
export async function countWrites(scenario: CrashScenario): Promise<number> {
  return inWorld(scenario, async (world) => {
    const { stderr } = await world.faulty({ at: null, fault: "kill" }, scenario.command);
    await world.quiet();
    const writes = Number(WRITES.exec(stderr)?.[1] ?? 0);
    if (writes === 0) throw new Error(`${scenario.name} on files writes nothing: ${stderr}`);
    return writes;
  });
}

/** Kills the tick before one write. */
export async function killAtWrite(scenario: CrashScenario, write: number): Promise<History> {
  return inWorld(scenario, async (world) => {
    const { code, stdout } = await world.faulty({ at: write, fault: "kill" }, scenario.command);
    await world.quiet();
    if (code !== null) return { kills: 0, problems: [`The tick ended with ${code}: ${stdout}`] };
    await world.settle();
    return { kills: 1, problems: crashProblems(world, scenario) };
  });
}

export function crashScenario(name: string): CrashScenario {
  const found = CRASH_SCENARIOS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no scenario '${name}' on files.`);
  return found;
}

async function inWorld<T>(scenario: CrashScenario, act: (world: WholeWorld) => Promise<T>): Promise<T> {
  const world = new WholeWorld();
  try {
    scenario.titles.forEach((title, index) => world.issue(index + 1, title));
    await scenario.prepare(world);
    return await act(world);
  } finally {
    world.remove();
  }
}
