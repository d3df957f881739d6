// Kills the built command at every step of a dispatch and of a close: the clean ticks behind it find everything as promised.
import { expect, it } from "vitest";
import { killAt, measure } from "./history.ts";
import { different, nameOf } from "./jobs.ts";
import { scenarioOf } from "./tasks.ts";

const AT_ONCE = 3;

it.each(["dispatch", "close"])(
  "a %s that dies at any step is finished by later ticks, once",
  async (name) => {
    const scenario = scenarioOf(name);
    const clean = await measure(scenario);
    const all = different(clean);
    const waiting = [...all];
    let kills = 0;
    const problems: string[] = [...clean.problems];

    async function worker(): Promise<void> {
      for (let deaths = waiting.shift(); deaths !== undefined; deaths = waiting.shift()) {
        const where = nameOf(deaths, clean);
        const history = await killAt(scenario, deaths, clean);
        kills += history.kills;
        problems.push(...history.problems.map((problem) => `${where}: ${problem}`));
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    expect(problems).toEqual([]);
    expect(kills).toBe(all.length);
    expect(kills).toBeGreaterThan(15);
  },
  240_000,
);
