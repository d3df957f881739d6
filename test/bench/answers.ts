// What it costs when an executor has very much to say: it is read, or refused with a sentence, in bounded memory.
import { productionEnvironment } from "./fleet-options.ts";
import { runWithCost, startServers } from "./measure.ts";
import { type Effort, megabytes, milliseconds, type Section } from "./section.ts";
import { AFK } from "./starts.ts";

export async function largeAnswers({ quick }: Effort): Promise<Section> {
  const values: Answered[] = [];
  for (const sent of quick ? [1, 100] : [1, 10, 30, 100]) values.push(await answerOf(sent));
  return {
    title: "An executor that lists very many threads",
    columns: ["answer", "result", "memory", "CPU"],
    rows: values.map(({ sent, result, peakMegabytes, cpuMilliseconds }) => [
      `${sent} MB`,
      result,
      megabytes(peakMegabytes),
      milliseconds(cpuMilliseconds),
    ]),
    values,
  };
}

interface Answered {
  /** In megabytes. */
  readonly sent: number;
  readonly result: string;
  readonly peakMegabytes: number;
  readonly cpuMilliseconds: number;
}

async function answerOf(sent: number): Promise<Answered> {
  const servers = await startServers({ latencyMilliseconds: 0, executorBytes: sent * 1e6 });
  const environment = productionEnvironment(servers.origin, 1);
  const ran = await runWithCost({ words: [AFK, "poll"], environment });
  servers.close();
  const { code, stdout, stderr, peakMegabytes, cpuMilliseconds } = ran;
  if (code !== 0 && !`${stdout}${stderr}`.includes("longer than"))
    throw new Error(`The tick neither read nor refused ${sent} MB:\n${stdout}${stderr}`);
  return { sent, result: code === 0 ? "read" : `refused, exit code ${code}`, peakMegabytes, cpuMilliseconds };
}
