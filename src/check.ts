// The preflight of `--check`: says what would keep afk from working, and changes nothing.
import type { Finding } from "./adapter.ts";
import { checkAdapters, createAdapters } from "./adapters.ts";
import type { AdapterWorld } from "./adapters.ts";
import type { Config } from "./config/config.ts";
import { requireIsolation } from "./config/resolve.ts";
import { exitCodeOf } from "./core/report.ts";
import { count } from "./report/human.ts";

/**
 * Asks every adapter and looks at the configuration as a whole, which is known to be legal.
 * @throws AfkError when an adapter cannot be made, or several lanes meet an executor that does not isolate runs.
 */
export async function runCheck(world: AdapterWorld): Promise<readonly Finding[]> {
  requireIsolation(world.config, createAdapters(world).executor.capabilities);
  const findings = [...configFindings(world.config), ...(await checkAdapters(world))];
  // Two adapters of one server say the same of it.
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** The exit code of the worst finding; warnings do not count. */
export function checkExitCode(findings: readonly Finding[]): number {
  const wrong = findings.map((finding) => finding.result);
  return exitCodeOf(wrong.filter((result) => result !== "ok" && result !== "warning"));
}

const SHORT_KEY = 32;

function configFindings(config: Config): readonly Finding[] {
  const findings: Finding[] = config.warnings.map((message) => warning("configuration", message));
  if (config.disabled !== null) findings.push(warning("switches", config.disabled.message));
  if (config.usesKnownKey)
    findings.push(
      warning(
        "AFK_STATE_KEY",
        "Not set: run cards are signed with a key that everybody knows, which is only good for the local tracker.",
      ),
    );
  else if (config.stateKeys.some((key) => key.reveal().length < SHORT_KEY))
    findings.push(
      warning(
        "AFK_STATE_KEY",
        `Shorter than ${SHORT_KEY} characters: make one with \`openssl rand -hex 32\`.`,
      ),
    );
  for (const name of config.unused)
    findings.push(warning(name, "Set, but the adapter that reads it is not chosen, so it has no effect."));
  return [
    ...findings,
    { on: "configuration", result: "ok", message: `Legal, for ${count(config.allowlist.length, "repo")}.` },
  ];
}

function warning(on: string, message: string): Finding {
  return { on, result: "warning", message };
}
