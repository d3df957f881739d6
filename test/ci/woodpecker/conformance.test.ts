// Woodpecker is a verdict stage like every other.
import { ciConformance, type CiWorld } from "../../conformance/ci.ts";
import { NEWER, REPO, SHA } from "../../support/ci.ts";
import { workflow } from "../../support/woodpecker/server.ts";
import { openWorld } from "./support.ts";

const STATUS = { green: "success", red: "failure", pending: "running" } as const;

ciConformance(async (): Promise<CiWorld> => {
  const { server, ci } = await openWorld();
  return {
    ci,
    repo: REPO,
    commits: [SHA, NEWER],
    async arrange(commit, word) {
      const status = STATUS[word];
      const row = server.add({ commit, status, workflows: [workflow("build", status, { test: status })] });
      server.logs.set(900, [`The output of pipeline ${row.number}.`]);
    },
    breakIt: () => {
      server.fault = () => ({ status: 503, body: "" });
    },
    everything: () => structuredClone([server.pipelines, server.logs]),
  };
});
