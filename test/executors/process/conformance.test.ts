// The process executor keeps the promises of every executor.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { executorConformance, type ExecutorDriver } from "../../conformance/executor.ts";
import { PROJECT, REPO, executorOf, openProcessWorld } from "./support.ts";

async function open(): Promise<ExecutorDriver> {
  const { deps, executor } = openProcessWorld();
  const order = async (threadId: string, name: string, text = ""): Promise<void> => {
    const thread = await executor.readThread(threadId);
    const control = deps.environment["AGENT_CONTROL"] ?? "";
    writeFileSync(join(control, `${threadId}.${thread?.messages.length}.${name}`), text);
  };
  return {
    executor,
    otherTick: executorOf(deps),
    repo: REPO,
    projectId: PROJECT,
    finish: (threadId) => order(threadId, "finish"),
    fail: (threadId) => order(threadId, "fail"),
    speak: (threadId, text) => order(threadId, "say", `${text}\n`),
  };
}

executorConformance("process", open);
