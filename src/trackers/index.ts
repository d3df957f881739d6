// The trackers afk knows: one line each.
import type { Registry } from "../adapter.ts";
import type { Tracker } from "../ports.ts";

export const trackers = {
  local: async () => (await import("./local/adapter.ts")).localTracker,
} as const satisfies Registry<Tracker>;
