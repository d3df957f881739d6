// The command CI judges exactly the asked commit, once, in a checkout that is gone afterwards.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandCi } from "../../src/ci/command.ts";
import type { StageVerdict } from "../../src/core/verdict.ts";
import type { Ci } from "../../src/ports.ts";
import {
  commitFile,
  eventually,
  machineDeps,
  makeCheckout,
  run as execute,
  temporaryDirectory,
  testEnvironment,
} from "../support/machine.ts";

const REPO = "acme/shop";

test("a commit that nobody asked about has no verdict, and looking leaves no trace", async () => {
  const { ci, checkout, sha } = openWorld("true");

  const verdict = await ci.readVerdict(REPO, sha);

  expect(verdict).toEqual({ kind: "none", canRequest: true });
  expect(existsSync(join(checkout, ".afk"))).toBe(false);
});

test("a command that passes is green for exactly the commit, and git sees none of it", async () => {
  const world = openWorld("test ! -e later && git rev-parse HEAD > ../seen");
  commitFile(world.checkout, "later", "later\n");
  writeFileSync(join(world.checkout, "README.md"), "dirty\n");

  await world.ci.request(REPO, world.sha);

  const verdict = await verdictOf(world);
  expect(verdict).toMatchObject({ kind: "green", url: null });
  expect(readFileSync(join(world.job, "seen"), "utf8").trim()).toBe(world.sha);
  expect(existsSync(join(world.job, "checkout"))).toBe(false);
  expect(execute(world.checkout, "git", "worktree", "list").split("\n")).toHaveLength(1);
  expect(execute(world.checkout, "git", "status", "--porcelain")).toBe(" M README.md");
});

test("a command that fails is red with the end of its output", async () => {
  const world = openWorld("seq 1 500; echo the cause >&2; exit 5");

  await world.ci.request(REPO, world.sha);

  const verdict = await verdictOf(world);
  if (verdict.kind !== "red") throw new Error(verdict.kind);
  expect(verdict.failures).toMatchObject([{ name: "command", url: null }]);
  const log = verdict.failures[0]?.log ?? "";
  expect(log.split("\n").slice(0, 1)).toEqual(["462"]);
  expect(log).toMatch(/\nthe cause\nThe command ended with exit code 5\.$/);
});

test("a failure with endless lines still has a short log", async () => {
  const world = openWorld("head -c 200000 /dev/zero | tr '\\0' x; exit 1");

  await world.ci.request(REPO, world.sha);

  const verdict = await verdictOf(world);
  expect(Buffer.byteLength(JSON.stringify(verdict))).toBeLessThanOrEqual(8 * 1024);
});

test("a command that takes too long is red and says so", async () => {
  const world = openWorld("sleep 60", { ciMaxSeconds: 0.3 });

  await world.ci.request(REPO, world.sha);

  const verdict = await verdictOf(world);
  expect(verdict).toMatchObject({
    kind: "red",
    failures: [{ log: expect.stringContaining("too long") }],
  });
});

test("a commit is judged once, however often and by however many ticks it is asked for", async () => {
  const witness = join(temporaryDirectory(), "witness");
  const world = openWorld(`echo ran >> ${witness}`);

  await Promise.all([world.ci.request(REPO, world.sha), world.ci.request(REPO, world.sha)]);
  const early = await world.ci.readVerdict(REPO, world.sha);
  await verdictOf(world);
  await world.ci.request(REPO, world.sha);

  expect(["pending", "green"]).toContain(early.kind);
  expect(readFileSync(witness, "utf8")).toBe("ran\n");
  expect(attempts(world)).toEqual(["1"]);
});

test("the command inherits no variable of afk but the commit and its marker", async () => {
  const world = openWorld("env | grep ^AFK_ | sed 's/=.*//' | sort; exit 1", {}, { AFK_STATE_KEY: "secret" });

  await world.ci.request(REPO, world.sha);

  const verdict = await verdictOf(world);
  expect(verdict).toMatchObject({
    failures: [{ log: "AFK_CI_SHA\nAFK_RUN_ID\nThe command ended with exit code 1." }],
  });
});

test("a commit that is only on the remote is fetched", async () => {
  const world = openWorld("test -e newer");
  const remote = join(world.base, "remote");
  execute(world.base, "git", "clone", "-q", world.checkout, remote);
  execute(world.checkout, "git", "remote", "add", "origin", remote);
  const sha = commitFile(remote, "newer", "newer\n");

  await world.ci.request(REPO, sha);

  expect(await verdictOf({ ...world, sha })).toMatchObject({ kind: "green" });
});

