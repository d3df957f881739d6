// What is particular to runs that are processes of this machine: worktrees, environments, agents and evidence.
import { existsSync, readFileSync, readdirSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureOf } from "../../support/failure.ts";
import {
  commitFile,
  eventually,
  machineDeps,
  makeCheckout,
  run as execute,
  temporaryDirectory,
} from "../../support/machine.ts";
import {
  REPO,
  THREAD,
  begin,
  ended,
  executorOf,
  newThread,
  newTurn,
  openProcessWorld,
  readThread,
} from "./support.ts";

test("the agent works on a branch and in a worktree of its own, and a dirty checkout stays as it is", async () => {
  const world = openProcessWorld({ agent: "pwd; git branch --show-current; cat README.md" });
  writeFileSync(join(world.checkout, "README.md"), "half done\n");
  writeFileSync(join(world.checkout, "staged"), "staged\n");
  execute(world.checkout, "git", "add", "staged");
  const before = execute(world.checkout, "git", "status", "--porcelain");

  await begin(world);

  const thread = await ended(world.executor);
  expect(thread.lastWords).toBe(`${join(world.run, "worktree")}\nafk/2b7c8d9e0f1a\nhello`);
  expect(execute(world.checkout, "git", "status", "--porcelain")).toBe(before);
  expect(execute(world.checkout, "git", "branch", "--show-current")).toBe("main");
});

test("the worktree starts from the newest commit of the remote's default branch", async () => {
  const world = openProcessWorld({ agent: "git log -1 --format=%s" });
  const remote = join(world.base, "remote");
  execute(world.base, "git", "clone", "-q", world.checkout, remote);
  execute(world.checkout, "git", "remote", "add", "origin", remote);
  commitFile(remote, "newer.txt", "newer\n");

  await begin(world);

  expect((await ended(world.executor)).lastWords).toBe("Add newer.txt");
});

/**
 * A PATH with a git that fails the first time, or always, as it does when it meets a worktree that another process is just
 * making: an `add` has made the branch by then.
 */
function stumblingAt(directory: string, what: "add" | "remove", times: "once" | "always" = "once"): string {
  const stumbling = `#!/bin/sh
export PATH="\${PATH#*:}"
if [ "$1 $2" = "worktree ${what}" ] && { [ ${times} = always ] || [ ! -e ${directory}/stumbled ]; }; then
  touch ${directory}/stumbled
  [ "$2" = remove ] || git branch "$5" "$7"
  echo "fatal: failed to read .git/worktrees/worktree9/commondir: Success" >&2
  exit 128
fi
exec git "$@"
`;
  writeFileSync(join(directory, "git"), stumbling, { mode: 0o755 });
  return `${directory}:${process.env["PATH"]}`;
}

test("the worktree is made although git stumbles over another one that is just being made", async () => {
  const directory = temporaryDirectory();
  const path = stumblingAt(directory, "add");
  const world = openProcessWorld({ agent: "git branch --show-current", environment: { PATH: path } });

  await begin(world);

  expect((await ended(world.executor)).lastWords).toBe("afk/2b7c8d9e0f1a");
  expect(existsSync(join(directory, "stumbled"))).toBe(true);
});

test("the agent inherits the environment without any variable of afk, and gets its own", async () => {
  const world = openProcessWorld({
    agent: "env | grep -E '^(AFK_|MODEL_KEY|GIT_DIR)' | sort",
    environment: {
      AFK_STATE_KEY: "secret",
      AFK_GITHUB_TOKEN: "secret",
      MODEL_KEY: "key",
      GIT_DIR: "/nowhere",
    },
  });

  await begin(world);

  const { lastWords } = await ended(world.executor);
  const names = lastWords.split("\n").map((line) => line.split("=")[0]);
  expect(names).toEqual([
    "AFK_REPO",
    "AFK_RUN_DIRECTORY",
    "AFK_RUN_ID",
    "AFK_SESSION_ID",
    "AFK_TURN",
    "MODEL_KEY",
  ]);
  expect(lastWords).toContain(`AFK_RUN_ID=${THREAD}`);
});

