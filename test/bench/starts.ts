// How long short commands take beside the least that Node can do: starting, and a tick with nothing to do.
import { fileURLToPath } from "node:url";
import { listQuery } from "../../src/trackers/github/queries.ts";
import { productionEnvironment, repoAt } from "./fleet-options.ts";
import { compare, type Compared, type Cost, type Program, runWithCost, startServers } from "./measure.ts";
import { type Effort, megabytes, milliseconds, ratio, type Section } from "./section.ts";

export const AFK = fileURLToPath(new URL("../../bin/afk.js", import.meta.url));
const BARE = fileURLToPath(new URL("bare-tick.cjs", import.meta.url));
const NODE: Program = { words: ["-e", "0"] };
const LATENCY_MILLISECONDS = 50;

export async function coldStart({ rounds }: Effort): Promise<Section> {
  const programs = {
    "`node -e 0`": NODE,
    "`afk poll`, disabled": { words: [AFK, "poll"] },
    "`afk --version`": { words: [AFK, "--version"] },
    "`afk --help`": { words: [AFK, "--help"] },
  };
  return sectionOf("Starting", programs, rounds);
}

export async function quietTick({ rounds }: Effort): Promise<Section> {
  const servers = await startServers({ latencyMilliseconds: LATENCY_MILLISECONDS });
  const environment = productionEnvironment(servers.origin, 1);
  const programs = {
    "the same two requests at once by `node:http`, nothing else": {
      words: [BARE, servers.origin, questionOfList()],
    },
    "`node -e 0`": NODE,
    "`afk poll`": { words: [AFK, "poll"], environment },
    "`afk watch`": { words: [AFK, "watch"], environment },
  };
  const title = `A tick with nothing to do: GitHub and T3, one repo, ${LATENCY_MILLISECONDS} ms to every answer`;
  const section = await sectionOf(title, programs, rounds);
  servers.close();
  return section;
}

/** The body of afk's own question about one repo. */
function questionOfList(): string {
  const labels = { ready: "ready-for-agent", inProgress: "agent-in-progress", human: "ready-for-human" };
  const path = { repo: repoAt(0), owner: "acme", name: "r0" };
  const { text, variables } = listQuery([{ path, labels }]);
  return JSON.stringify({ query: text(() => true), variables });
}

/** The first program is what the others are compared with. */
async function sectionOf(
  title: string,
  programs: Readonly<Record<string, Program>>,
  rounds: number,
): Promise<Section> {
  const compared = await compare(programs, rounds);
  const values: (Compared & Cost)[] = [];
  for (const one of compared) {
    const { cpuMilliseconds, peakMegabytes } = await runWithCost(programs[one.name] ?? NODE);
    values.push({ ...one, cpuMilliseconds, peakMegabytes });
  }
  return {
    title: `${title} (${rounds} rounds in turn, medians)`,
    columns: ["program", "ratio", "time", "CPU", "memory"],
    rows: values.map((one) => [
      one.name,
      ratio(one.ratio),
      milliseconds(one.medianMilliseconds),
      milliseconds(one.cpuMilliseconds),
      megabytes(one.peakMegabytes),
    ]),
    values,
  };
}
