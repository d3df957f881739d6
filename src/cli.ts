// The command line: two subcommands with the same options; the only file that knows commander.
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Invocation } from "./command.ts";
import { runCommand } from "./command.ts";
import { legalIssue, legalRepo, readIssue, readRepo } from "./config/words.ts";
import type { IssueRef } from "./core/issue.ts";
import type { CommandName } from "./core/report.ts";
import { exitCodeOf, noRequests } from "./core/report.ts";
import { helpText } from "./help.ts";
import { errorDocument, textDocument } from "./report/json.ts";
import type { Diary, Level } from "./report/log.ts";
import { createDiary } from "./report/log.ts";
import type { Runtime } from "./runtime.ts";

/** Runs one command line, without the program's own name, and gives back the exit code (DESIGN section 7). */
export async function run(argv: readonly string[], runtime: Runtime): Promise<number> {
  const parsed = parse(argv, runtime);
  if (parsed.kind === "invocation") {
    const { invocation } = parsed;
    return runCommand(invocation, runtime, diaryFor(runtime, invocation));
  }
  // Commander gave up before the options were read, so they are looked for in the words themselves.
  const json = argv.includes("--json");
  const command = COMMANDS.find(({ name }) => argv.includes(name))?.name ?? null;
  const head = { command, at: runtime.clock.now(), dryRun: argv.includes("--dry-run"), requests: noRequests };
  if (parsed.kind === "text") {
    runtime.stdout.write(json ? textDocument(head, parsed.text) : parsed.text);
    return 0;
  }
  const diary = diaryFor(runtime, {
    verbose: argv.includes("--verbose") || argv.includes("-v"),
    quiet: false,
  });
  diary.error(parsed.text);
  if (json) runtime.stdout.write(errorDocument(head, { kind: "config", message: parsed.text }));
  return exitCodeOf(["config"]);
}

const COMMANDS: readonly { readonly name: CommandName; readonly about: string }[] = [
  { name: "poll", about: "start an agent for every issue that is ready and may start" },
  { name: "watch", about: "look after the runs there are: verify, mend, close, or hand to a person" },
];

type Parsed =
  | { readonly kind: "invocation"; readonly invocation: Invocation }
  /** Help or version. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "misuse"; readonly text: string };

interface Options {
  readonly dryRun?: true;
  readonly json?: true;
  readonly check?: true;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly envFile?: string;
  readonly repo: readonly string[];
  readonly issue: readonly IssueRef[];
}

function parse(argv: readonly string[], runtime: Runtime): Parsed {
  let text = "";
  const capture = (part: string) => {
    text += part;
  };
  const program = createProgram(runtime);
  program.configureOutput({ writeOut: capture, writeErr: capture, outputError: capture });
  const found: Invocation[] = [];
  for (const { name, about } of COMMANDS) {
    const command = addOptions(program.command(name).description(about).copyInheritedSettings(program));
    command.action((options: Options) => {
      found.push(invocationOf(name, options));
    });
  }
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text };
    if (error.code === "commander.help")
      return { kind: "misuse", text: "No command was given: use afk poll or afk watch, and see afk --help." };
    return {
      kind: "misuse",
      text: error.message
        .replace(/^error: /, "")
        .trim()
        .replaceAll("\n", " "),
    };
  }
  const invocation = found[0];
  return invocation === undefined ? { kind: "text", text } : { kind: "invocation", invocation };
}

function createProgram(runtime: Runtime): Command {
  const width = runtime.stdout.columns ?? 80;
  return new Command("afk")
    .description("Turns issues labelled ready-for-agent into landed, verified code, one tick at a time.")
    .version(readVersion(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .addHelpText("afterAll", helpText(runtime.registries))
    .exitOverride()
    .configureOutput({
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => false,
    });
}

function addOptions(command: Command): Command {
  return command
    .option("--dry-run", "observe and decide, change nothing")
    .option("--json", "print one JSON document on stdout")
    .addOption(repeatable("--repo <owner/name>", "act only on this repo (repeatable)", readRepo, legalRepo))
    .addOption(
      repeatable("--issue <owner/name#n>", "act only on this issue (repeatable)", readIssue, legalIssue),
    )
    .option("--env-file <path>", "read variables from this file instead of .env")
    .option("--check", "validate the configuration and ask every adapter, change nothing")
    .option("-v, --verbose", "log every step, one JSON object per line")
    .addOption(new Option("-q, --quiet", "print only what went wrong").conflicts("verbose"));
}

function repeatable(flags: string, about: string, read: (text: string) => unknown, legal: string): Option {
  const option = new Option(flags, about).default([], "all");
  return option.argParser((text: string, before: readonly unknown[]) => {
    const value = read(text);
    if (value === null) throw new InvalidArgumentError(legal);
    return [...before, value];
  });
}

function invocationOf(command: CommandName, options: Options): Invocation {
  return {
    command,
    dryRun: options.dryRun === true,
    json: options.json === true,
    check: options.check === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    envFile: options.envFile ?? null,
    repos: options.repo,
    issues: options.issue,
  };
}

function diaryFor(runtime: Runtime, options: { readonly verbose: boolean; readonly quiet: boolean }): Diary {
  const { stderr, clock, environment } = runtime;
  // Kubernetes sets this in every pod.
  const inCluster = environment["KUBERNETES_SERVICE_HOST"] !== undefined;
  return createDiary({ stderr, clock, json: options.verbose || inCluster, level: levelOf(options) });
}

function levelOf(options: { readonly verbose: boolean; readonly quiet: boolean }): Level {
  if (options.quiet) return "error";
  return options.verbose ? "debug" : "info";
}

/** package.json lies one level above src and above dist. */
function readVersion(): string {
  const root: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const version = typeof root === "object" && root !== null && "version" in root ? root.version : null;
  return typeof version === "string" ? version : "unknown";
}
