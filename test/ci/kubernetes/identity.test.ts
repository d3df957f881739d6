// An old Deployment is always done, so it must name our commit before its state counts.
import { describe, expect, test } from "vitest";
import { namesCommit } from "../../../src/ci/kubernetes/identity.ts";
import { NEWER, REPO, SHA } from "../../support/ci.ts";
import { failureOf } from "../../support/failure.ts";
import { fc } from "../../support/fast-check.ts";
import { deployment } from "../../support/kubernetes/server.ts";
import { imageOf, openWorld, verdictOn } from "./support.ts";

test.each([
  SHA,
  SHA.slice(0, 7),
  `sha-${SHA.slice(0, 12)}`,
  `main_${SHA.slice(0, 8)}.20261120`,
  `v1.2.0-5-g${SHA.slice(0, 7)}`,
  `${SHA.slice(0, 9)}@sha256:${"ab".repeat(32)}`,
])("an image with the tag %s is ours", async (tag) => {
  expect(await verdictOn({ image: `registry.local:5000/acme/web:${tag}` })).toEqual({
    kind: "green",
    message: "prod/web runs 3f786850e387",
    url: null,
  });
});

test.each([
  ["an older commit", imageOf(NEWER)],
  ["too few digits", `acme/web:${SHA.slice(0, 6)}`],
  ["no tag", "registry.local:5000/acme/web"],
  ["a constant tag", "acme/web:latest"],
  ["only a digest", `acme/web@sha256:${SHA}${"0".repeat(24)}`],
  ["the commit in the path", `acme/${SHA}/web:v1`],
  ["digits from the commit's middle", `acme/web:${SHA.slice(5, 20)}`],
  ["a longer number that begins like it", `acme/web:${SHA}0`],
])("an image with %s is not ours, although the Deployment is done", async (_, image) => {
  const verdict = await verdictOn({ image });

  expect(verdict.kind).toBe("pending");
  expect(verdict).toMatchObject({ message: expect.stringContaining(image.slice(0, 20)) });
});

describe.each(["afk.dev/commit", "org.opencontainers.image.revision", "app.kubernetes.io/version"])(
  "%s",
  (key) => {
    test.each(["labels", "annotations", "templateLabels", "templateAnnotations"] as const)(
      "counts among the %s",
      async (place) => {
        expect(await verdictOn({ [place]: { [key]: SHA } })).toMatchObject({ kind: "green" });
        expect(await verdictOn({ [place]: { [key]: NEWER } })).toMatchObject({ kind: "pending" });
      },
    );
  },
);

test("another label or annotation proves nothing", async () => {
  expect(await verdictOn({ annotations: { "kubernetes.io/change-cause": SHA } })).toMatchObject({
    kind: "pending",
  });
});

describe("containers", () => {
  const containers = [
    { name: "proxy", image: "envoy:v1.31" },
    { name: "web", image: imageOf(SHA) },
  ];

  test("any of them may name the commit", async () => {
    expect(await verdictOn({ containers })).toMatchObject({ kind: "green" });
  });

  test("only the named one counts where one is named", async () => {
    expect(await verdictOn({ containers }, `${REPO}=prod/web/web`)).toMatchObject({ kind: "green" });
    expect(await verdictOn({ containers }, `${REPO}=prod/web/proxy`)).toMatchObject({ kind: "pending" });
  });

  test("each of several named ones counts, for one request", async () => {
    const { cluster, ci } = await openWorld(`${REPO}=prod/web/web ${REPO}=prod/web/worker`);
    const worker = { name: "worker", image: imageOf(NEWER) };
    cluster.deployments.set("prod/web", deployment({ containers: [...containers, worker] }));

    expect(await ci.readVerdict(REPO, SHA)).toMatchObject({ kind: "pending" });
    expect(cluster.requests).toHaveLength(1);
  });

  test("one that is not there is a mistake in AFK_ROLLOUT, whatever else names the commit", async () => {
    const failure = await failureOf(
      verdictOn({ annotations: { "afk.dev/commit": SHA } }, `${REPO}=prod/web/app`),
    );

    expect([failure.kind, failure.message]).toEqual([
      "config",
      "The Deployment prod/web has no container 'app': correct AFK_ROLLOUT.",
    ]);
  });
});

test("a text names a commit exactly when a part of it is at least 7 of its first digits", () => {
  const hex = fc.stringMatching(/^[0-9a-f]{40}$/);

  fc.assert(
    fc.property(
      hex,
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom("v1-", "release_", "x."),
      (sha, length, before) => {
        expect(namesCommit(`${before}${sha.slice(0, length)}-linux`, sha)).toBe(length >= 7);
        expect(namesCommit(`${before}${sha.slice(0, length)}z`, sha)).toBe(false);
        expect(namesCommit(`${before}0${sha.slice(1, 1 + length)}`, `1${sha.slice(1)}`)).toBe(false);
      },
    ),
  );
});
