// A supervised job runs exactly once, ends in bounded time, leaves nothing behind and says how it ended.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  JOB_FILES,
  cancelUnclaimed,
  readJobLife,
  type JobExit,
  type JobSpec,
} from "../../src/machine/job.ts";
import { launchSupervisor, placeDirectory } from "../../src/machine/job-directory.ts";
import { findMarked } from "../../src/machine/strays.ts";
import { eventually, temporaryDirectory, testEnvironment } from "../support/machine.ts";

test("a job's output, exit code and times are recorded", async () => {
  const job = await placeJob({ command: shell("echo out; echo problem >&2; exit 7") });

  await launch(job);

  expect(await exitOf(job)).toEqual({ code: 7, signal: null, stoppedBy: null });
  expect(read(job, "stdout.log")).toBe("out\n");
  expect(read(job, "stderr.log")).toBe("problem\n");
  const life = await readJobLife(job);
  expect(life).toMatchObject({
    kind: "exited",
    status: { phase: "exited", supervisor: { pid: expect.any(Number) } },
  });
});

test("of several supervisors for one job exactly one runs it", async () => {
  const job = await placeJob({ command: shell("echo once >> ../witness") });

  await Promise.all([launch(job), launch(job), launch(job)]);
  await exitOf(job);
  await launch(job);
  await eventually(
    () => supervisorsOf(job),
    (pids) => pids.length === 0,
  );

  expect(read(job, "../witness")).toBe("once\n");
});

test("preparation runs first, and its failure keeps the command from running", async () => {
  const job = await placeJob({
    prepare: [
      step("echo first >> ../order"),
      step("echo fatal: no luck >&2; exit 4"),
      step("echo third >> ../order"),
    ],
    command: shell("echo command >> ../order"),
    cleanup: [step("echo cleanup >> ../order")],
  });

  await launch(job);

  const exit = await exitOf(job);
  expect(exit.prepareError).toMatch(/failed with code 4: fatal: no luck$/);
  expect(read(job, "../order")).toBe("first\ncleanup\n");
});

test("a step that may fail stops nothing", async () => {
  const job = await placeJob({ prepare: [{ ...step("exit 1"), mayFail: true }], command: shell("echo ran") });

  await launch(job);

  expect(await exitOf(job)).toMatchObject({ code: 0 });
  expect(read(job, "stdout.log")).toBe("ran\n");
});

test("a step is tried as often as it says, and no more often", async () => {
  const count = "echo try >> ../tries; test $(wc -l < ../tries) -ge 3";
  const enough = await placeJob({ prepare: [{ ...step(count), tries: 3 }], command: shell("echo ran") });
  const few = await placeJob({ prepare: [{ ...step(count), tries: 2 }], command: shell("echo ran") });

  await Promise.all([launch(enough), launch(few)]);

  expect(await exitOf(enough)).toMatchObject({ code: 0 });
  expect((await exitOf(few)).prepareError).toContain("failed with code 1");
  expect([read(enough, "stdout.log"), read(few, "stdout.log")]).toEqual(["ran\n", ""]);
  expect(read(few, "../tries")).toBe("try\ntry\n");
});

test("a program or a directory that is not there is a reason, not a crash", async () => {
  const program = await placeJob({ command: ["no-such-program"] });
  const directory = await placeJob({ cwd: "/no/such/directory" });

  await launch(program);
  await launch(directory);

  expect((await exitOf(program)).spawnError).toContain("'no-such-program' was not found");
  expect((await exitOf(directory)).spawnError).toContain("/no/such/directory");
});

test("the time limit ends a job", async () => {
  const job = await placeJob({ command: shell("exec sleep 60"), timeLimitSeconds: 0.3 });

  await launch(job);

  expect(await exitOf(job)).toMatchObject({ code: null, stoppedBy: "timeout" });
});

test("a command that ignores interrupts is ended after its grace", async () => {
  const job = await placeJob({
    command: shell("trap '' INT TERM; echo up; while :; do sleep 0.05; done"),
    graceSeconds: 0.1,
  });
  await launch(job);
  await eventually(
    () => read(job, "stdout.log"),
    (text) => text.includes("up"),
  );

  writeFileSync(join(job, JOB_FILES.stop), "");

  expect(await exitOf(job)).toMatchObject({ signal: "SIGKILL", stoppedBy: "interrupted" });
});

test("a stop file alone stops a job, and the command may clean up", async () => {
  const job = await placeJob({
    command: shell("trap 'echo bye; exit 0' INT; echo up; while :; do sleep 0.05; done"),
  });
  await launch(job);
  await eventually(
    () => read(job, "stdout.log"),
    (text) => text.includes("up"),
  );

  writeFileSync(join(job, JOB_FILES.stop), "");

  expect(await exitOf(job)).toMatchObject({ code: 0, stoppedBy: "interrupted" });
  expect(read(job, "stdout.log")).toContain("bye");
});