test("prompt and output can be read by nobody else, and no secret is on disk", async () => {
  const world = openProcessWorld({ agent: "cat", environment: { MODEL_KEY: "very-secret-key" } });

  await begin(world, "The prompt.");

  await ended(world.executor);
  const turn = join(world.run, "turns", "1");
  for (const name of readdirSync(turn)) {
    expect([name, statSync(join(turn, name)).mode & 0o077]).toEqual([name, 0]);
    expect(readFileSync(join(turn, name), "utf8")).not.toContain("very-secret-key");
  }
  expect(readFileSync(join(turn, "stdout.log"), "utf8")).toBe("The prompt.");
});

test("a command that is not there is a setup error that names the variable", async () => {
  const world = openProcessWorld({ agent: "no-such-agent-program --now" });

  await begin(world);

  const { state } = await ended(world.executor);
  expect(state).toMatchObject({ kind: "error", cause: "setup", mayPass: false });
  expect(state).toHaveProperty("message", expect.stringContaining("AFK_AGENT_COMMAND"));
});

test("a worktree that cannot be made is a setup error with git's own sentence", async () => {
  const world = openProcessWorld();
  writeFileSync(
    join(world.checkout, ".git", "refs", "heads", "afk"),
    execute(world.checkout, "git", "rev-parse", "HEAD"),
  );

  await begin(world);

  const { state } = await ended(world.executor);
  expect(state).toMatchObject({ kind: "error", cause: "setup", mayPass: true });
  expect(state).toHaveProperty("message", expect.stringMatching(/git worktree add.*failed with code/));
});

test("claude gets its prompt by stdin and a session it can resume, and its costs are summed", async () => {
  const world = openProcessWorld({ agent: "claude", environment: fakePrograms() });

  await begin(world);
  await ended(world.executor);
  await world.executor.send({ ...newTurn("second", "More."), budgetUsd: 2.5 });

  const thread = await ended(world.executor, 2);
  const [first, second] = [1, 2].map((turn) =>
    readFileSync(join(world.run, "worktree", `seen.${turn}`), "utf8"),
  );
  expect(first).toMatch(/^-p --output-format stream-json --verbose .*--session-id [0-9a-f-]{36}\nDo it\.$/);
  expect(second).toMatch(/--resume 11111111-1111-4111-8111-111111111111 --max-budget-usd 2\.5\nMore\.$/);
  expect(thread).toMatchObject({ state: { kind: "idle" }, lastWords: "Done 2." });
  expect(thread.costUsd).toBeCloseTo(0.5);
});

test("codex resumes the conversation that its first turn began", async () => {
  const world = openProcessWorld({ agent: "codex", environment: fakePrograms() });

  await begin(world);
  await ended(world.executor);
  await world.executor.send(newTurn("second"));

  const thread = await ended(world.executor, 2);
  const second = readFileSync(join(world.run, "worktree", "seen.2"), "utf8");
  expect(second).toBe(
    "exec --json --dangerously-bypass-approvals-and-sandbox resume conversation-1 -\nDo it.",
  );
  expect(thread).toMatchObject({ state: { kind: "idle" }, costUsd: null });
});

test("archiving removes the worktree and a landed branch and keeps the evidence", async () => {
  const world = openProcessWorld({ agent: "echo done" });
  await begin(world);
  await ended(world.executor);

  await world.executor.end(THREAD, "archive");

  expect(existsSync(join(world.run, "worktree"))).toBe(false);
  expect(existsSync(join(world.run, "turns", "1", "stdout.log"))).toBe(true);
  expect(execute(world.checkout, "git", "branch", "--format=%(refname:short)")).toBe("main");
  expect(execute(world.checkout, "git", "worktree", "list").split("\n")).toHaveLength(1);
});

test("archiving removes the worktree although git stumbles over another one that is just being made", async () => {
  const directory = temporaryDirectory();
  const world = openProcessWorld({
    agent: "echo done",
    environment: { PATH: stumblingAt(directory, "remove") },
  });
  await begin(world);
  await ended(world.executor);

  await world.executor.end(THREAD, "archive");

  expect(existsSync(join(directory, "stumbled"))).toBe(true);
  expect(existsSync(join(world.run, "worktree"))).toBe(false);
  expect(execute(world.checkout, "git", "worktree", "list").split("\n")).toHaveLength(1);
});

