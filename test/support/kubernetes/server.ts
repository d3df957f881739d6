// An API server for tests on a real socket: it knows Deployments, tokens and who may read which namespace.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "../machine.ts";

export interface DeploymentChanges {
  readonly image?: string;
  readonly containers?: readonly { readonly name: string; readonly image: string }[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly templateLabels?: Readonly<Record<string, string>>;
  readonly templateAnnotations?: Readonly<Record<string, string>>;
  readonly generation?: number;
  readonly replicas?: number;
  readonly paused?: boolean;
  /** Fields as the server sends them: counts that are zero are left out. */
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A Deployment (apps/v1) that is completely rolled out, with changes. */
export function deployment(changes: DeploymentChanges = {}): Readonly<Record<string, unknown>> {
  const { generation = 3, replicas = 2, paused = false } = changes;
  const containers = changes.containers ?? [
    { name: "web", image: changes.image ?? "registry.local:5000/acme/web:v1" },
  ];
  return {
    kind: "Deployment",
    apiVersion: "apps/v1",
    metadata: {
      name: "web",
      namespace: "prod",
      uid: "1c8e0e3c-5f0e-4a44-9a0e-7a3f3c6f1a11",
      resourceVersion: "812",
      generation,
      creationTimestamp: "2026-11-20T10:00:00Z",
      ...(changes.labels === undefined ? {} : { labels: changes.labels }),
      annotations: { "deployment.kubernetes.io/revision": "3", ...changes.annotations },
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: {
          creationTimestamp: null,
          labels: { app: "web", ...changes.templateLabels },
          ...(changes.templateAnnotations === undefined ? {} : { annotations: changes.templateAnnotations }),
        },
        spec: {
          containers: containers.map((one) => ({ ...one, resources: {}, imagePullPolicy: "IfNotPresent" })),
        },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...(paused ? { paused: true } : {}),
    },
    status: changes.status ?? {
      observedGeneration: generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [
        condition("Available", "MinimumReplicasAvailable"),
        condition("Progressing", "NewReplicaSetAvailable"),
      ],
    },
  };
}

export function condition(
  type: string,
  reason: string,
  message = "",
  status = "True",
): Readonly<Record<string, unknown>> {
  const time = "2026-11-20T10:05:00Z";
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

export interface KubernetesDouble {
  /** The directory of a mounted service account. */
  readonly serviceAccount: string;
  /** What a pod finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The way to the server, which has no certificate of its own: a tunnel that takes TLS off. */
  readonly fetch: typeof fetch;
  /** Path of every request, in order. */
  readonly requests: readonly string[];
  /** By `namespace/name`. */
  readonly deployments: Map<string, unknown>;
  readonly tokens: Set<string>;
  /** Namespaces whose Deployments the service account may get. */
  readonly readable: Set<string>;
  /** Answers instead of the server when it gives something; null: as usual. */
  fault: () => { readonly status: number; readonly body: string } | null;
  /** Puts a new token into the mounted file. */
  mountToken(token: string): void;
}

export const KUBERNETES_TOKEN = "kubernetes-canary-77ae";

/** Serves until the test is over. */
export async function openKubernetes(): Promise<KubernetesDouble> {
  const serviceAccount = join(temporaryDirectory(), "serviceaccount");
  mkdirSync(serviceAccount);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const { status, body } = double.fault() ?? answer(request.url ?? "", token);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });

  function answer(path: string, token: string): { readonly status: number; readonly body: string } {
    if (!double.tokens.has(token)) return refusal(401, "Unauthorized", "Unauthorized");
    const [, namespace = "", name = ""] =
      /^\/apis\/apps\/v1\/namespaces\/([^/]+)\/deployments\/([^/]+)$/.exec(path) ?? [];
    if (!double.readable.has(namespace))
      return refusal(
        403,
        "Forbidden",
        `deployments.apps "${name}" is forbidden: User "system:serviceaccount:afk:afk" cannot get resource "deployments" in API group "apps" in the namespace "${namespace}"`,
      );
    const found = double.deployments.get(`${namespace}/${name}`);
    if (found === undefined) return refusal(404, "NotFound", `deployments.apps "${name}" not found`);
    return { status: 200, body: JSON.stringify(found) };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const { port } = address;

  const double: KubernetesDouble = {
    serviceAccount,
    environment: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) },
    async fetch(input, init) {
      const request = new Request(input, init);
      const path = request.url.slice(`https://127.0.0.1:${port}`.length);
      if (!request.url.startsWith(`https://127.0.0.1:${port}/`))
        throw new Error("This is not the API server.");
      return fetch(`http://127.0.0.1:${port}${path}`, {
        headers: request.headers,
        redirect: "manual",
        signal: request.signal,
      });
    },
    requests,
    deployments: new Map(),
    tokens: new Set([KUBERNETES_TOKEN]),
    readable: new Set(["prod"]),
    fault: () => null,
    mountToken: (token) => writeFileSync(join(serviceAccount, "token"), token),
  };
  double.mountToken(KUBERNETES_TOKEN);
  return double;
}

function refusal(
  code: number,
  reason: string,
  message: string,
): { readonly status: number; readonly body: string } {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return { status: code, body: JSON.stringify(status) };
}
