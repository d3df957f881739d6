// The stages together, from the configuration to one verdict: AFK_CI=github,woodpecker,kubernetes.
import { expect, test } from "vitest";
import { defineAdapter, type Adapter } from "../../src/adapter.ts";
import { stages } from "../../src/ci/index.ts";
import { kubernetesStage } from "../../src/ci/kubernetes.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { foldVerdict, type StageVerdict, type Verdict } from "../../src/core/verdict.ts";
import { readStages } from "../../src/observe/runs.ts";
import type { Ci } from "../../src/ports.ts";
import type { Tools } from "../../src/tools.ts";
import { REPO, SHA, stageDeps } from "../support/ci.ts";
import { deployment, openKubernetes, type KubernetesDouble } from "../support/kubernetes/server.ts";
import { quietRegistries } from "../support/quiet-adapters.ts";
import { openWoodpecker, WOODPECKER_TOKEN, type WoodpeckerDouble } from "../support/woodpecker/server.ts";

const GREEN: StageVerdict = { kind: "green", message: "2 checks passed", url: null };
const RED: StageVerdict = { kind: "red", failures: [{ name: "lint", url: null, log: "" }] };

const ENABLED = { AFK_KILL_SWITCH: "false", AFK_ALLOWLIST: REPO, AFK_TRACKER: "other", AFK_STATE_KEY: "k" };

interface World {
  readonly woodpecker: WoodpeckerDouble;
  readonly cluster: KubernetesDouble;
  readonly verdict: () => Promise<Verdict>;
}

async function openWorld(github: StageVerdict): Promise<World> {
  const woodpecker = await openWoodpecker();
  const cluster = await openKubernetes();
  const loaded = await loadConfig({
    environment: {
      ...ENABLED,
      AFK_CI: "github,woodpecker,kubernetes",
      AFK_WOODPECKER_URL: woodpecker.url,
      AFK_WOODPECKER_TOKEN: WOODPECKER_TOKEN,
      AFK_ROLLOUT: `${REPO}=prod/web`,
    },
    cwd: "/nowhere",
    envFile: null,
    command: "watch",
    check: false,
    registries: {
      ...quietRegistries(),
      stages: {
        ...stages,
        github: async () => saying(github),
        kubernetes: async () => kubernetesStage(cluster.serviceAccount),
      },
    },
  });
  if (loaded.kind !== "ready") throw new Error(loaded.disabled.message);
  const deps = stageDeps({
    environment: cluster.environment,
    fetch: (input, init) =>
      new Request(input).url.startsWith("https:") ? cluster.fetch(input, init) : fetch(input, init),
  });
  const made = loaded.config.ci.map(({ kind, adapter, settings }) => ({
    name: kind,
    ci: adapter.create(settings, deps),
  }));
  const tools = { stages: made } as unknown as Tools;
  return { woodpecker, cluster, verdict: async () => foldVerdict(await readStages(tools, REPO, SHA)) };
}

function saying(verdict: StageVerdict): Adapter<Ci> {
  return defineAdapter({
    variables: {},
    create: (): Ci => ({ readVerdict: async () => verdict, request: async () => undefined }),
    check: async () => [],
  });
}

test("all three green is green, in one sentence that names what each saw", async () => {
  const { woodpecker, cluster, verdict } = await openWorld(GREEN);
  woodpecker.add({ commit: SHA, status: "success" });
  cluster.deployments.set("prod/web", deployment({ image: `acme/web:${SHA}` }));

  expect(await verdict()).toEqual({
    kind: "green",
    message: "2 checks passed; Woodpecker pipeline #1 of 3f786850e387 passed; prod/web runs 3f786850e387",
    stages: ["github", "woodpecker", "kubernetes"],
  });
});

test("a built commit that is not deployed yet is pending at the rollout", async () => {
  const { woodpecker, cluster, verdict } = await openWorld(GREEN);
  woodpecker.add({ commit: SHA, status: "success" });
  cluster.deployments.set("prod/web", deployment());

  expect(await verdict()).toMatchObject({
    kind: "pending",
    why: "running",
    stage: "kubernetes",
    stages: ["github", "woodpecker"],
  });
});

test("a red stage ends the folding, and the later ones are not asked", async () => {
  const first = await openWorld(RED);
  const second = await openWorld(GREEN);
  second.woodpecker.add({ commit: SHA, status: "failure" });

  expect(await first.verdict()).toMatchObject({ kind: "red", stage: "github" });
  expect(await second.verdict()).toMatchObject({ kind: "red", stage: "woodpecker" });
  expect(first.woodpecker.requests).toEqual([]);
  expect(second.cluster.requests).toEqual([]);
});

test("a stage that cannot be read is unknown, and never green", async () => {
  const { woodpecker, verdict } = await openWorld(GREEN);
  woodpecker.fault = () => ({ status: 502, body: "" });

  expect(await verdict()).toMatchObject({ kind: "unknown", stage: "woodpecker" });
});

test("what the stages miss in the configuration is told at once", async () => {
  const loading = loadConfig({
    environment: { ...ENABLED, AFK_CI: "woodpecker,kubernetes" },
    cwd: "/nowhere",
    envFile: null,
    command: "watch",
    check: false,
    registries: { ...quietRegistries(), stages },
  });

  const failure = await loading.catch((error: unknown) => error);
  const problems = failure instanceof ConfigError ? failure.problems : [];
  expect(problems.map(({ variable }) => variable)).toEqual([
    "AFK_WOODPECKER_URL",
    "AFK_WOODPECKER_TOKEN",
    "AFK_ROLLOUT",
  ]);
});