test("a worktree that git never removes is named, and what a person can do", async () => {
  const directory = temporaryDirectory();
  const path = stumblingAt(directory, "remove", "always");
  const world = openProcessWorld({ agent: "echo done", environment: { PATH: path } });
  await begin(world);
  await ended(world.executor);

  const failure = await failureOf(world.executor.end(THREAD, "archive"));

  expect(failure).toMatchObject({ kind: "config" });
  expect(failure.message).toMatch(/worktree9.*git worktree remove --force/);
});

test("archiving keeps a branch with work that is nowhere else, and settling keeps the worktree", async () => {
  const world = openProcessWorld({ agent: "echo x > new; git add new; git commit -qm New" });
  await begin(world);
  await ended(world.executor);

  await world.executor.end(THREAD, "settle");
  const kept = existsSync(join(world.run, "worktree", "new"));
  await world.executor.end(THREAD, "archive");

  expect(kept).toBe(true);
  expect(execute(world.checkout, "git", "branch", "--list", "afk/*")).toContain("afk/2b7c8d9e0f1a");
});

test("a thread that still works is not put away", async () => {
  const world = openProcessWorld();
  await begin(world);
  await world.started(1);

  const answer = await world.executor.end(THREAD, "archive");

  expect(answer).toBe("unconfirmed");
  expect((await readThread(world.executor)).state.kind).toBe("running");
});

test("of a delete and a message at the same time exactly one wins", async () => {
  const world = openProcessWorld();
  await world.executor.create(newThread());

  const [sent, deleted] = await Promise.all([
    world.executor.send(newTurn("first")),
    world.executor.end(THREAD, "delete"),
  ]);

  expect([
    ["sent", "unsupported"],
    ["gone", "confirmed"],
  ]).toContainEqual([sent, deleted]);
});

test("a broken run is an unknown thread and hides no other", async () => {
  const world = openProcessWorld();
  await world.executor.create(newThread());
  const broken = "00000000-0000-5000-8000-000000000001";
  mkdirSync(join(world.checkout, ".afk", "runs", broken));
  writeFileSync(join(world.checkout, ".afk", "runs", broken, "thread.json"), "{");
  mkdirSync(join(world.checkout, ".afk", "runs", "not-a-run"));

  const { threads } = await world.executor.listThreads("live");

  const states = new Map(threads.map((thread) => [thread.id, thread.state.kind]));
  expect(states).toEqual(
    new Map([
      [THREAD, "idle"],
      [broken, "unknown"],
    ]),
  );
});

test("runs of a repo that left the allowlist are still found and can be stopped", async () => {
  const world = openProcessWorld();
  await begin(world);
  makeCheckout(join(world.base, "acme__other"));
  const later = executorOf({ ...world.deps, repos: ["acme/other"] });

  const { threads } = await later.listThreads("live");
  const stopped = await eventually(
    () => later.end(THREAD, "stop"),
    (answer) => answer === "confirmed",
  );

  expect(threads).toMatchObject([{ id: THREAD, repo: REPO }]);
  expect(stopped).toBe("confirmed");
});

test("a missing checkout is refused with a remedy, and no directory is made in its place", async () => {
  const base = temporaryDirectory();
  const executor = executorOf(machineDeps({ base, repos: [REPO] }));

  await expect(executor.create(newThread())).rejects.toThrow(/clone it there/);

  expect(readdirSync(base)).toEqual([]);
});

/** Programs named claude and codex that write down what they were given and answer in the recorded form. */
function fakePrograms(): Readonly<Record<string, string>> {
  const directory = temporaryDirectory();
  const note = '#!/bin/sh\n{ echo "$@"; cat; } > "seen.$AFK_TURN"\n';
  const session = "11111111-1111-4111-8111-111111111111";
  const claude = [
    `echo '{"type":"system","subtype":"init","session_id":"${session}"}'`,
    `echo '{"type":"result","subtype":"success","is_error":false,"result":"Done '$AFK_TURN'.","total_cost_usd":0.25}'`,
  ];
  const codex = [
    `echo '{"type":"thread.started","thread_id":"conversation-1"}'`,
    `echo '{"type":"turn.completed","usage":{}}'`,
  ];
  writeFileSync(join(directory, "claude"), note + claude.join("\n"), { mode: 0o755 });
  writeFileSync(join(directory, "codex"), note + codex.join("\n"), { mode: 0o755 });
  return { PATH: `${directory}:${process.env["PATH"] ?? ""}` };
}
