// Limits that single repos have of their own, and the policy that follows for each repo.
import type { Policy } from "../core/policy.ts";
import type { Problem } from "./problems.ts";
import { nearest } from "./problems.ts";
import { parseVariables } from "./parse.ts";
import type { RepoValues, Sources } from "./sources.ts";
import { legalRepo, readRepo } from "./words.ts";
import type { GlobalSettings, GlobalVariables } from "./variables.ts";
import { perRepoNames } from "./variables.ts";
import { safetyNames } from "./safety.ts";

export type RepoSettings = Partial<Pick<GlobalSettings, (typeof perRepoNames)[number]>>;

export interface Overrides {
  readonly settings: ReadonlyMap<string, RepoSettings>;
  readonly problems: readonly Problem[];
}

/** Parses the `repos` of the config file: only limits of runs, nothing of the safety group. */
export function parseOverrides(sources: Sources, variables: GlobalVariables): Overrides {
  const settings = new Map<string, RepoSettings>();
  const problems: Problem[] = [];
  for (const own of sources.repos) {
    const repo = readRepo(own.repo);
    if (repo === null || settings.has(repo)) {
      const legal = repo === null ? legalRepo : "expected each repo once, in whatever case it is written";
      problems.push({ variable: "repos", found: `found '${own.repo}' in the config file`, legal });
      continue;
    }
    const parsed = parseRepo(own, variables, sources.cwd);
    problems.push(...parsed.problems);
    settings.set(repo, parsed.settings);
  }
  return { settings, problems };
}

function parseRepo(own: RepoValues, variables: GlobalVariables, cwd: string) {
  const where = `under repos.${own.repo} in the config file`;
  const known: readonly string[] = perRepoNames;
  const chosen = Object.fromEntries(
    perRepoNames.filter((name) => own.values.has(name)).map((name) => [name, variables[name]]),
  );
  const parsed = parseVariables(chosen, { list: [{ where, isFile: true, values: own.values }], cwd });
  const strangers = [...own.values.keys()].filter((name) => !known.includes(name));
  const problems = strangers.map((name) => ({
    variable: name,
    found: `found ${where}`,
    legal: verdictOn(name),
  }));
  return { settings: parsed.settings as RepoSettings, problems: [...parsed.problems, ...problems] };
}

function verdictOn(name: string): string {
  const safety: readonly string[] = safetyNames;
  if (safety.includes(name)) return "a repo must not have its own: it decides what afk may touch";
  const meant = nearest(name.toUpperCase(), perRepoNames);
  const hint = meant === null ? "" : ` (did you mean ${meant}?)`;
  return `a repo may only have its own ${perRepoNames.join(", ")}${hint}`;
}

/** The limits of one repo: the global ones with its own on top. */
export function policyFrom(settings: GlobalSettings, own: RepoSettings = {}): Policy {
  const all = { ...settings, ...own };
  return {
    readyLabel: all.AFK_READY_LABEL,
    inProgressLabel: all.AFK_IN_PROGRESS_LABEL,
    humanLabel: all.AFK_HUMAN_LABEL,
    halted: all.AFK_HALT,
    trustedPermission: all.AFK_TRUSTED_PERMISSION,
    trustedActors: all.AFK_TRUSTED_ACTORS,
    agentActors: all.AFK_AGENT_ACTORS,
    maxPerRepo: all.AFK_MAX_PER_REPO,
    maxInFlight: all.AFK_MAX_IN_FLIGHT,
    maxDispatchPerTick: all.AFK_MAX_DISPATCH_PER_TICK,
    budgetUsd: all.AFK_BUDGET_USD,
    fixForwardMaxAttempts: all.AFK_FIX_FORWARD_MAX_ATTEMPTS,
    fixForwardMaxSeconds: all.AFK_FIX_FORWARD_MAX_SECONDS,
    resumeMaxAttempts: all.AFK_RESUME_MAX_ATTEMPTS,
    runMaxSeconds: all.AFK_RUN_MAX_SECONDS,
    stallSeconds: all.AFK_STALL_SECONDS,
    ciMaxSeconds: all.AFK_CI_MAX_SECONDS,
    humanWaitSeconds: all.AFK_HUMAN_WAIT_SECONDS,
    tickMaxSeconds: all.AFK_TICK_MAX_SECONDS,
    noCi: all.AFK_NO_CI,
  };
}
