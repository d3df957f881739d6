// Chooses the form of the diary: for programs in a cluster and with --verbose, else for people.
import type { Diary, Level } from "./report/log.ts";
import { createDiary } from "./report/log.ts";
import type { Runtime } from "./runtime.ts";

export interface DiaryOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
}

export function diaryFor(
  { stderr, clock, environment }: Pick<Runtime, "stderr" | "clock" | "environment">,
  options: DiaryOptions,
): Diary {
  // Kubernetes sets this in every pod.
  const inCluster = environment["KUBERNETES_SERVICE_HOST"] !== undefined;
  return createDiary({ stderr, clock, json: options.verbose || inCluster, level: levelOf(options) });
}

function levelOf(options: DiaryOptions): Level {
  if (options.quiet) return "error";
  return options.verbose ? "debug" : "info";
}