test("a hang-up changes nothing, and being told to end without a stop file is recorded as such", async () => {
  const job = await placeJob({ command: shell("echo up; exec sleep 60") });
  await launch(job);
  await eventually(
    () => read(job, "stdout.log"),
    (text) => text.includes("up"),
  );
  const { pid } = recorded(job).supervisor;

  process.kill(pid, "SIGHUP");
  await pause(200);
  const afterHangUp = await readJobLife(job);
  process.kill(pid, "SIGTERM");

  expect(afterHangUp.kind).toBe("running");
  expect(await exitOf(job)).toMatchObject({ signal: "SIGINT", stoppedBy: "terminated" });
});

test("what a command left running in another session is ended after a normal exit", async () => {
  const job = await placeJob({ command: shell("setsid sleep 60 >/dev/null 2>&1 & sleep 0.1; exit 0") });

  await launch(job);

  expect(await exitOf(job)).toMatchObject({ code: 0, stoppedBy: null });
  expect(await findMarked({ AFK_RUN_ID: job })).toEqual([]);
});

test("a cancelled job never starts, and a claimed one cannot be cancelled", async () => {
  const cancelled = await placeJob({ command: shell("echo ran >> ../witness") });
  const claimed = await placeJob({ command: shell("true") });

  const first = await cancelUnclaimed(cancelled);
  await launch(cancelled);
  await launch(claimed);
  await exitOf(claimed);
  const second = await cancelUnclaimed(claimed);

  expect([first, second]).toEqual([true, false]);
  expect(await exitOf(cancelled)).toMatchObject({ code: null, stoppedBy: "interrupted" });
  expect(existsSync(join(cancelled, "..", "witness"))).toBe(false);
});

test("too much output is cut to its beginning and its end", async () => {
  const job = await placeJob({
    command: shell(
      "echo first; yes filler | head -c 400000; echo last; until [ $(wc -c < stdout.log) -lt 100000 ]; do sleep 0.05; done",
    ),
    maxLogBytes: 100_000,
  });

  await launch(job);

  await exitOf(job);
  const output = read(job, "stdout.log");
  expect(output.length < 100_000).toBe(true);
  const lines = output
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "filler");
  expect(lines[0]).toBe("first");
  expect(lines.join("\n")).toMatch(/\[afk cut \d+ bytes of output here\]/);
  expect(lines.at(-1)).toMatch(/last$/);
});

test("of many that place one directory exactly one gets it, with its own content", async () => {
  const target = join(temporaryDirectory(), "place");
  const names = ["a", "b", "c", "d"];

  const answers = await Promise.all(names.map((name) => placeDirectory(target, { name })));

  expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
  expect(readFileSync(join(target, "name"), "utf8")).toBe(names[answers.indexOf("created")]);
});

function shell(script: string): string[] {
  return ["sh", "-c", script];
}

function step(script: string): JobSpec["prepare"][number] {
  return { argv: shell(script), cwd: "", mayFail: false, tries: 1 };
}

async function placeJob(part: Partial<JobSpec>): Promise<string> {
  const base = temporaryDirectory();
  const directory = join(base, "job");
  const here = (one: JobSpec["prepare"][number]) => ({ ...one, cwd: directory });
  const spec: JobSpec = {
    marker: { AFK_RUN_ID: directory },
    command: shell("true"),
    cwd: directory,
    stdin: null,
    stdout: "stdout.log",
    stderr: "stderr.log",
    environment: {},
    timeLimitSeconds: 60,
    graceSeconds: 1,
    maxLogBytes: 1_000_000,
    ...part,
    prepare: (part.prepare ?? []).map(here),
    cleanup: (part.cleanup ?? []).map(here),
  };
  await placeDirectory(directory, { [JOB_FILES.spec]: JSON.stringify(spec) });
  return directory;
}

function launch(job: string): Promise<void> {
  return launchSupervisor(job, testEnvironment());
}

async function exitOf(job: string): Promise<JobExit> {
  const life = await eventually(
    () => readJobLife(job),
    (seen) => seen.kind === "exited" || seen.kind === "died",
  );
  if (life.kind !== "exited") throw new Error("The job died.");
  return life.exit;
}

function read(job: string, name: string): string {
  const path = join(job, name);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** The processes that were started to supervise a job and have not ended. */
function supervisorsOf(job: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`supervisor.ts\0${job}\0`);
    } catch {
      // It has ended since, or it is no process.
      return false;
    }
  });
}

function recorded(job: string): { readonly supervisor: { readonly pid: number } } {
  const status: { readonly supervisor: { readonly pid: number } } = JSON.parse(read(job, JOB_FILES.status));
  return status;
}
