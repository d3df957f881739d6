// Every single value of every answer of every server is exchanged for a hostile one, and so are whole answers and headers.
import { describe, expect, it } from "vitest";
import { woodpeckerCi } from "../../src/ci/woodpecker.ts";
import { kubernetesStage } from "../../src/ci/kubernetes.ts";
import { AfkError } from "../../src/errors.ts";
import type { Ci } from "../../src/ports.ts";
import { REPO, settingsOf, SHA, stageDeps } from "../support/ci.ts";
import { checkRun, status } from "../support/github/checks.ts";
import { deployment, openKubernetes } from "../support/kubernetes/server.ts";
import { openWoodpecker, WOODPECKER_TOKEN, workflow } from "../support/woodpecker/server.ts";
import { CORPUS } from "./corpus.ts";
import { hostileWorld, type HostileWorld, leaks, ranProblems, READY } from "./world.ts";

/** What may stand where text was expected. */
const ODD: readonly unknown[] = [null, true, -1, 1e308, [], {}, [[[[]]]], { ["__proto__"]: 1 }];

/** The n-th value: mostly texts, now and then another type. */
function hostileValue(n: number): unknown {
  return n % 4 === 3 ? ODD[(n >> 2) % ODD.length] : CORPUS[(n * 7) % CORPUS.length]?.text;
}

/** Puts a value in the place of the leaf with this number; gives back how many leaves there are. */
function exchange(
  value: unknown,
  leaf: number,
  hostile: unknown,
): { readonly value: unknown; readonly leaves: number } {
  let seen = 0;
  function walk(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === "object" && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
    seen += 1;
    return seen === leaf ? hostile : node;
  }
  const changed = walk(value);
  return { value: changed, leaves: seen };
}

/** Exchanges one leaf, counted over all JSON answers. */
class Exchanger {
  leaf: number | null = null;
  hostile: unknown = null;
  seen = 0;

  start(leaf: number | null, hostile: unknown): void {
    Object.assign(this, { leaf, hostile, seen: 0 });
  }

  async answer(response: Response): Promise<Response> {
    const text = await response.text();
    const { status: code, headers } = response;
    if (text === "" || code === 204) return response;
    const { value, leaves } = exchange(JSON.parse(text), (this.leaf ?? 0) - this.seen, this.hostile);
    this.seen += leaves;
    return new Response(JSON.stringify(value), { status: code, headers });
  }
}

/** A run whose commit is red, with everything that can be said about it, and a second issue that is ready. */
async function redWorld(): Promise<HostileWorld> {
  const world = hostileWorld();
  const { github, t3 } = world;
  github.open({ title: "First", body: "Blocked by #2", labels: [READY, "priority:1"] });
  github.open({ title: "Second", labels: [READY] });
  github.close(2);
  await world.run("poll");
  const [turn] = t3.store.agents.turns;
  const sha = github.push(`Work\n\nAFK-Run: ${turn?.threadId}\nRefs #1\n`);
  const output = { title: "t", summary: "s", notes: ["n"] };
  github.setChecks(sha, [
    checkRun({ conclusion: "FAILURE", output }),
    checkRun({ name: "ok" }),
    status({ state: "FAILURE" }),
  ]);
  t3.store.agents.finish(turn?.threadId ?? "", "Done.");
  github.open({ title: "Third", labels: [READY] });
  github.comment(1, "A comment.");
  github.state.now += 400_000;
  return world;
}

async function everyLeaf(world: HostileWorld, ...argv: readonly string[]): Promise<readonly string[]> {
  const exchanger = new Exchanger();
  world.between = async (_, honest) => exchanger.answer(await honest());
  const { now } = world.github.state;
  exchanger.start(null, null);
  await world.run(...argv);
  const leaves = exchanger.seen;
  expect(leaves).toBeGreaterThan(40);
  const problems: string[] = [];
  // Half a character is what encoders of addresses give up on.
  const tries = Array.from({ length: leaves }, (_, index) => index + 1).flatMap((leaf) => [
    { leaf, hostile: hostileValue(leaf) },
    { leaf, hostile: "\ud800" },
  ]);
  for (const { leaf, hostile } of tries) {
    world.github.state.now = now;
    exchanger.start(leaf, hostile);
    const found = await ranProblems(world, ...argv);
    problems.push(
      ...found.map((problem) => `leaf ${leaf} as ${JSON.stringify(hostile)?.slice(0, 60)}: ${problem}`),
    );
  }
  return problems;
}

/** A repo or an address of the answer that was exchanged may be named back to the same server; no secret may. */
function isOurs(problem: string): boolean {
  return !problem.includes("is not documented");
}

