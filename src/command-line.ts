// Reads any command line and writes the help: the only file that knows commander.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Invocation } from "./command.ts";
import { legalIssue, legalRepo, readIssue, readRepo } from "./config/words.ts";
import type { IssueRef } from "./core/issue.ts";
import type { CommandName } from "./core/report.ts";
import { helpText } from "./help.ts";
import { COMMANDS, SWITCHES, VERSION } from "./options.ts";
import type { Runtime } from "./runtime.ts";

export type Parsed =
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

/** Reads a command line, without the program's own name; whatever is wrong with it becomes one sentence. */
export function parseCommandLine(
  argv: readonly string[],
  runtime: Pick<Runtime, "stdout" | "registries">,
  version: string,
): Parsed {
  let text = "";
  const capture = (part: string) => {
    text += part;
  };
  const program = createProgram(runtime, version);
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

function createProgram(runtime: Pick<Runtime, "stdout" | "registries">, version: string): Command {
  const width = runtime.stdout.columns ?? 80;
  return new Command("afk")
    .description("Turns issues labelled ready-for-agent into landed, verified code, one tick at a time.")
    .version(version, VERSION.flag, VERSION.about)
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
    .addOption(plain(SWITCHES.dryRun))
    .addOption(plain(SWITCHES.json))
    .addOption(repeatable("--repo <owner/name>", "act only on this repo (repeatable)", readRepo, legalRepo))
    .addOption(
      repeatable("--issue <owner/name#n>", "act only on this issue (repeatable)", readIssue, legalIssue),
    )
    .option("--env-file <path>", "read variables from this file instead of .env")
    .addOption(plain(SWITCHES.check))
    .addOption(plain(SWITCHES.verbose))
    .addOption(plain(SWITCHES.quiet).conflicts("verbose"));
}

function plain({ flags, about }: { readonly flags: readonly string[]; readonly about: string }): Option {
  return new Option(flags.join(", "), about);
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
