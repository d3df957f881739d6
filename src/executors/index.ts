// The executors afk knows: one line each.
import type { Registry } from "../adapter.ts";
import type { Executor } from "../ports.ts";

export const executors = {
  process: async () => (await import("./process/adapter.ts")).processExecutor,
  t3: async () => (await import("./t3/adapter.ts")).t3Executor,
} as const satisfies Registry<Executor>;
