// Carries out one parsed command line: configuration, adapters, one tick or one check, report, exit code.
import { createAdapters } from "./adapters.ts";
import type { Config } from "./config/config.ts";
import { loadConfig } from "./config/load.ts";
import { ConfigError, problemSentence } from "./config/problems.ts";
import { requireIsolation } from "./config/resolve.ts";
import type { IssueRef } from "./core/issue.ts";
import type { CommandName, TickReport } from "./core/report.ts";
import { exitCodeOf } from "./core/report.ts";
import type { Deadline } from "./deadline.ts";
import { createDeadline } from "./deadline.ts";
import { toUnknown } from "./errors.ts";
import { count, humanFindings } from "./report/human.ts";
import { checkDocument, errorDocument } from "./report/json.ts";
import type { Diary } from "./report/log.ts";
import { disabledReport, printReport } from "./report/print.ts";
import { createRequestCounter } from "./requests.ts";
import type { RequestCounter } from "./requests.ts";
import type { Runtime } from "./runtime.ts";
import { tick } from "./tick.ts";

export interface Invocation {
  readonly command: CommandName;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly check: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly envFile: string | null;
  /** What to act on; empty means everything. */
  readonly repos: readonly string[];
  readonly issues: readonly IssueRef[];
}

interface Session {
  readonly invocation: Invocation;
  readonly runtime: Runtime;
  readonly diary: Diary;
  readonly requests: RequestCounter;
  readonly deadline: Deadline;
  readonly at: number;
}

/** Does what was asked, prints the report, and gives back the exit code; never throws. */
export async function runCommand(invocation: Invocation, runtime: Runtime, diary: Diary): Promise<number> {
  const requests = createRequestCounter(runtime.fetch);
  const deadline = createDeadline(runtime.clock, runtime.signals, (message) => diary.warn(message));
  const session = { invocation, runtime, diary, requests, deadline, at: runtime.clock.now() };
  try {
    return await work(session);
  } catch (error) {
    return fail(session, error);
  } finally {
    deadline.finish();
  }
}

async function work(session: Session): Promise<number> {
  const { invocation, runtime, diary } = session;
  const { environment, cwd, registries } = runtime;
  const loaded = await loadConfig({ ...invocation, environment, cwd, registries });
  if (loaded.kind === "disabled") {
    for (const message of loaded.warnings) diary.warn(message);
    const { stdout } = runtime;
    return printReport(
      disabledReport({ ...invocation, at: session.at }, loaded.disabled),
      invocation,
      stdout,
    );
  }
  session.deadline.limit(loaded.config.tickMaxSeconds);
  if (invocation.check) return check(session, loaded.config);
  for (const message of loaded.config.warnings) diary.warn(message);
  return printReport(await runTick(session, loaded.config), invocation, runtime.stdout);
}

async function runTick(session: Session, config: Config): Promise<TickReport> {
  const { invocation, runtime, diary, deadline } = session;
  const adapters = createAdapters({ ...session, config, log: diary, signal: deadline.ended });
  requireIsolation(config, adapters.executor.capabilities);
  if (runtime.stderr.isTTY)
    diary.info(`${invocation.command}: reading ${count(config.allowlist.length, "repo")} …`);
  const { command, dryRun, repos, issues } = invocation;
  const { allowlist, policyOf, stateKeys } = config;
  return deadline.enforce(
    tick({
      command,
      dryRun,
      allowlist,
      policyOf,
      stateKeys,
      adapters,
      only: { repos, issues },
      clock: runtime.clock,
      deadline: deadline.ending,
      log: diary,
      requests: () => session.requests.counts(),
    }),
  );
}

async function check(session: Session, config: Config): Promise<number> {
  const { invocation, runtime, diary, deadline } = session;
  const { checkExitCode, runCheck } = await import("./check.ts");
  const findings = await deadline.enforce(
    runCheck({ ...session, config, log: diary, signal: deadline.ended }),
  );
  const { stdout } = runtime;
  stdout.write(
    invocation.json
      ? checkDocument(head(session), findings)
      : humanFindings(findings, { stdout, quiet: invocation.quiet }),
  );
  return checkExitCode(findings);
}

/** Tells what ended the command: on stderr in sentences, and with --json in the document too. */
function fail(session: Session, error: unknown): number {
  const { invocation, runtime, diary } = session;
  const { kind, message } = toUnknown(error);
  // One record per mistake: a record is one line.
  const sentences = error instanceof ConfigError ? error.problems.map(problemSentence) : [message];
  for (const sentence of sentences) diary.error(sentence);
  if (kind === "bug" && invocation.verbose && error instanceof Error)
    diary.error("Where it happened", { stack: error.stack ?? "" });
  if (invocation.json) {
    const problems = error instanceof ConfigError ? { problems: error.problems } : {};
    runtime.stdout.write(errorDocument(head(session), { kind, message, ...problems }));
  }
  return exitCodeOf([kind]);
}

function head({ invocation, requests, at }: Session) {
  return { command: invocation.command, at, dryRun: invocation.dryRun, requests: requests.counts() };
}
