// The verdict stages afk knows: one line each.
import type { Registry } from "../adapter.ts";
import type { Ci } from "../ports.ts";

export const stages = {
  command: async () => (await import("./command.ts")).commandCi,
  github: async () => (await import("./github.ts")).githubCi,
  woodpecker: async () => (await import("./woodpecker.ts")).woodpeckerCi,
  kubernetes: async () => (await import("./kubernetes.ts")).kubernetesCi,
} as const satisfies Registry<Ci>;
