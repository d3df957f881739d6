// The names that decide what afk may touch; kept free of zod, because a disabled tick needs them.

/** The safety group of DESIGN section 6: neither a found `.env` nor a per-repo value may set them. */
export const safetyNames = [
  "AFK_KILL_SWITCH",
  "AFK_ALLOWLIST",
  "AFK_HALT",
  "AFK_READY_LABEL",
  "AFK_IN_PROGRESS_LABEL",
  "AFK_HUMAN_LABEL",
  "AFK_TRUSTED_PERMISSION",
  "AFK_TRUSTED_ACTORS",
  "AFK_AGENT_ACTORS",
  "AFK_STATE_KEY",
  // A config file may set all of the others, so naming one needs the same trust.
  "AFK_CONFIG",
] as const;

export type SafetyName = (typeof safetyNames)[number];

/**
 * What a file that an agent could land must not decide either: whose word on trust and on
 * verdicts counts, a command that makes every verdict green, or a server that is sent our tokens.
 */
const PROTECTED: readonly string[] = [
  ...safetyNames,
  "AFK_AGENT_COMMAND",
  "AFK_CI_COMMAND",
  "AFK_TRACKER",
  "AFK_CI",
  "AFK_NO_CI",
  "AFK_GITHUB_API_URL",
  "AFK_T3_URL",
  "AFK_WOODPECKER_URL",
];

/** Whether a `.env` that merely lies in the working directory must not set this variable. */
export function isProtected(name: string): boolean {
  return PROTECTED.includes(baseName(name));
}

/** `AFK_STATE_KEY_FILE` gives the value of `AFK_STATE_KEY`. */
export function baseName(name: string): string {
  return name.endsWith("_FILE") ? name.slice(0, -"_FILE".length) : name;
}
