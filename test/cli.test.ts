// The command line from outside: exit codes, streams, the one document, and how a tick ends early.
import { expect, test } from "vitest";
import type { Finding } from "../src/adapter.ts";
import type { IssueList } from "../src/core/issue.ts";
import { AfkError } from "../src/errors.ts";
import { afk, ENABLED, manualClock } from "./support/command-line.ts";
import { quietRegistries } from "./support/quiet-adapters.ts";

const environment = ENABLED;

test("without any configuration poll says by which two switches it is disabled and asks nobody", async () => {
  const ran = await afk("poll");

  expect(ran).toMatchObject({ code: 0, stderr: "", fetches: 0 });
  expect(ran.stdout).toMatch(/^poll: disabled: AFK_KILL_SWITCH is on .*AFK_ALLOWLIST is empty.*\n$/);
});

function broken(): Promise<never> {
  return Promise.reject(new Error("loaded"));
}

test("a disabled tick loads no adapter", async () => {
  const families = { local: broken, process: broken, command: broken };

  const registries = { trackers: families, executors: families, stages: families, notifiers: families };

  expect((await afk("poll --json", { registries })).code).toBe(0);
  expect((await afk("poll", { registries, environment })).code).toBe(1);
});

test("help shows both commands, three examples, the exit codes and the adapters there are", async () => {
  for (const words of ["--help", "poll --help", "watch -h"]) {
    const ran = await afk(words);

    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout.match(/^ {2}afk (poll|watch) --/gm)).toHaveLength(3);
    expect(ran.stdout).toMatch(/^ {2}3 {2}something was unreachable/m);
    expect(ran.stdout).toMatch(/^ {2}AFK_TRACKER +local \| other$/m);
  }
});

test("the version is that of the package", async () => {
  expect(await afk("--version")).toMatchObject({ code: 0, stdout: "0.1.0\n", stderr: "" });
});

test.each([
  ["", "No command"],
  ["pol", "Did you mean poll?"],
  ["poll --bogus", "--bogus"],
  ["poll extra", "too many arguments"],
  ["poll -v -q", "cannot be used with"],
  ["poll --issue acme/api", "expected owner/name#number"],
  ["watch --repo acme", "expected owner/name"],
  ["poll --env-file", "argument missing"],
  ["help", "unknown command 'help'"],
])("'afk %s' is a usage error", async (words, said) => {
  const ran = await afk(words);

  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(ran.stderr).toContain(said);
});

test.each([
  ["poll --json", 0],
  ["poll --json --help", 0],
  ["poll --json --bogus", 2],
  ["--json", 2],
  ["watch --json --env-file /nowhere/x", 2],
])("'afk %s' prints exactly one document", async (words, code) => {
  const ran = await afk(words);
  const document: unknown = JSON.parse(ran.stdout);

  expect(ran.code).toBe(code);
  expect(ran.stdout.trimEnd()).not.toContain("\n");
  expect(document).toMatchObject({
    schema: 1,
    at: "2026-11-21T08:00:00.000Z",
    dryRun: false,
    decisions: [],
    outcomes: [],
    gaps: [],
    requests: { total: 0, tracker: 0, executor: 0, ci: 0, notifier: 0 },
    ...(code === 0 ? {} : { error: { kind: "config" } }),
  });
});

test("a quiet tick never ends in silence", async () => {
  for (const words of ["poll", "watch", "poll --dry-run"]) {
    const ran = await afk(words, { environment: { ...environment } });

    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^(poll|watch).*: nothing to do, 0 requests\.\n$/);
  }
});

test("on a terminal the first sign of life comes before the first request", async () => {
  const ran = await afk("poll", { environment, isTTY: true });

  expect(ran.stderr).toBe("afk: poll: reading 1 repo …\n");
});

test("a tracker that cannot be reached is a gap and ends with code 3", async () => {
  const away = new AfkError("transport", "The tracker is away.");
  const registries = quietRegistries({ tracker: { listIssues: () => Promise.reject(away) } });

  const ran = await afk("poll --json", { environment, registries });

  expect(ran.code).toBe(3);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    gaps: [{ kind: "transport", message: "The tracker is away." }],
  });
});

