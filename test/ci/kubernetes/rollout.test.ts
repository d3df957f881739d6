// When a Deployment that is about our commit is rolled out, in kubectl's order of checks.
import { expect, test } from "vitest";
import { NEWER, REPO, SHA } from "../../support/ci.ts";
import { condition, deployment } from "../../support/kubernetes/server.ts";
import { imageOf, openWorld, verdictOn } from "./support.ts";

const image = imageOf(SHA);
const done = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
const stuck = condition(
  "Progressing",
  "ProgressDeadlineExceeded",
  'ReplicaSet "web-1" has timed out.',
  "False",
);

test.each([
  ["it was not looked at", { ...done, observedGeneration: 2 }, "the cluster has not looked at it yet"],
  ["it has no status", {}, "the cluster has not looked at it yet"],
  ["no pod is new", { observedGeneration: 3, replicas: 2, availableReplicas: 2 }, "0 of 2 pods are new"],
  ["a pod is not new", { ...done, updatedReplicas: 1 }, "1 of 2 pods are new"],
  ["old pods end", { ...done, replicas: 3 }, "1 old pods still run"],
  [
    "no pod is available",
    { observedGeneration: 3, replicas: 2, updatedReplicas: 2 },
    "0 of 2 pods are available",
  ],
  ["a pod is not available", { ...done, availableReplicas: 1 }, "1 of 2 pods are available"],
])("it is pending while %s", async (_, status, why) => {
  expect(await verdictOn({ image, status })).toEqual({
    kind: "pending",
    message: `prod/web does not run 3f786850e387 yet: ${why}.`,
  });
});

test("it is green when every pod is new and available", async () => {
  expect(await verdictOn({ image, status: done })).toMatchObject({ kind: "green" });
});

test("a rollout that missed its deadline is red, with Kubernetes' words", async () => {
  expect(await verdictOn({ image, status: { ...done, updatedReplicas: 1, conditions: [stuck] } })).toEqual({
    kind: "red",
    failures: [{ name: "rollout of prod/web", url: null, log: 'ReplicaSet "web-1" has timed out.' }],
  });
});

test("a deadline that an older generation missed does not count", async () => {
  const status = { ...done, observedGeneration: 2, conditions: [stuck] };

  expect(await verdictOn({ image, status })).toMatchObject({ kind: "pending" });
});

test("a deadline that another commit missed does not count", async () => {
  expect(await verdictOn({ image: imageOf(NEWER), status: { ...done, conditions: [stuck] } })).toMatchObject({
    kind: "pending",
  });
});

test.each([
  condition("Progressing", "ReplicaSetUpdated"),
  condition("Available", "MinimumReplicasUnavailable", "", "False"),
  condition("ReplicaFailure", "FailedCreate", "quota exceeded"),
  condition("Healed", "ByMagic"),
])("another condition ($type $reason) decides nothing", async (one) => {
  const status = { ...done, availableReplicas: 1, conditions: [one] };

  expect(await verdictOn({ image, status })).toMatchObject({ kind: "pending" });
  expect(await verdictOn({ image, status: { ...done, conditions: [one] } })).toMatchObject({ kind: "green" });
});

test("a paused rollout that is not done waits for a person", async () => {
  expect(await verdictOn({ image, paused: true, status: { ...done, updatedReplicas: 0 } })).toEqual({
    kind: "held",
    message: "The rollout of 3f786850e387 to prod/web is paused: a person must resume it.",
    url: null,
  });
  expect(await verdictOn({ image, paused: true, status: done })).toMatchObject({ kind: "green" });
  expect(await verdictOn({ image: imageOf(NEWER), paused: true })).toMatchObject({ kind: "pending" });
});

test("a Deployment that is scaled to nothing proves nothing", async () => {
  const verdict = await verdictOn({ image, replicas: 0, status: { observedGeneration: 3 } });

  expect(verdict).toEqual({
    kind: "pending",
    message:
      "prod/web does not run 3f786850e387 yet: it is scaled to 0 pods, so that nothing proves it; scale it up.",
  });
});

test("a repo without an entry has nothing to prove, and costs no request", async () => {
  const { cluster, ci } = await openWorld("acme/other=prod/web");

  expect(await ci.readVerdict(REPO, SHA)).toEqual({
    kind: "green",
    message: "acme/api has no rollout configured",
    url: null,
  });
  expect(cluster.requests).toEqual([]);
});

test("the worst of several Deployments counts, each for one request", async () => {
  const { cluster, ci } = await openWorld(`${REPO}=prod/web, ${REPO}=prod/jobs`);
  const kindWith = async (jobs: Parameters<typeof deployment>[0]): Promise<string> => {
    cluster.deployments.set("prod/web", deployment({ image }));
    cluster.deployments.set("prod/jobs", deployment({ image, ...jobs }));
    return (await ci.readVerdict(REPO, SHA)).kind;
  };

  expect(await kindWith({})).toBe("green");
  expect(cluster.requests.toSorted()).toEqual([
    "/apis/apps/v1/namespaces/prod/deployments/jobs",
    "/apis/apps/v1/namespaces/prod/deployments/web",
  ]);
  expect(await kindWith({ status: {} })).toBe("pending");
  expect(await kindWith({ paused: true, status: {} })).toBe("held");
  expect(await kindWith({ status: { ...done, conditions: [stuck] } })).toBe("red");
});
