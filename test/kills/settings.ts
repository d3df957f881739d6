// What the killed command is told: the whole production path, on loopback addresses.
import { TOKEN as GITHUB_TOKEN } from "../support/github/world.ts";
import { TOKEN as T3_TOKEN } from "../support/t3/server.ts";

const REPO = "127.0.0.1/acme/shop";
export const READY = "ready-for-agent";
export const IN_PROGRESS = "agent-in-progress";
export const HUMAN = "ready-for-human";
export const STATE_KEY = "a-state-key-that-nobody-else-has";
/** What no output may hold. */
export const SECRETS: readonly string[] = [GITHUB_TOKEN, T3_TOKEN, STATE_KEY];

export interface Origins {
  readonly github: string;
  readonly t3: string;
  readonly bells: string;
}

export function settingsFor(origins: Origins): Record<string, string> {
  return {
    AFK_KILL_SWITCH: "false",
    AFK_ALLOWLIST: REPO,
    AFK_TRACKER: "github",
    AFK_GITHUB_API_URL: origins.github,
    AFK_GITHUB_TOKEN: GITHUB_TOKEN,
    AFK_EXECUTOR: "t3",
    AFK_T3_URL: origins.t3,
    AFK_T3_TOKEN: T3_TOKEN,
    AFK_CI: "github",
    AFK_NOTIFY: "webhook",
    AFK_WEBHOOK_URL: `${origins.bells}/hook/webhook`,
    AFK_SLACK_WEBHOOK_URL: `${origins.bells}/hook/slack`,
    AFK_NTFY_URL: `${origins.bells}/hook/topic`,
    AFK_STATE_KEY: STATE_KEY,
    AFK_HUMAN_WAIT_SECONDS: "1200",
    AFK_FIX_FORWARD_MAX_ATTEMPTS: "2",
  };
}
