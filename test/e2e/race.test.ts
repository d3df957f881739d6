// Several ticks at once, as real processes of the built program: one agent a lane, one run an issue, whoever is faster.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { eventually } from "../support/machine.ts";
import { buildLauncher } from "../support/launcher.ts";
import type { Ran } from "../support/small-process.ts";
import { IS_WHOLE } from "../support/telling-writes.ts";
import { WholeWorld } from "../support/whole-world.ts";

const launcher = buildLauncher();
const worlds: WholeWorld[] = [];
afterAll(() => {
  for (const world of worlds) world.remove();
});

/** Says in the agents' log which issue it was started for; starts no process of its own, for there are many of it. */
const AGENT = 'read -r _ thread place _; echo "$thread $AFK_TURN ${place##*#}" >> "$WORLD/agent.log"';

interface Race {
  readonly commands: readonly ("poll" | "watch")[];
  readonly times: number;
  readonly lanes: number;
}

/** How many races run at once. */
const TRACKS = 2;

describe("ticks that start together", () => {
  it.each<Race>([
    { commands: ["poll", "poll"], times: IS_WHOLE ? 100 : 6, lanes: 1 },
    { commands: ["poll", "poll"], times: 4, lanes: 2 },
    { commands: ["poll", "watch"], times: 4, lanes: 1 },
    { commands: ["poll", "poll", "poll"], times: 4, lanes: 1 },
  ])(
    "$commands with $lanes lane(s), $times times: one agent a lane, one run an issue",
    async ({ commands, times, lanes }) => {
      await onTracks(
        times,
        () => ({ world: readyWorld(lanes), prepare: async () => undefined }),
        async (world, what) => {
          const ran = await together(world, commands);
          await eventually(
            () => world.starts.length,
            (started) => started >= lanes,
          );
          await world.quiet();

          expectClean(ran, what);
          const issues = world.starts.map(({ issue }) => issue);
          expect(issues.toSorted(), what).toEqual(["1", "2"].slice(0, lanes));
          expect(new Set(world.starts.map(({ thread }) => thread)).size, what).toBe(lanes);
          expect(liveRuns(world), what).toHaveLength(lanes);
          for (const issue of issues) {
            expect(world.card(Number(issue))?.["outcome"], what).toBeNull();
            expect(world.front(Number(issue)), what).toBe("\nlabels: [ready-for-agent, agent-in-progress]\n");
          }
        },
      );
    },
    300_000,
  );

  it.each<Pick<Race, "commands" | "times">>([
    { commands: ["poll", "watch"], times: 5 },
    { commands: ["watch", "watch"], times: 5 },
  ])(
    "$commands at the end of a run, $times times: it ends once, and the next starts at most once",
    async ({ commands, times }) => {
      await onTracks(times, endedRun, async (world, what) => {
        const ran = await together(world, commands);
        await world.quiet();
        const after = await together(world, ["watch"]);
        await together(world, ["poll"]);
        await eventually(
          () => world.starts.length,
          (started) => started >= 2,
        );
        await world.quiet();

        expectClean([...ran, ...after], what);
        expect(world.front(1), what).toBe("\nlabels: [ready-for-human]\n");
        expect(world.card(1)?.["outcome"], what).toBe("escalate_prepush");
        expect(
          world.starts.map(({ issue }) => issue),
          what,
        ).toEqual(["1", "2"]);
        expect(readdirSync(join(world.checkout, ".afk", "issues", "1")), what).not.toContain("run-card-2.md");
      });
    },
    300_000,
  );
});

function readyWorld(lanes: number): WholeWorld {
  const world = new WholeWorld({
    AFK_AGENT_COMMAND: AGENT,
    AFK_MAX_PER_REPO: String(lanes),
    // Most of the time of a short process goes into reading its own program.
    NODE_COMPILE_CACHE: join(launcher, "..", "..", "cache"),
  });
  worlds.push(world);
  world.issue(1, "give up");
  world.issue(2, "give up");
  return world;
}

/** An agent gave up an hour ago, by a clock that ran behind, and nobody has looked since. */
function endedRun(): Track {
  const world = readyWorld(1);
  return {
    world,
    prepare: async () => {
      world.skip(-3600);
      await world.afk("poll");
      await world.quiet();
    },
  };
}

interface Track {
  readonly world: WholeWorld;
  readonly prepare: () => Promise<void>;
}

/** Runs a race many times, each on a fresh copy of the same world. */
async function onTracks(
  times: number,
  open: () => Track,
  race: (world: WholeWorld, what: string) => Promise<void>,
): Promise<void> {
  let next = 1;
  const run = async (): Promise<void> => {
    const { world, prepare } = open();
    await prepare();
    const restore = world.snapshot();
    for (let time = next++; time <= times; time = next++) {
      restore();
      await race(world, `race ${time}`);
    }
    world.remove();
  };
  await Promise.all(Array.from({ length: TRACKS }, run));
}

async function together(world: WholeWorld, commands: readonly string[]): Promise<readonly Ran[]> {
  return Promise.all(commands.map((command) => world.spawned(process.execPath, [launcher, command])));
}

function expectClean(ran: readonly Ran[], what: string): void {
  for (const { code, stdout, stderr } of ran) {
    expect(code, `${what}: ${stdout}${stderr}`).toBe(0);
    expect(stderr, what).toBe("");
    // Nobody took anything over, so no half-read issue may look like it.
    expect(stdout, what).not.toMatch(/already_ran|handed_over/);
  }
}

/** The runs that the executor has and that were neither put away nor deleted. */
function liveRuns(world: WholeWorld): readonly string[] {
  const runs = join(world.checkout, ".afk", "runs");
  return readdirSync(runs)
    .filter((name) => !name.startsWith("."))
    .filter((name) => {
      const files = readdirSync(join(runs, name));
      const turns = files.includes("turns") ? readdirSync(join(runs, name, "turns", "1")) : [];
      return !files.includes("archived") && !files.includes("settled") && !turns.includes("deleted.json");
    });
}
