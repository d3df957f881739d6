// Asks the API server of the cluster that afk runs in, with the mounted service account.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AdapterDeps } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { createHttp, parseJson } from "../../http.ts";
import { DeploymentSchema, type Deployment } from "./deployment.ts";

export interface Cluster {
  /** @throws AfkError `config` when there is no such Deployment or it may not be read; others as every request. */
  readDeployment(namespace: string, name: string): Promise<Deployment>;
}

const WHAT = "The Kubernetes API server";
/** What OpenSSL calls a certificate whose authority is not trusted. */
const UNTRUSTED: readonly string[] = [
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
];

/**
 * Node's fetch takes no authority of its own, so the cluster's must be in NODE_EXTRA_CA_CERTS before afk starts.
 * @param serviceAccount the directory that holds `token` and `ca.crt`
 */
export function createCluster(serviceAccount: string, deps: AdapterDeps): Cluster {
  const http = createHttp({
    signal: deps.signal,
    async fetch(input, init) {
      try {
        return await deps.fetch(input, init);
      } catch (error) {
        if (!isUntrusted(error)) throw error;
        throw new AfkError(
          "config",
          `${WHAT} shows a certificate of an authority that Node does not know: set NODE_EXTRA_CA_CERTS to ${join(serviceAccount, "ca.crt")} where afk is started.`,
        );
      }
    },
  });

  return {
    async readDeployment(namespace, name) {
      const answer = await http.requestText({
        what: WHAT,
        method: "GET",
        url: `${addressOf(deps.environment)}/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
        // Read at each request: the kubelet rotates it.
        headers: { accept: "application/json", authorization: `Bearer ${await readToken(serviceAccount)}` },
        accept: [401, 403, 404],
      });
      const failure = refusalOf(answer.status, namespace, name);
      if (failure !== null) throw new AfkError("config", failure);
      return parseJson(WHAT, answer.data, DeploymentSchema);
    },
  };
}

function refusalOf(status: number, namespace: string, name: string): string | null {
  switch (status) {
    case 401:
      return `${WHAT} does not accept the service account's token (401): start afk in a pod of this cluster, with its token mounted.`;
    case 403:
      return `${WHAT} does not let afk read ${namespace}/${name} (403): bind its service account, in ${namespace}, to a Role that may get deployments of the API group apps.`;
    case 404:
      return `There is no Deployment ${namespace}/${name} (404): correct AFK_ROLLOUT, or deploy it once.`;
    default:
      return null;
  }
}

/** Where every pod of a cluster is told that its API server is. */
function addressOf(environment: AdapterDeps["environment"]): string {
  const host = environment["KUBERNETES_SERVICE_HOST"]?.trim() ?? "";
  const port = environment["KUBERNETES_SERVICE_PORT"]?.trim() ?? "";
  if (host === "" || !/^[0-9]{1,5}$/.test(port))
    throw new AfkError(
      "config",
      "afk does not run in a Kubernetes cluster (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set): run it as a pod, or leave kubernetes out of AFK_CI.",
    );
  return `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function readToken(serviceAccount: string): Promise<string> {
  const path = join(serviceAccount, "token");
  let token = "";
  try {
    token = (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new AfkError(
      "config",
      `The service account's token ${path} cannot be read: do not switch automountServiceAccountToken off for afk's pod.`,
      { cause: error },
    );
  }
  if (token !== "") return token;
  throw new AfkError("config", `The service account's token ${path} is empty: mount it again.`);
}

function isUntrusted(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1)
    if ("code" in cause && typeof cause.code === "string" && UNTRUSTED.includes(cause.code)) return true;
  return false;
}
