// The trackers afk knows: one line each.
import type { Registry } from "../adapter.ts";
import type { Tracker } from "../ports.ts";

export const trackers = {
  github: async () => (await import("./github/adapter.ts")).githubTracker,
  local: async () => (await import("./local/adapter.ts")).localTracker,
} as const satisfies Registry<Tracker>;
