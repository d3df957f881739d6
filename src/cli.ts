// The command line: plain ones are read at once, all others by commander, which is loaded only for them.
import type { Invocation } from "./command.ts";
import { exitCodeOf, noRequests } from "./core/report.ts";
import { diaryFor } from "./diary.ts";
import { readVersion } from "./inert.ts";
import { COMMANDS, readPlain } from "./options.ts";
import { errorDocument, textDocument } from "./report/json.ts";
import type { Runtime } from "./runtime.ts";

export { takeOverFetch } from "./network/direct-fetch.ts";
export { registries } from "./registries.ts";

/** Runs one command line, without the program's own name, and gives back the exit code (DESIGN section 7). */
export async function run(argv: readonly string[], runtime: Runtime): Promise<number> {
  const plain = readPlain(argv);
  if (plain !== null) return carryOut(plain, runtime);
  const { parseCommandLine } = await import("./command-line.ts");
  const parsed = parseCommandLine(argv, runtime, readVersion());
  if (parsed.kind === "invocation") return carryOut(parsed.invocation, runtime);
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

/** Help needs nothing of what a tick is made of. */
async function carryOut(invocation: Invocation, runtime: Runtime): Promise<number> {
  const { runCommand } = await import("./command.ts");
  return runCommand(invocation, runtime, diaryFor(runtime, invocation));
}
