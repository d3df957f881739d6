// The scripted agents of the kill worlds: each does what its issue's title says, and really pushes.
import type { RunLine } from "../../src/core/prompt.ts";
import { checkRun } from "../support/github/checks.ts";
import type { GithubWorld } from "../support/github/world.ts";
import type { T3Double } from "../support/t3/server.ts";
import { sentTo } from "./threads.ts";

/** Every agent at work takes one step: it lands, gives up, fails, asks or hangs. */
export function agentStep(github: GithubWorld, t3: T3Double, read: (text: string) => RunLine | null): void {
  const { agents } = t3.store;
  for (const threadId of agents.atWork) {
    const said = sentTo(t3, threadId);
    const run = read(said[0] ?? "");
    if (run === null) throw new Error("The agent got a first message without a run line.");
    const turn = said.length;
    const land = (verdict: "SUCCESS" | "FAILURE"): void => {
      const sha = github.push(`Work\n\nAFK-Run: ${run.thread}\nRefs #${run.issue.number}\n`);
      github.setChecks(sha, [checkRun({ conclusion: verdict })]);
      agents.finish(threadId);
    };
    switch (github.issue(run.issue.number).title) {
      case "land":
        land("SUCCESS");
        break;
      case "land red":
        land(turn === 1 ? "FAILURE" : "SUCCESS");
        break;
      case "land red for ever":
        land("FAILURE");
        break;
      case "fail once":
        if (turn === 1) agents.finish(threadId, "API Error: 529 overloaded");
        else land("SUCCESS");
        break;
      case "fail":
        agents.finish(threadId, "API Error: 529 overloaded");
        break;
      case "ask":
        if (t3.store.row(threadId).activities.every(({ kind }) => kind !== "user-input.requested"))
          agents.ask(threadId, "user-input");
        break;
      case "hang":
        break;
      default:
        agents.finish(threadId, "I give up.");
    }
  }
}
