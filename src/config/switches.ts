// Reads the three switches that can end a tick before anything else is loaded (DESIGN section 3).
import type { CommandName, Disabled } from "../core/report.ts";
import type { Problem } from "./problems.ts";
import { nearest, quoted } from "./problems.ts";
import type { Found, Sources } from "./sources.ts";
import { find } from "./sources.ts";
import { legalBoolean, legalRepos, readBoolean, readRepos } from "./words.ts";

export interface Switches {
  /** Null: the tick may work. */
  readonly disabled: Disabled | null;
  readonly warnings: readonly string[];
  readonly problems: readonly Problem[];
}

const NAMES = ["AFK_KILL_SWITCH", "AFK_HALT", "AFK_ALLOWLIST"];

/** Decides whether this command may do anything; a switch that cannot be understood is a problem, not a default. */
export function readSwitches(sources: Sources, command: CommandName): Switches {
  const killSwitch = find(sources.list, "AFK_KILL_SWITCH");
  const halt = find(sources.list, "AFK_HALT");
  const allowlist = find(sources.list, "AFK_ALLOWLIST");
  const killed = killSwitch === null ? true : readBoolean(killSwitch.text);
  const halted = halt === null ? false : readBoolean(halt.text);
  const repos = allowlist === null ? [] : readRepos(allowlist.text);
  const problems = [
    ...(killed === null ? [problem("AFK_KILL_SWITCH", killSwitch, legalBoolean)] : []),
    ...(halted === null ? [problem("AFK_HALT", halt, legalBoolean)] : []),
    ...(repos === null ? [problem("AFK_ALLOWLIST", allowlist, legalRepos)] : []),
  ];
  const polls = command === "poll";
  const reasons: readonly Disabled[] = [
    ...(polls && killed === true
      ? [off("kill_switch", `AFK_KILL_SWITCH is on ${setWhere(killSwitch)}`)]
      : []),
    ...(polls && halted === true ? [off("halted", `AFK_HALT is on ${setWhere(halt)}`)] : []),
    ...(repos?.length === 0 ? [off("allowlist_empty", `AFK_ALLOWLIST is empty ${setWhere(allowlist)}`)] : []),
  ];
  const first = reasons[0];
  if (first === undefined || problems.length > 0) return { disabled: null, warnings: [], problems };
  const causes = reasons.map((reason) => reason.message).join(" and ");
  const message = `${causes}, so afk ${command} requests nothing and starts nothing. To enable it, ${remedy(reasons)}.`;
  return { disabled: { reason: first.reason, message }, warnings: misspelt(sources), problems: [] };
}

function off(reason: Disabled["reason"], message: string): Disabled {
  return { reason, message };
}

function setWhere(found: Found | null): string {
  return found === null ? "(the default)" : `(${found.where})`;
}

function remedy(reasons: readonly Disabled[]): string {
  const steps = reasons.map(({ reason }) => {
    switch (reason) {
      case "kill_switch":
        return "set AFK_KILL_SWITCH=false";
      case "halted":
        return "unset AFK_HALT";
      case "allowlist_empty":
        return "list repos in AFK_ALLOWLIST";
    }
  });
  return steps.join(" and ");
}

function problem(variable: string, found: Found | null, legal: string): Problem {
  return { variable, found: `found ${quoted(found?.text ?? "")} ${found?.where ?? ""}`, legal };
}

/** A disabled tick checks no other names, but somebody who misspelt a switch must not wonder. */
function misspelt(sources: Sources): readonly string[] {
  const warnings: string[] = [];
  for (const { values, where } of sources.list)
    for (const name of values.keys()) {
      const isForeign = NAMES.includes(name) || !/^afk_/i.test(name);
      const meant = isForeign ? null : nearest(name.toUpperCase(), NAMES);
      if (meant !== null) warnings.push(`${name} ${where} is not known to afk; did you mean ${meant}?`);
    }
  return warnings;
}

/** Whether a mistake counts even when the tick is disabled: it could hide what a switch is set to. */
export function alwaysChecked(variable: string, envFile: string | null): boolean {
  return [...NAMES, "AFK_CONFIG", envFile ?? ".env"].includes(variable);
}
