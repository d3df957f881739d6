// Answers what needs neither packages nor adapters: the version, and a tick that a switch disables; cron asks that often.
import { readFileSync } from "node:fs";
import { readSources } from "./config/sources.ts";
import { alwaysChecked, readSwitches } from "./config/switches.ts";
import { diaryFor } from "./diary.ts";
import { readPlain, VERSION } from "./options.ts";
import { disabledReport, printReport } from "./report/print.ts";
import type { Runtime } from "./runtime.ts";

/** Gives back the exit code, or null when the whole command must look at it; says and changes nothing then. */
export async function answerInert(
  argv: readonly string[],
  runtime: Omit<Runtime, "registries" | "fetch" | "signals">,
): Promise<number | null> {
  if (argv.length === 1 && argv[0] === VERSION.flag) {
    runtime.stdout.write(`${readVersion()}\n`);
    return 0;
  }
  const invocation = readPlain(argv);
  if (invocation === null || invocation.check) return null;
  const { environment, cwd, clock } = runtime;
  const at = clock.now();
  const sources = await readSources({ environment, cwd, envFile: invocation.envFile });
  const { disabled, warnings } = readSwitches(sources, invocation.command);
  if (disabled === null) return null;
  if (sources.problems.some(({ variable }) => alwaysChecked(variable, invocation.envFile))) return null;
  const diary = diaryFor(runtime, invocation);
  for (const message of [...sources.warnings, ...warnings]) diary.warn(message);
  return printReport(disabledReport({ ...invocation, at }, disabled), invocation, runtime.stdout);
}

/** package.json lies one level above src and above dist. */
export function readVersion(): string {
  const root: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const version = typeof root === "object" && root !== null && "version" in root ? root.version : null;
  return typeof version === "string" ? version : "unknown";
}
