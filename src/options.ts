// The commands and their plain options, and a reader for command lines that use nothing else: commander is slow to load.
import type { Invocation } from "./command.ts";
import type { CommandName } from "./core/report.ts";

export const COMMANDS: readonly { readonly name: CommandName; readonly about: string }[] = [
  { name: "poll", about: "start an agent for every issue that is ready and may start" },
  { name: "watch", about: "look after the runs there are: verify, mend, close, or hand to a person" },
];

/** The options that take no value. */
export const SWITCHES = {
  dryRun: { flags: ["--dry-run"], about: "observe and decide, change nothing" },
  json: { flags: ["--json"], about: "print one JSON document on stdout" },
  check: { flags: ["--check"], about: "validate the configuration and ask every adapter, change nothing" },
  verbose: { flags: ["-v", "--verbose"], about: "log every step, one JSON object per line" },
  quiet: { flags: ["-q", "--quiet"], about: "print only what went wrong" },
} as const satisfies Record<string, { readonly flags: readonly string[]; readonly about: string }>;

export const VERSION = { flag: "--version", about: "print the version" };

/**
 * Reads a command and switches after it, as cron writes them. Null: anything else, also what is wrong, which commander
 * reads the same way and knows the words for.
 */
export function readPlain([first, ...words]: readonly string[]): Invocation | null {
  const command = COMMANDS.find(({ name }) => name === first)?.name;
  const known: readonly string[] = Object.values(SWITCHES).flatMap(({ flags }) => flags);
  if (command === undefined || words.some((word) => !known.includes(word))) return null;
  const has = ({ flags }: { readonly flags: readonly string[] }): boolean =>
    flags.some((flag) => words.includes(flag));
  const invocation = {
    command,
    dryRun: has(SWITCHES.dryRun),
    json: has(SWITCHES.json),
    check: has(SWITCHES.check),
    quiet: has(SWITCHES.quiet),
    verbose: has(SWITCHES.verbose),
    envFile: null,
    repos: [],
    issues: [],
  };
  return invocation.quiet && invocation.verbose ? null : invocation;
}
