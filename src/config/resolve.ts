// Turns the raw values into a Config: parses everything, loads the chosen adapters, and checks what belongs together.
import type { Variables } from "../adapter.ts";
import type { Disabled } from "../core/report.ts";
import type { Capabilities } from "../core/thread.ts";
import { Secret } from "../secret.ts";
import type { ChosenAdapters } from "./adapters.ts";
import { chooseAdapters } from "./adapters.ts";
import type { Config } from "./config.ts";
import type { LoadInput } from "./load.ts";
import { judgeNames } from "./names.ts";
import { parseOverrides, policyFrom } from "./overrides.ts";
import { parseVariables } from "./parse.ts";
import type { Problem } from "./problems.ts";
import { ConfigError } from "./problems.ts";
import type { Sources } from "./sources.ts";
import type { GlobalSettings } from "./variables.ts";
import { globalVariables } from "./variables.ts";
import type { Workspaces } from "./workspace.ts";
import { repoProblems, workspaceOf } from "./workspace.ts";

/** @throws ConfigError with every mistake at once. */
export async function resolveConfig(
  sources: Sources,
  disabled: Disabled | null,
  input: Pick<LoadInput, "environment" | "registries">,
): Promise<Config> {
  const { registries, environment } = input;
  const variables = globalVariables(registries);
  const parsed = parseVariables(variables, sources);
  const chosen = await chooseAdapters(parsed.settings, registries, sources);
  const overrides = parseOverrides(sources, variables);
  const known: Variables = { ...variables, ...chosen.variables };
  const names = await judgeNames(sources, known, registries);
  const workspaces = workspacesOf(parsed.settings, chosen, sources.cwd);
  const problems = [
    ...sources.problems,
    ...parsed.problems,
    ...chosen.problems,
    ...togetherProblems(parsed.settings, environment),
    ...(workspaces === null ? [] : repoProblems(parsed.settings.AFK_ALLOWLIST ?? [], workspaces)),
    ...overrides.problems,
    ...names.problems,
  ];
  const { tracker, executor } = chosen;
  if (problems.length > 0 || tracker === null || executor === null || workspaces === null)
    throw new ConfigError(problems);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without problems every variable has its value
  const settings = parsed.settings as GlobalSettings;
  const allowlist = settings.AFK_ALLOWLIST;
  const policy = policyFrom(settings);
  const policies = new Map([...overrides.settings].map(([repo, own]) => [repo, policyFrom(settings, own)]));
  const strangers = [...policies.keys()].filter((repo) => !allowlist.includes(repo));
  return {
    allowlist,
    disabled,
    policyOf: (repo) => policies.get(repo) ?? policy,
    ...signingKeys(settings),
    tickMaxSeconds: settings.AFK_TICK_MAX_SECONDS,
    tracker,
    executor,
    ci: chosen.ci,
    notify: chosen.notify,
    workspaceOf: (repo) => workspaceOf(repo, workspaces),
    warnings: [
      ...sources.warnings,
      ...names.warnings,
      ...strangers.map((repo) => `${repo} has limits in the config file and is not in AFK_ALLOWLIST.`),
      ...settings.AFK_AGENT_ACTORS.filter((login) => settings.AFK_TRUSTED_ACTORS.includes(login)).map(
        (login) =>
          `${login} is in AFK_AGENT_ACTORS and in AFK_TRUSTED_ACTORS: the agent could arm issues itself.`,
      ),
    ],
    unused: names.unused,
  };
}

/**
 * The local tracker works without a key: whoever can write its files can also read any key on this machine, so a
 * secret one would promise a protection that it cannot give. The signature then only shows that a card was damaged.
 */
function signingKeys(settings: GlobalSettings): Pick<Config, "stateKeys" | "usesKnownKey"> {
  const usesKnownKey = settings.AFK_STATE_KEY.length === 0;
  return { usesKnownKey, stateKeys: usesKnownKey ? [new Secret(() => "local")] : settings.AFK_STATE_KEY };
}

/** Mistakes that no variable shows alone; what could not be parsed is left out, its mistake is told already. */
function togetherProblems(
  settings: Partial<GlobalSettings>,
  environment: LoadInput["environment"],
): readonly Problem[] {
  const problems: Problem[] = [];
  if (
    settings.AFK_STATE_KEY?.length === 0 &&
    settings.AFK_TRACKER !== undefined &&
    settings.AFK_TRACKER !== "local"
  )
    problems.push({
      variable: "AFK_STATE_KEY",
      found: "not set",
      legal:
        "expected a secret, for example from `openssl rand -hex 32`; only AFK_TRACKER=local works without",
    });
  const labels = [settings.AFK_READY_LABEL, settings.AFK_IN_PROGRESS_LABEL, settings.AFK_HUMAN_LABEL];
  if (labels.every((label) => label !== undefined) && new Set(labels).size < labels.length)
    problems.push({
      variable: "AFK_READY_LABEL, AFK_IN_PROGRESS_LABEL, AFK_HUMAN_LABEL",
      found: `found ${labels.map((label) => `'${label}'`).join(", ")}`,
      legal: "expected three different labels",
    });
  if (environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
    problems.push({
      variable: "NODE_TLS_REJECT_UNAUTHORIZED",
      found: "found '0' in the environment",
      legal:
        "expected it unset: afk sends tokens only to servers it can verify; for a private authority use NODE_EXTRA_CA_CERTS",
    });
  return problems;
}

/** Null when the tracker or the base is not known. */
function workspacesOf(
  settings: Partial<GlobalSettings>,
  chosen: ChosenAdapters,
  cwd: string,
): Workspaces | null {
  const base = settings.AFK_WORKSPACE_BASE;
  if (base === undefined || chosen.tracker === null) return null;
  if (chosen.tracker.kind !== "local") return { cwd, base, localDir: null };
  const localDir = chosen.tracker.settings["AFK_LOCAL_DIR"];
  return { cwd, base, localDir: typeof localDir === "string" ? localDir : "" };
}

/** More than one lane in a repo needs runs that cannot touch each other. @throws ConfigError */
export function requireIsolation(config: Config, capabilities: Capabilities): void {
  if (capabilities.isolated) return;
  const common = config.policyOf("");
  // A repo without limits of its own has the common policy, whose mistake is told once.
  const problems = ["", ...config.allowlist.filter((repo) => config.policyOf(repo) !== common)]
    .filter((repo) => config.policyOf(repo).maxPerRepo > 1)
    .map((repo) => ({
      variable: "AFK_MAX_PER_REPO",
      found: `found ${config.policyOf(repo).maxPerRepo}${repo === "" ? "" : ` for ${repo}`}`,
      legal: `expected 1: AFK_EXECUTOR=${config.executor.kind} runs a repo's agents in one place`,
    }));
  if (problems.length > 0) throw new ConfigError(problems);
}
