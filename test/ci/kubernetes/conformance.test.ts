// The rollout is a verdict stage like every other.
import { ciConformance, type CiWorld } from "../../conformance/ci.ts";
import { NEWER, REPO, SHA } from "../../support/ci.ts";
import { condition, deployment } from "../../support/kubernetes/server.ts";
import { imageOf, openWorld } from "./support.ts";

const STATUS = {
  green: undefined,
  red: {
    observedGeneration: 3,
    replicas: 3,
    updatedReplicas: 1,
    availableReplicas: 2,
    conditions: [condition("Progressing", "ProgressDeadlineExceeded", "It has timed out.", "False")],
  },
  pending: { observedGeneration: 3, replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};

ciConformance(async (): Promise<CiWorld> => {
  const { cluster, ci } = await openWorld();
  cluster.deployments.set("prod/web", deployment());
  return {
    ci,
    repo: REPO,
    commits: [SHA, NEWER],
    async arrange(commit, word) {
      const status = STATUS[word];
      cluster.deployments.set(
        "prod/web",
        deployment({ image: imageOf(commit), ...(status === undefined ? {} : { status }) }),
      );
    },
    breakIt: () => {
      cluster.fault = () => ({ status: 503, body: "" });
    },
    everything: () => structuredClone(cluster.deployments),
  };
});