test("asked to end, the command waits ten seconds for what is under way and no longer than twelve", async () => {
  const clock = manualClock();
  const asked = Promise.withResolvers<undefined>();
  const terminators: (() => void)[] = [];
  const listIssues = () => {
    asked.resolve(undefined);
    return new Promise<never>(() => undefined);
  };
  const running = afk("watch", {
    environment,
    clock,
    registries: quietRegistries({ tracker: { listIssues } }),
    terminated: (listener) => void terminators.push(listener),
  });
  await asked.promise;

  for (const terminate of terminators) terminate();
  await clock.advance(10_000);
  await clock.advance(2_000);
  const ran = await running;

  expect(ran.code).toBe(3);
  expect(ran.stderr).toContain("Asked to end");
});

test("the time of a tick is limited by AFK_TICK_MAX_SECONDS", async () => {
  const clock = manualClock();
  const asked = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<IssueList>();
  const listIssues = () => {
    asked.resolve(undefined);
    return answer.promise;
  };
  const running = afk("poll --json", {
    environment: { ...environment, AFK_TICK_MAX_SECONDS: "5" },
    clock,
    registries: quietRegistries({ tracker: { listIssues } }),
  });
  await asked.promise;

  await clock.advance(5_000);
  answer.resolve({ issues: [], gaps: [], renamed: [], limited: null });
  const ran = await running;

  expect(ran.code).toBe(3);
  expect(JSON.parse(ran.stdout)).toMatchObject({ interrupted: true });
});

test("a bug is one sentence, and its stack is only shown under -v", async () => {
  const failing = {
    ...quietRegistries(),
    executors: { process: () => Promise.reject(new TypeError("oops")) },
  };

  const short = await afk("poll", { environment, registries: failing });
  const long = await afk("poll -v", { environment, registries: failing });

  expect(short).toMatchObject({ code: 1, stderr: "afk: error: afk has a bug: TypeError: oops\n" });
  expect(
    long.stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toContainEqual(
    expect.objectContaining({ level: "error", stack: expect.stringContaining("cli.test.ts") as unknown }),
  );
});

test("in a cluster every line on stderr is one JSON record", async () => {
  const inCluster = {
    ...environment,
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    AFK_STALL_SECONDS: "a\nb",
    AFK_HALT: "?",
  };

  const ran = await afk("watch", { environment: inCluster });

  const records = ran.stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(records).toHaveLength(2);
  expect(records[0]).toMatchObject({ time: "2026-11-21T08:00:00.000Z", level: "error" });
});

test("--check tells every finding, also of a disabled configuration, and ends with the worst", async () => {
  const findings: readonly Finding[] = [
    { on: "local", result: "transport", message: "Away." },
    { on: "local", result: "config", message: "No label." },
  ];
  const registries = quietRegistries({ findings });

  const text = await afk("poll --check", { environment: { AFK_ALLOWLIST: "local/nowhere" }, registries });
  const json = await afk("poll --check --json", { environment });
  const quiet = await afk("poll --check -q", { environment, registries });

  expect(text.code).toBe(2);
  expect(text.stdout).toMatch(/^warning: switches: AFK_KILL_SWITCH is on/m);
  expect(text.stdout).toMatch(/^warning: AFK_STATE_KEY: /m);
  expect(text.stdout).toMatch(/^wrong: local: No label\.\n/m);
  expect(text.stdout).toMatch(/\ncheck: 2 problems, 2 warnings\.\n$/);
  expect(json.code).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject({
    findings: expect.arrayContaining([{ on: "process", result: "ok", message: "Works." }]) as unknown,
  });
  expect(quiet.stdout).toBe("unreachable: local: Away.\nwrong: local: No label.\n");
});

test("--check judges everything although the tick is disabled", async () => {
  const ran = await afk("poll --check", { environment: { AFK_MAX_PER_REPO: "2", AFK_STALL_SECONDS: "x" } });

  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("AFK_STALL_SECONDS");
});

test("several lanes with an executor that cannot isolate them end with code 2, tick or check", async () => {
  const lanes = { ...environment, AFK_MAX_PER_REPO: "2" };

  for (const words of ["poll", "poll --check"]) {
    const ran = await afk(words, { environment: lanes });

    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("AFK_MAX_PER_REPO: found 2; expected 1");
  }
});

test("a selected repo outside the allowlist is pointed out", async () => {
  const ran = await afk("poll --repo Acme/Api --issue local/nowhere#7", { environment });

  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("acme/api hold (not_allowlisted): The repo is not in AFK_ALLOWLIST");
});
