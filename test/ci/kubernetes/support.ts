// A Kubernetes stage in a pod of a cluster of its own.
import type { AdapterDeps, Finding } from "../../../src/adapter.ts";
import { kubernetesStage } from "../../../src/ci/kubernetes.ts";
import type { StageVerdict } from "../../../src/core/verdict.ts";
import type { Ci } from "../../../src/ports.ts";
import { REPO, settingsOf, SHA, stageDeps } from "../../support/ci.ts";
import {
  deployment,
  openKubernetes,
  type DeploymentChanges,
  type KubernetesDouble,
} from "../../support/kubernetes/server.ts";

export interface World {
  readonly cluster: KubernetesDouble;
  readonly ci: Ci;
  readonly check: () => Promise<readonly Finding[]>;
}

export async function openWorld(
  rollout = `${REPO}=prod/web`,
  overrides: Partial<AdapterDeps> = {},
): Promise<World> {
  const cluster = await openKubernetes();
  const stage = kubernetesStage(cluster.serviceAccount);
  const settings = settingsOf(stage, { AFK_ROLLOUT: rollout });
  const deps = stageDeps({ fetch: cluster.fetch, environment: cluster.environment, ...overrides });
  return { cluster, ci: stage.create(settings, deps), check: () => stage.check(settings, deps) };
}

/** The image of a commit, as a build would name it. */
export function imageOf(sha: string): string {
  return `registry.local:5000/acme/web:main-${sha.slice(0, 7)}`;
}

/** What the stage says about SHA when this is the Deployment of the repo. */
export async function verdictOn(changes: DeploymentChanges, rollout?: string): Promise<StageVerdict> {
  const { cluster, ci } = await openWorld(rollout);
  cluster.deployments.set("prod/web", deployment(changes));
  return ci.readVerdict(REPO, SHA);
}
