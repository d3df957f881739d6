// Lists, in a fixed order, every kill there is: single ones at each request and each write, and then pairs of them.
import { CRASH_SCENARIOS, crashProblems, type CrashScenario } from "../support/crash-scenarios.ts";
import { WRITES } from "../support/faulty-afk.ts";
import { WholeWorld } from "../support/whole-world.ts";
import { type History, killAt, measure } from "./history.ts";
import type { KillPoint, Moment } from "./killed-afk.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";

export interface Job {
  readonly name: string;
  run(): Promise<History>;
}

const MOMENTS: readonly Moment[] = ["before", "acted", "answered"];

interface Measured {
  readonly scenario: Scenario;
  readonly requests: number;
  readonly writes: readonly number[];
}

/** `every`: each request at each of its three moments. */
export function singles({ scenario, requests }: Measured): readonly Job[] {
  return Array.from({ length: requests }, (_, index) =>
    MOMENTS.map((moment) => jobAt(scenario, [{ request: index + 1, moment }])),
  ).flat();
}

/** The moments that leave different worlds: before each request, and behind each that may have changed something. */
export function different({ scenario, requests, writes }: Measured): readonly Job[] {
  return Array.from({ length: requests }, (_, index) => index + 1).flatMap((request) => [
    jobAt(scenario, [{ request, moment: "before" }]),
    ...(writes.includes(request) ? [jobAt(scenario, [{ request, moment: "acted" }])] : []),
  ]);
}

/** The tick dies behind a write, and its repetition at any request. */
function pairs({ scenario, requests, writes }: Measured): readonly Job[] {
  return writes.flatMap((first) =>
    Array.from({ length: requests }, (_, index) =>
      jobAt(scenario, [
        { request: first, moment: "acted" },
        { request: index + 1, moment: "before" },
      ]),
    ),
  );
}

function jobAt(scenario: Scenario, points: readonly KillPoint[]): Job {
  const where = points.map(({ request, moment }) => `${moment} request ${request}`).join(", then ");
  return { name: `${scenario.name}: ${where}`, run: () => killAt(scenario, points) };
}

export async function measured(scenario: Scenario): Promise<Measured> {
  const { code, requests, writes, stderr } = await measure(scenario);
  if (code !== 0 || requests === 0) throw new Error(`${scenario.name} does not run: ${code} ${stderr}`);
  return { scenario, requests, writes };
}

/** Before each file write of the local backends; one world serves all kills of a scenario, one after another. */
async function localKills(scenario: CrashScenario): Promise<readonly Job[]> {
  const world = localWorld(scenario);
  try {
    await scenario.prepare(world);
    const clean = await world.faulty({ at: null, fault: "kill" }, scenario.command);
    const writes = Number(WRITES.exec(clean.stderr)?.[1]);
    await world.quiet();
    return Array.from({ length: writes }, (_, index) => ({
      name: `${scenario.name} on files: before write ${index + 1}`,
      run: () => killAtWrite(scenario, index + 1),
    }));
  } finally {
    world.remove();
  }
}

function localWorld({ titles }: CrashScenario): WholeWorld {
  const world = new WholeWorld();
  titles.forEach((title, index) => world.issue(index + 1, title));
  return world;
}

async function killAtWrite(scenario: CrashScenario, at: number): Promise<History> {
  const world = localWorld(scenario);
  try {
    await scenario.prepare(world);
    const { code, stdout } = await world.faulty({ at, fault: "kill" }, scenario.command);
    await world.quiet();
    if (code !== null) return { kills: 0, problems: [`The tick ended with ${code}: ${stdout}`] };
    await world.settle();
    return { kills: 1, problems: crashProblems(world, scenario) };
  } finally {
    world.remove();
  }
}

/** All single kills, over HTTP and on files, and behind them the pairs. */
export async function allJobs(): Promise<{
  readonly singles: readonly Job[];
  readonly pairs: readonly Job[];
}> {
  const moments: Measured[] = [];
  for (const scenario of SCENARIOS) moments.push(await measured(scenario));
  const local: Job[] = [];
  for (const scenario of CRASH_SCENARIOS) local.push(...(await localKills(scenario)));
  return { singles: [...moments.flatMap(singles), ...local], pairs: moments.flatMap(pairs) };
}
