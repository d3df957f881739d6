// Judges one Deployment the way `kubectl rollout status` does, once it is proven to be about our commit.
import { oneLine } from "../../core/text.ts";
import type { StageVerdict } from "../../core/verdict.ts";
import type { Deployment } from "./deployment.ts";
import { imagesOf, isOurs } from "./identity.ts";
import type { Target } from "./targets.ts";

/** @throws AfkError `config` when the container of AFK_ROLLOUT is not there. */
export function judgeRollout(target: Target, deployment: Deployment, sha: string): StageVerdict {
  const name = `${target.namespace}/${target.deployment}`;
  const commit = sha.slice(0, 12);
  if (!isOurs(deployment, target, sha)) {
    const images = oneLine(imagesOf(deployment, target).join(", "), 200);
    return pending(
      `${name} is not yet about ${commit}: nothing on it names the commit, and its image is ${images}.`,
    );
  }
  const stuck = deployment.status.conditions.find(
    ({ type, reason }) => type === "Progressing" && reason === "ProgressDeadlineExceeded",
  );
  const observed = deployment.metadata.generation <= deployment.status.observedGeneration;
  if (observed && stuck !== undefined) {
    const log = oneLine(stuck.message, 600) || "The rollout made no progress until its deadline.";
    return { kind: "red", failures: [{ name: `rollout of ${name}`, url: null, log }] };
  }
  const missing = observed ? missingPart(deployment) : "the cluster has not looked at it yet";
  if (missing === null) return { kind: "green", message: `${name} runs ${commit}`, url: null };
  if (deployment.spec.paused)
    return {
      kind: "held",
      message: `The rollout of ${commit} to ${name} is paused: a person must resume it.`,
      url: null,
    };
  return pending(`${name} does not run ${commit} yet: ${missing}.`);
}

/** What a rollout still lacks, in kubectl's order; null when it is done. */
function missingPart({ spec, status }: Deployment): string | null {
  const { replicas, updatedReplicas, availableReplicas } = status;
  if (updatedReplicas < spec.replicas) return `${updatedReplicas} of ${spec.replicas} pods are new`;
  if (replicas > updatedReplicas) return `${replicas - updatedReplicas} old pods still run`;
  if (availableReplicas < updatedReplicas)
    return `${availableReplicas} of ${updatedReplicas} pods are available`;
  if (spec.replicas === 0) return "it is scaled to 0 pods, so that nothing proves it; scale it up";
  return null;
}

function pending(message: string): StageVerdict {
  return { kind: "pending", message };
}