test("a commit that cannot be checked out is asked for three times and is then red in git's words", async () => {
  const world = openWorld("true");
  const sha = "1234567890123456789012345678901234567890";

  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect(await world.ci.readVerdict(REPO, sha)).toEqual({ kind: "none", canRequest: true });
    await world.ci.request(REPO, sha);
    await verdictOf({ ...world, sha });
  }

  const verdict = await world.ci.readVerdict(REPO, sha);
  expect(verdict).toMatchObject({ kind: "red" });
  expect(JSON.stringify(verdict)).toMatch(/died 3 times.*fatal: /);
  await world.ci.request(REPO, sha);
  expect(attempts({ ...world, sha })).toEqual(["1", "2", "3"]);
});

test("a job whose processes were killed may be asked for again, in a fresh checkout", async () => {
  const flag = join(temporaryDirectory(), "flag");
  const world = openWorld(`test -e ${flag} || sleep 60`);
  await world.ci.request(REPO, world.sha);
  const { supervisor, child } = await eventually(
    () => statusOf(world),
    (status) => status.child !== null,
  );

  process.kill(supervisor.pid, "SIGKILL");
  process.kill(-(child?.pid ?? 0), "SIGKILL");
  const died = await eventually(
    () => world.ci.readVerdict(REPO, world.sha),
    (verdict) => verdict.kind !== "pending",
  );
  writeFileSync(flag, "");
  await world.ci.request(REPO, world.sha);

  expect(died).toEqual({ kind: "none", canRequest: true });
  expect(await verdictOf(world)).toMatchObject({ kind: "green" });
  expect(execute(world.checkout, "git", "worktree", "list").split("\n")).toHaveLength(1);
});

test("a job that was accepted and never started is started by the next request", async () => {
  const world = openWorld("true");
  await world.ci.request(REPO, world.sha);
  await verdictOf(world);
  rmSync(join(world.job, "status.json"));
  rmSync(join(world.job, "launch.json"));

  const before = await world.ci.readVerdict(REPO, world.sha);
  await world.ci.request(REPO, world.sha);

  expect(before).toEqual({ kind: "none", canRequest: true });
  expect(await verdictOf(world)).toMatchObject({ kind: "green" });
  expect(attempts(world)).toEqual(["1"]);
});

test("a missing checkout and a short commit id are refused", async () => {
  const base = temporaryDirectory();
  const ci = commandCi.create({ AFK_CI_COMMAND: "true" }, machineDeps({ base, repos: [REPO] }));

  await expect(ci.request(REPO, "0".repeat(40))).rejects.toThrow(/check that the directory exists/);
  await expect(ci.readVerdict(REPO, "../../etc")).rejects.toThrow(/no full commit id/);

  expect(readdirSync(base)).toEqual([]);
});

test("the preflight names git, and a missing command is refused with an example", async () => {
  const base = temporaryDirectory();
  mkdirSync(join(base, "acme__shop"));

  const findings = await commandCi.check({ AFK_CI_COMMAND: "true" }, machineDeps({ base, repos: [REPO] }));
  const parsed = commandCi.variables["AFK_CI_COMMAND"]?.parse.safeParse(undefined);

  expect(findings.map((finding) => [finding.on, finding.result])).toEqual([
    ["ci", "ok"],
    ["git", "ok"],
  ]);
  expect(parsed?.error?.issues[0]?.message).toContain("for example");
});

interface World {
  readonly ci: Ci;
  readonly base: string;
  readonly checkout: string;
  readonly sha: string;
  /** The directory of the commit's first job. */
  readonly job: string;
}

function openWorld(
  command: string,
  policy: { readonly ciMaxSeconds?: number } = {},
  environment: Readonly<Record<string, string>> = {},
): World {
  const base = temporaryDirectory();
  const checkout = makeCheckout(join(base, "acme__shop"));
  const sha = execute(checkout, "git", "rev-parse", "HEAD");
  const deps = machineDeps({ base, repos: [REPO], policy, environment: testEnvironment(environment) });
  const job = join(checkout, ".afk", "ci", sha, "1");
  return { ci: commandCi.create({ AFK_CI_COMMAND: command }, deps), base, checkout, sha, job };
}

function verdictOf(world: Pick<World, "ci" | "sha">): Promise<StageVerdict> {
  return eventually(
    () => world.ci.readVerdict(REPO, world.sha),
    (verdict) => verdict.kind !== "pending",
  );
}

function attempts(world: Pick<World, "checkout" | "sha">): readonly string[] {
  return readdirSync(join(world.checkout, ".afk", "ci", world.sha)).toSorted();
}

interface Status {
  readonly supervisor: { readonly pid: number };
  readonly child: { readonly pid: number } | null;
}

function statusOf(world: World): Status {
  const path = join(world.job, "status.json");
  if (!existsSync(path)) return { supervisor: { pid: 0 }, child: null };
  const status: Status = JSON.parse(readFileSync(path, "utf8"));
  return status;
}
