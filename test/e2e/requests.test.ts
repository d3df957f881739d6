// The requests of the built command over fleets at rest: as many as DESIGN section 9 counts, none that writes.
import { describe, expect, it, onTestFinished } from "vitest";
import { type Bound, fewestRequests, total } from "../bench/bound.ts";
import { serveFleet } from "../bench/fake-servers.ts";
import { type Fleet, LABELER, productionEnvironment } from "../bench/fleet-options.ts";
import { runOnce } from "../bench/measure.ts";
import { AFK } from "../bench/starts.ts";

interface Counted {
  readonly code: number | null;
  readonly decided: ReadonlyMap<string, number>;
  readonly gaps: readonly unknown[];
  readonly bound: Bound;
  readonly permissions: number;
  readonly writes: number;
  readonly total: number;
}

async function count(
  command: "poll" | "watch",
  fleet: Fleet,
  environment: Readonly<Record<string, string>> = {},
): Promise<Counted> {
  const served = await serveFleet({ ...fleet, latencyMilliseconds: 0, executorBytes: 0 });
  onTestFinished(() => served.close());
  const origin = `http://127.0.0.1:${served.port}`;
  const { code, stdout } = await runOnce({
    words: [AFK, command, "--json"],
    environment: { ...productionEnvironment(origin, fleet.repos), ...environment },
  });
  const { decisions, gaps } = JSON.parse(stdout) as {
    readonly decisions: readonly { readonly action: string; readonly reason: string }[];
    readonly gaps: readonly unknown[];
  };
  const decided = new Map<string, number>();
  for (const { action, reason } of decisions)
    decided.set(`${action} ${reason}`, (decided.get(`${action} ${reason}`) ?? 0) + 1);
  const trace = served.takeTrace();
  const of = (...kinds: readonly string[]): number => trace.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    code,
    decided,
    gaps,
    bound: {
      lists: of("graphql List", "graphql ListPage"),
      details: of("graphql Details"),
      branches: of("graphql Commits", "graphql History"),
      executor: of("shell", "environment"),
    },
    permissions: of("rest permission"),
    writes: trace.filter(({ isWrite }) => isWrite).length,
    total: trace.length,
  };
}

const FLEETS: readonly (readonly ["poll" | "watch", Fleet])[] = [
  ["poll", { repos: 1, issues: 0, runs: "one" }],
  ["watch", { repos: 120, issues: 0, runs: "one" }],
  ["poll", { repos: 1, issues: 10, runs: "one" }],
  ["poll", { repos: 60, issues: 600, runs: "one" }],
  ["watch", { repos: 60, issues: 600, runs: "all" }],
  ["poll", { repos: 3, issues: 660, runs: "one" }],
  ["watch", { repos: 3, issues: 660, runs: "all" }],
];

describe("a tick over a fleet at rest", () => {
  it.each(FLEETS)("%s over %j makes the fewest requests", async (command, fleet) => {
    const { code, gaps, bound, writes, total: all, decided } = await count(command, fleet);

    expect({ code, gaps, writes }).toEqual({ code: 0, gaps: [], writes: 0 });
    expect(bound).toEqual(fewestRequests(command, fleet));
    expect(all).toBe(total(bound));
    const runs = Math.min(fleet.repos, fleet.issues);
    const expected =
      command === "watch"
        ? { "wait agent_busy": fleet.issues }
        : { "hold in_progress": runs, "hold repo_busy": fleet.issues - runs };
    expect(Object.fromEntries(decided)).toEqual(
      Object.fromEntries(Object.entries(expected).filter(([, number]) => number > 0)),
    );
  });

  it("asks once in each repo what a labeler may do who is not trusted by name", async () => {
    const fleet: Fleet = { repos: 3, issues: 60, runs: "one" };

    const counted = await count("poll", fleet, { AFK_TRUSTED_ACTORS: `not-${LABELER}` });

    expect(counted.permissions).toBe(3);
    expect(counted.total).toBe(total(fewestRequests("poll", fleet)) + 3);
  });
});
