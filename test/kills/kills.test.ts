// Kills the built command at every request of a dispatch and of a close: the clean ticks behind it find everything as promised.
import { expect, it } from "vitest";
import { different, measured } from "./jobs.ts";
import { SCENARIOS } from "./scenarios.ts";

const AT_ONCE = 3;

it.each(["dispatch", "close"])(
  "a %s that dies at any request is finished by later ticks, once",
  async (name) => {
    const scenario = SCENARIOS.find((one) => one.name === name);
    if (scenario === undefined) throw new Error(`There is no scenario '${name}'.`);
    const jobs = different(await measured(scenario));
    const waiting = [...jobs];
    let kills = 0;
    const problems: string[] = [];

    async function worker(): Promise<void> {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        const history = await job.run();
        kills += history.kills;
        problems.push(...history.problems.map((problem) => `${job?.name}: ${problem}`));
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    expect(problems).toEqual([]);
    expect(kills).toBe(jobs.length);
    expect(kills).toBeGreaterThan(15);
  },
  60_000,
);
