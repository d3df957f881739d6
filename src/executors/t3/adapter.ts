// The executor that runs agents as threads of a T3 Code server, over its HTTP interface.
import { type AdapterDeps, defineAdapter, type Settings } from "../../adapter.ts";
import { boolean, optionalHttpUrl, requiredHttpUrl, secret, text } from "../../config/parsers.ts";
import { AfkError } from "../../errors.ts";
import { isEncryptedOrLocal } from "../../http.ts";
import type { Executor } from "../../ports.ts";
import { checkT3 } from "./check.ts";
import { createClient, type T3Client } from "./client.ts";
import { createThread } from "./create.ts";
import { endThread } from "./end.ts";
import { listThreads, readThread } from "./read.ts";
import { sendTurn } from "./send.ts";

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
    return checkT3(clientOf(settings, deps), deps);
  },
});

function createT3Executor(settings: T3Settings, deps: AdapterDeps): Executor {
  const context = {
    client: clientOf(settings, deps),
    deps,
    model: { instanceId: settings.AFK_T3_INSTANCE, model: settings.AFK_T3_MODEL },
    publicUrl: settings.AFK_T3_PUBLIC_URL ?? settings.AFK_T3_URL,
  };
  return {
    capabilities: { isolated: false, canInterrupt: true, reportsCost: false },
    listThreads: (scope) => listThreads(context, scope),
    readThread: (threadId) => readThread(context, threadId),
    create: (thread) => createThread(context, thread),
    send: (turn) => sendTurn(context, turn),
    end: (threadId, how) => endThread(context, threadId, how),
  };
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
