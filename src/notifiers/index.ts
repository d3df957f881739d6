// The doorbells afk knows: one line each.
import type { Registry } from "../adapter.ts";
import type { Notifier } from "../ports.ts";

export const notifiers = {
  slack: async () => (await import("./slack.ts")).slack,
  ntfy: async () => (await import("./ntfy.ts")).ntfy,
  webhook: async () => (await import("./webhook.ts")).webhook,
} as const satisfies Registry<Notifier>;
