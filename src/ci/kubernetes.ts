// The rollout in a Kubernetes cluster as a verdict stage: our commit runs on every pod of its Deployments.
import { defineAdapter, type Adapter, type AdapterDeps, type Finding } from "../adapter.ts";
import { concurrently } from "../concurrently.ts";
import type { StageVerdict } from "../core/verdict.ts";
import { AfkError } from "../errors.ts";
import type { Ci } from "../ports.ts";
import { createCluster, type Cluster } from "./kubernetes/cluster.ts";
import { REVISION_KEYS } from "./kubernetes/identity.ts";
import { judgeRollout } from "./kubernetes/rollout.ts";
import { targets, type Target } from "./kubernetes/targets.ts";

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export const kubernetesCi = kubernetesStage(SERVICE_ACCOUNT);

/** The stage of a pod whose service account is mounted in the directory. */
export function kubernetesStage(serviceAccount: string): Adapter<Ci> {
  return defineAdapter({
    variables: {
      AFK_ROLLOUT: {
        about:
          "Which Deployments must run a commit: a list of `owner/name=namespace/deployment`, with `/container` where only one image counts. " +
          "The image's tag must name the commit (at least 7 digits of it), or a label or annotation " +
          `${REVISION_KEYS.map((key) => `\`${key}\``).join(", ")}. ` +
          `afk must run in the cluster, with NODE_EXTRA_CA_CERTS set to \`${SERVICE_ACCOUNT}/ca.crt\`.`,
        parse: targets(),
      },
    },
    create(settings, deps): Ci {
      const cluster = createCluster(serviceAccount, deps);
      return {
        readVerdict: (repo, sha) => readVerdict(cluster, settings.AFK_ROLLOUT, repo, sha),
        // Deploying is the cluster's business, so nothing is ever `none` with `canRequest`.
        request: async () => undefined,
      };
    },
    check: (settings, deps) => checkRollouts(createCluster(serviceAccount, deps), settings.AFK_ROLLOUT, deps),
  });
}

/** Costs one request for each Deployment of the repo. @throws AfkError when one of them cannot be read. */
async function readVerdict(
  cluster: Cluster,
  all: readonly Target[],
  repo: string,
  sha: string,
): Promise<StageVerdict> {
  const own = all.filter((target) => target.repo === repo);
  if (own.length === 0) return { kind: "green", message: `${repo} has no rollout configured`, url: null };
  const places = placesOf(own);
  const deployments = new Map(
    await concurrently([...places], async ([key, { namespace, deployment }]) => {
      return [key, await cluster.readDeployment(namespace, deployment)] as const;
    }),
  );
  const verdicts = own.flatMap((target) => {
    const deployment = deployments.get(placeOf(target));
    return deployment === undefined ? [] : [judgeRollout(target, deployment, sha)];
  });
  return together(verdicts);
}

/** Each Deployment once: several containers of one may count. */
function placesOf(own: readonly Target[]): ReadonlyMap<string, Target> {
  return new Map(own.map((target) => [placeOf(target), target]));
}

function placeOf({ namespace, deployment }: Target): string {
  return `${namespace}/${deployment}`;
}

/** The worst counts: red, then held, then pending; green only if all are. */
function together(verdicts: readonly StageVerdict[]): StageVerdict {
  const failures = verdicts.flatMap((verdict) => (verdict.kind === "red" ? verdict.failures : []));
  const names = new Set<string>();
  const distinct = failures.filter(({ name }) => !names.has(name) && names.add(name));
  if (distinct.length > 0) return { kind: "red", failures: distinct };
  const held = verdicts.find(({ kind }) => kind === "held");
  if (held !== undefined) return held;
  const pending = verdicts.flatMap((verdict) => (verdict.kind === "pending" ? [verdict.message] : []));
  if (pending.length > 0) return { kind: "pending", message: [...new Set(pending)].join(" ") };
  const green = verdicts.flatMap((verdict) => (verdict.kind === "green" ? [verdict.message] : []));
  return { kind: "green", message: [...new Set(green)].join(", "), url: null };
}

async function checkRollouts(
  cluster: Cluster,
  all: readonly Target[],
  deps: AdapterDeps,
): Promise<readonly Finding[]> {
  const own = all.filter(({ repo }) => deps.repos.includes(repo));
  const findings = await concurrently([...placesOf(own).values()], (target) => checkTarget(cluster, target));
  const named = new Set(all.map(({ repo }) => repo));
  const strangers = [...named].filter((repo) => !deps.repos.includes(repo));
  const unproven = deps.repos.filter((repo) => !named.has(repo));
  return [
    ...findings,
    ...strangers.map((repo) => warning(repo, `AFK_ROLLOUT names ${repo}, which is not in AFK_ALLOWLIST.`)),
    ...unproven.map((repo) =>
      warning(repo, `AFK_ROLLOUT does not name ${repo}, so that its commits count as deployed at once.`),
    ),
  ];
}

async function checkTarget(cluster: Cluster, target: Target): Promise<Finding> {
  const on = placeOf(target);
  try {
    await cluster.readDeployment(target.namespace, target.deployment);
    return { on, result: "ok", message: `The Deployment ${on} of ${target.repo} can be read.` };
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return { on, result: error.kind, message: error.message };
  }
}

function warning(on: string, message: string): Finding {
  return { on, result: "warning", message };
}
