// The executor that runs agents as threads of a T3 Code server, over its HTTP interface.
import { type AdapterDeps, defineAdapter, type Settings } from "../../adapter.ts";
import { boolean, optionalHttpUrl, requiredHttpUrl, secret, text } from "../../config/parsers.ts";
import type { Thread } from "../../core/thread.ts";
import { AfkError } from "../../errors.ts";
import { isEncryptedOrLocal } from "../../http.ts";
import type { Executor } from "../../ports.ts";
import { createClient, type T3Client } from "./client.ts";
import type { SingleThreads } from "./threads.ts";

const variables = {
  AFK_T3_URL: { about: "The address of the T3 Code server.", parse: requiredHttpUrl() },
  AFK_T3_TOKEN: {
    about: "A token of that server: `t3 auth session issue --token-only`.",
    parse: secret(),
  },
  AFK_T3_PUBLIC_URL: {
    about: "Where people open T3, for the links to threads; unset means AFK_T3_URL.",
    parse: optionalHttpUrl(),
  },
  AFK_T3_INSTANCE: {
    about: "The provider instance of T3 that runs the agents.",
    parse: text("claudeAgent"),
  },
  AFK_T3_MODEL: { about: "The model that the agents use.", parse: text("claude-sonnet-4-6") },
  AFK_T3_ALLOW_HTTP: {
    about: "Whether plain http may be used to another machine, for a T3 inside one cluster.",
    parse: boolean(false),
  },
};

type T3Settings = Settings<typeof variables>;

export const t3Executor = defineAdapter({
  variables,
  create: createT3Executor,
  async check(settings, deps) {
    const { checkT3 } = await import("./check.ts");
    return checkT3(clientOf(settings, deps), deps);
  },
});

function createT3Executor(settings: T3Settings, deps: AdapterDeps): Executor {
  const client = clientOf(settings, deps);
  const context = {
    client,
    deps,
    model: { instanceId: settings.AFK_T3_INSTANCE, model: settings.AFK_T3_MODEL },
    publicUrl: settings.AFK_T3_PUBLIC_URL ?? settings.AFK_T3_URL,
  };
  // Most ticks find no thread, and are spared what only threads need.
  let single: Promise<SingleThreads> | null = null;
  const threads = (): Promise<SingleThreads> =>
    (single ??= import("./threads.ts").then(({ createThreads }) => createThreads(context)));
  return {
    capabilities: { isolated: false, canInterrupt: true, reportsCost: false },
    /** `live` by the cheap shell where the server has it, `all` by the snapshot. */
    async listThreads(scope) {
      const snapshot = scope === "live" ? await client.readShell() : await client.readSnapshot();
      const identify = async (): Promise<string> =>
        executorIdOf((await client.readEnvironment()).environmentId);
      // Only links need the server's name here: where there is no thread, a quiet tick is spared the request.
      if (snapshot.threads.length === 0) return { identify, threads: [] };
      const { environmentId } = await client.readEnvironment();
      const shown = (await threads()).show(snapshot, environmentId);
      const isListed = ({ ending }: Thread) =>
        scope === "all" || (ending !== "archived" && ending !== "deleted");
      return { identify, threads: shown.filter(isListed) };
    },
    readThread: async (threadId) => (await threads()).readThread(threadId),
    create: async (thread) => (await threads()).create(thread),
    send: async (turn) => (await threads()).send(turn),
    end: async (threadId, how) => (await threads()).end(threadId, how),
  };
}

/**
 * The id of a server's store: it stands in a file beside the database, so it outlives restarts and a new address, and a
 * wiped directory gets a new one. The address would survive a wipe, and another server behind it would look like ours.
 */
function executorIdOf(environmentId: string): string {
  return `t3:${environmentId}`;
}

function clientOf(settings: T3Settings, deps: AdapterDeps): T3Client {
  const { AFK_T3_URL: url, AFK_T3_TOKEN: token, AFK_T3_ALLOW_HTTP: allowHttp } = settings;
  if (!allowHttp && !isEncryptedOrLocal(new URL(url)))
    throw new AfkError(
      "config",
      "AFK_T3_URL is plain http to another machine, which would show the token to the network: use https, or set AFK_T3_ALLOW_HTTP=true for a network you trust.",
    );
  return createClient({ url, token, allowHttp }, deps);
}
