// The T3 executor keeps the promises of every executor, over a real socket.
import { executorConformance, type ExecutorDriver } from "../../conformance/executor.ts";
import { executorOf, openT3, PROJECT, REPO } from "./support.ts";

async function open(): Promise<ExecutorDriver> {
  const { t3, deps } = openT3();
  const settings = { AFK_T3_URL: await t3.serve() };
  const overSocket = { ...deps, fetch };
  return {
    executor: executorOf(overSocket, settings),
    otherTick: executorOf(overSocket, settings),
    repo: REPO,
    projectId: PROJECT,
    sendsApart: false,
    finish: async (threadId) => t3.store.agents.finish(threadId),
    fail: async (threadId) => t3.store.agents.die(threadId),
    speak: async (threadId, text) => t3.store.agents.speak(threadId, text),
  };
}

executorConformance("t3", open);
