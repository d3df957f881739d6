// How the API server is asked: address, token, rights and answers of another shape, with no secret in any sentence.
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { REPO, SHA } from "../../support/ci.ts";
import { everythingIn, failureOf } from "../../support/failure.ts";
import { deployment, KUBERNETES_TOKEN } from "../../support/kubernetes/server.ts";
import { imageOf, openWorld } from "./support.ts";

test("a token that was rotated is used at the next request", async () => {
  const { cluster, ci } = await openWorld();
  cluster.deployments.set("prod/web", deployment({ image: imageOf(SHA) }));
  await ci.readVerdict(REPO, SHA);
  cluster.tokens.clear();
  cluster.tokens.add("rotated");

  cluster.mountToken("rotated\n");

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "green" });
});

test("a Deployment that is not there is a mistake in AFK_ROLLOUT", async () => {
  const { ci } = await openWorld();

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect([failure.kind, failure.message]).toEqual([
    "config",
    "There is no Deployment prod/web (404): correct AFK_ROLLOUT, or deploy it once.",
  ]);
});

test("a missing right is named with the Role that gives it", async () => {
  const { ci } = await openWorld(`${REPO}=secret/web`);

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect([failure.kind, failure.message]).toEqual([
    "config",
    "The Kubernetes API server does not let afk read secret/web (403): bind its service account, in secret, to a Role that may get deployments of the API group apps.",
  ]);
});

test("a refused token says where it comes from, and not what it is", async () => {
  const { cluster, ci } = await openWorld();
  cluster.tokens.clear();

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect(failure.kind).toBe("config");
  expect(failure.message).toMatch(/does not accept the service account's token \(401\)/);
  expect(everythingIn(failure)).not.toContain(KUBERNETES_TOKEN);
});

test.each([
  [429, "", "transport"],
  [500, "", "transport"],
  [301, "", "config"],
  [200, "{}", "contract"],
  [200, '{"kind":"Deployment","metadata":{"generation":"3"}}', "contract"],
  [200, JSON.stringify({ ...deployment(), kind: "StatefulSet" }), "contract"],
  [200, JSON.stringify({ ...deployment(), status: { replicas: "2" } }), "contract"],
  [200, "ok", "contract"],
] as const)("an answer %i %s is %s", async (status, body, kind) => {
  const { cluster, ci } = await openWorld();
  cluster.fault = () => ({ status, body });

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect(failure.kind).toBe(kind);
  expect(everythingIn(failure)).not.toContain(KUBERNETES_TOKEN);
});

test("a server that cannot be reached is asked again by a later tick", async () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const { ci } = await openWorld(undefined, {
    fetch: () => Promise.reject(new TypeError("fetch failed", { cause: refused })),
  });

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect([failure.kind, failure.message]).toEqual([
    "transport",
    "The Kubernetes API server could not be reached (ECONNREFUSED): a later tick tries again.",
  ]);
});

test("an authority that Node does not know is a person's to add", async () => {
  const untrusted = Object.assign(new Error("unable"), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  const { cluster, ci } = await openWorld(undefined, {
    fetch: () => Promise.reject(new TypeError("fetch failed", { cause: untrusted })),
  });

  const failure = await failureOf(ci.readVerdict(REPO, SHA));

  expect([failure.kind, failure.message]).toEqual([
    "config",
    `The Kubernetes API server shows a certificate of an authority that Node does not know: set NODE_EXTRA_CA_CERTS to ${cluster.serviceAccount}/ca.crt where afk is started.`,
  ]);
});

test("outside a cluster, and without a token, it says what to do before any request", async () => {
  const outside = await openWorld(undefined, { environment: {} });
  const tokenless = await openWorld();
  const empty = await openWorld();
  rmSync(tokenless.cluster.serviceAccount, { recursive: true });
  empty.cluster.mountToken("\n");

  const failures = [
    await failureOf(outside.ci.readVerdict(REPO, SHA)),
    await failureOf(tokenless.ci.readVerdict(REPO, SHA)),
    await failureOf(empty.ci.readVerdict(REPO, SHA)),
  ];

  expect(failures.map(({ kind }) => kind)).toEqual(["config", "config", "config"]);
  expect(failures[0]?.message).toContain("run it as a pod, or leave kubernetes out of AFK_CI");
  expect(failures[1]?.message).toContain("automountServiceAccountToken");
  expect(failures[2]?.message).toContain("is empty");
  expect(tokenless.cluster.requests).toEqual([]);
});

test("the address may be one of IPv6", async () => {
  let asked = "";
  const { ci } = await openWorld(undefined, {
    environment: { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" },
    fetch: (input, init) => {
      asked = new Request(input, init).url;
      return Promise.resolve(new Response(JSON.stringify(deployment({ image: imageOf(SHA) }))));
    },
  });

  expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "green" });
  expect(asked).toBe("https://[fd00::1]/apis/apps/v1/namespaces/prod/deployments/web");
});

test("the preflight reads what a tick would read, and names what does not fit the allowlist", async () => {
  const { cluster, check } = await openWorld(
    `${REPO}=prod/web ${REPO}=prod/web/web ${REPO}=prod/jobs ${REPO}=secret/web acme/stranger=prod/other`,
    { repos: [REPO, "acme/plain"] },
  );
  cluster.deployments.set("prod/web", deployment());

  const findings = await check();

  expect(findings.map(({ on, result }) => [on, result])).toEqual([
    ["prod/web", "ok"],
    ["prod/jobs", "config"],
    ["secret/web", "config"],
    ["acme/stranger", "warning"],
    ["acme/plain", "warning"],
  ]);
  expect(cluster.requests).toHaveLength(3);
});
