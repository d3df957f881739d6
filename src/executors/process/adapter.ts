// The executor that runs agents as processes of this machine, each in a git worktree of its own; its store is `.afk/runs`.
import { hostname } from "node:os";
import * as z from "zod/mini";
import { defineAdapter, type AdapterDeps } from "../../adapter.ts";
import type { Thread, ThreadList } from "../../core/thread.ts";
import type { Executor } from "../../ports.ts";
import { checkProcessExecutor } from "./check.ts";
import { endThread } from "./end.ts";
import { readDetailedThread, readListedThread } from "./read.ts";
import { findRun, findWorkspaces, listRuns } from "./run-directory.ts";
import { createThread, sendTurn } from "./send.ts";

const LEGAL = "expected 'claude', 'codex' or a command line for sh that reads its prompt from stdin";

export const processExecutor = defineAdapter({
  variables: {
    AFK_AGENT_COMMAND: {
      about:
        "What runs as the agent: `claude`, `codex`, or a command line for sh that reads its prompt from stdin.",
      parse: z
        .string({ error: `AFK_AGENT_COMMAND is not set: ${LEGAL}` })
        .check(z.trim(), z.minLength(1, { error: LEGAL })),
    },
  },
  create: (settings, deps) => createProcessExecutor(settings.AFK_AGENT_COMMAND, deps),
  check: (settings, deps) => checkProcessExecutor(settings.AFK_AGENT_COMMAND, deps),
});

function createProcessExecutor(command: string, deps: AdapterDeps): Executor {
  return {
    capabilities: { isolated: true, canInterrupt: true, reportsCost: true },
    listThreads: (scope) => listThreads(deps, scope),
    async readThread(threadId) {
      const run = await findRun(deps, threadId);
      return run === null ? null : readDetailedThread(run, deps.clock.now());
    },
    create: (thread) => createThread(deps, thread),
    send: (turn) => sendTurn(deps, command, turn),
    end: (threadId, how) => endThread(deps, threadId, how),
  };
}

async function listThreads(deps: AdapterDeps, scope: "live" | "all"): Promise<ThreadList> {
  const threads: Thread[] = [];
  const now = deps.clock.now();
  for (const workspace of await findWorkspaces(deps)) {
    for (const run of await listRuns(workspace)) {
      const thread = await readListedThread(run, now);
      if (thread === null) continue;
      if (scope === "all" || (thread.ending !== "archived" && thread.ending !== "deleted"))
        threads.push(thread);
    }
  }
  return { identify: () => Promise.resolve(`process:${hostname()}`), threads };
}