describe("an answer of GitHub or T3", () => {
  it.each(["poll", "watch"])(
    "with one hostile value cannot make %s fail as a bug or speak on two lines",
    async (command) => {
      const world = await redWorld();

      const problems = await everyLeaf(world, command, "--dry-run", "--json");

      expect(problems.filter(isOurs)).toEqual([]);
    },
  );

  it("that is hostile as a whole is a gap, whatever its status", async () => {
    const world = await redWorld();
    const problems: string[] = [];
    for (const [index, { text, name }] of CORPUS.entries()) {
      const code = [200, 401, 403, 404, 422, 429, 500, 503][index % 8] ?? 200;
      world.between = async (request, honest) =>
        request.url.includes(":1/") === (index % 3 === 0)
          ? new Response(text, { status: code, headers: JSON_TYPE })
          : honest();
      const argv = [index % 2 === 0 ? "poll" : "watch", "--dry-run", ...(index % 4 < 2 ? ["--json"] : [])];
      problems.push(...(await ranProblems(world, ...argv)).map((problem) => `${name} ${code}: ${problem}`));
    }

    expect(problems).toEqual([]);
  });

  it("with hostile headers is only read as what they may say", async () => {
    const world = await redWorld();
    const problems: string[] = [];
    const values = CORPUS.filter(({ text }) => isHeader(text));
    expect(values.length).toBeGreaterThan(200);
    for (const [index, { text, name }] of values.entries()) {
      const header = HEADERS[index % HEADERS.length] ?? "";
      const code = [200, 403, 429, 503][index % 4] ?? 200;
      world.between = async (_, honest) => {
        const answer = await honest();
        const limited = index % 2 === 0 ? { "x-ratelimit-remaining": "0" } : {};
        const headers = { ...Object.fromEntries(answer.headers), ...limited, [header]: text };
        return new Response(await answer.text(), { status: code, headers });
      };
      problems.push(
        ...(await ranProblems(world, "poll", "--dry-run", "--json")).map(
          (problem) => `${name} ${header}: ${problem}`,
        ),
      );
    }

    expect(problems).toEqual([]);
  });

  it("that quotes our token back shows it to nobody", async () => {
    const world = await redWorld();
    const problems: string[] = [];
    for (const code of [200, 400, 401, 403, 404, 422, 429, 500]) {
      world.between = async (request) => {
        const said = `Bad credentials: ${request.headers.get("authorization")}`;
        const body = {
          message: said,
          reason: said,
          error: said,
          errors: [{ message: said, type: said }],
          _tag: said,
        };
        return new Response(JSON.stringify(body), { status: code, headers: JSON_TYPE });
      };
      for (const argv of [["poll"], ["watch", "--json"], ["watch", "--check"], ["poll", "--check", "--json"]])
        problems.push(
          ...(await world
            .run(...argv)
            .then(({ stdout, stderr }) =>
              leaks(stdout + stderr).length > 0 ? [`${code} ${argv.join(" ")}`] : [],
            )),
        );
    }

    expect(problems).toEqual([]);
  });
});

const JSON_TYPE = { "content-type": "application/json" };
const HEADERS = [
  "retry-after",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "x-ratelimit-resource",
  "content-type",
  "location",
  "date",
  "content-encoding",
];

/** What can stand in a header at all: the transport refuses the rest. */
function isHeader(text: string): boolean {
  try {
    return text.length < 10_000 && new Headers({ x: text }).has("x");
  } catch {
    return false;
  }
}

/** Asks a stage once for each leaf of its answers; anything but a verdict or an AfkError is a bug. */
async function stageProblems(
  transport: typeof fetch,
  make: (fetcher: typeof fetch) => Ci,
): Promise<readonly string[]> {
  const exchanger = new Exchanger();
  const ask = async (): Promise<string | null> => {
    const ci = make(async (input, init) => exchanger.answer(await transport(input, init)));
    try {
      await ci.readVerdict(REPO, SHA);
      return null;
    } catch (error) {
      return error instanceof AfkError ? null : String(error);
    }
  };
  exchanger.start(null, null);
  const problems = [await ask()];
  const leaves = exchanger.seen;
  expect(leaves).toBeGreaterThan(15);
  for (let leaf = 1; leaf <= leaves; leaf += 1)
    for (let variant = 0; variant < 8; variant += 1) {
      exchanger.start(leaf, hostileValue(leaf * 8 + variant));
      problems.push(await ask());
    }
  return problems.filter((problem) => problem !== null);
}

describe("an answer with one hostile value", () => {
  it("of Woodpecker gives a verdict or a sentence", async () => {
    const server = await openWoodpecker();
    const failed = workflow("test", "failure", { build: "success", unit: "failure" });
    server.add({ commit: SHA, status: "failure", workflows: [failed] });
    server.logs.set(901, ["expected 3", "got 4"]);
    const settings = settingsOf(woodpeckerCi, {
      AFK_WOODPECKER_URL: server.url,
      AFK_WOODPECKER_TOKEN: WOODPECKER_TOKEN,
    });

    const problems = await stageProblems(fetch, (fetcher) =>
      woodpeckerCi.create(settings, stageDeps({ fetch: fetcher })),
    );

    expect(problems).toEqual([]);
  });

  it("of Kubernetes gives a verdict or a sentence", async () => {
    const cluster = await openKubernetes();
    cluster.deployments.set(
      "prod/web",
      deployment({ image: `registry.local:5000/acme/web:main-${SHA.slice(0, 7)}` }),
    );
    const stage = kubernetesStage(cluster.serviceAccount);
    const settings = settingsOf(stage, { AFK_ROLLOUT: `${REPO}=prod/web` });

    const problems = await stageProblems(cluster.fetch, (fetcher) =>
      stage.create(settings, stageDeps({ environment: cluster.environment, fetch: fetcher })),
    );

    expect(problems).toEqual([]);
  });
});
