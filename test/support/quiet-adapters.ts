// Adapters of a world in which nothing happens, under the names of the defaults.
import { defineAdapter } from "../../src/adapter.ts";
import type { Finding } from "../../src/adapter.ts";
import { secret, text } from "../../src/config/parsers.ts";
import type { Ci, Executor, Notifier, Tracker } from "../../src/ports.ts";
import type { Registries } from "../../src/registries.ts";

export interface QuietWorld {
  readonly tracker?: Partial<Tracker>;
  readonly executor?: Partial<Executor>;
  /** What `--check` finds at the tracker. */
  readonly findings?: readonly Finding[];
}

export function quietRegistries(world: QuietWorld = {}): Registries {
  const tracker = defineAdapter({
    variables: { AFK_LOCAL_DIR: { about: "Where issues are.", parse: text(".afk") } },
    create: (): Tracker => ({
      listIssues: async () => ({ issues: [], gaps: [], renamed: [], limited: null }),
      readIssues: async () => ({ issues: [], repos: [] }),
      readCardTexts: async () => [],
      readLanded: async () => [],
      write: async () => null,
      ...world.tracker,
    }),
    check: async () => world.findings ?? [{ on: "local", result: "ok", message: "Works." }],
  });
  const executor = defineAdapter({
    variables: {},
    create: (): Executor => ({
      capabilities: { isolated: false, canInterrupt: true, reportsCost: false },
      listThreads: async () => ({ identify: () => Promise.resolve("quiet"), threads: [] }),
      readThread: async () => null,
      create: async () => "created",
      send: async () => "sent",
      end: async () => "confirmed",
      ...world.executor,
    }),
    check: async () => [{ on: "process", result: "ok", message: "Works." }],
  });
  const ci = defineAdapter({
    variables: {},
    create: (): Ci => ({
      readVerdict: async () => ({ kind: "none", canRequest: false }),
      request: async () => undefined,
    }),
    check: async () => [{ on: "command", result: "ok", message: "Works." }],
  });
  const bell = defineAdapter({
    variables: { AFK_BELL_TOKEN: { about: "The token.", parse: secret() } },
    create: (settings): Notifier => ({
      name: "bell",
      ring: async () => void settings.AFK_BELL_TOKEN.reveal(),
    }),
    check: async () => [{ on: "bell", result: "ok", message: "Works." }],
  });
  return {
    trackers: { local: async () => tracker, other: async () => ({ ...tracker, variables: {} }) },
    executors: { process: async () => executor },
    stages: { command: async () => ci },
    notifiers: { bell: async () => bell },
  };
}
