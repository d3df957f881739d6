// The verdict stages afk knows: one line each.
import type { Registry } from "../adapter.ts";
import type { Ci } from "../ports.ts";

export const stages = {
  command: async () => (await import("./command.ts")).commandCi,
} as const satisfies Registry<Ci>;
