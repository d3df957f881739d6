// Which value wins, which mistakes are told, and what a disabled tick does not look at.
import { rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { Config } from "../../src/config/config.ts";
import type { LoadInput } from "../../src/config/load.ts";
import { loadConfig } from "../../src/config/load.ts";
import { requireIsolation } from "../../src/config/resolve.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { Secret } from "../../src/secret.ts";
import { directoryWith } from "../support/directory.ts";
import { quietRegistries } from "../support/quiet-adapters.ts";

const ENABLED = {
  AFK_KILL_SWITCH: "false",
  AFK_ALLOWLIST: "acme/api",
  AFK_TRACKER: "other",
  AFK_STATE_KEY: "k",
};

function load(input: Partial<LoadInput>) {
  return loadConfig({
    environment: {},
    cwd: "/nowhere",
    envFile: null,
    command: "poll",
    check: false,
    registries: quietRegistries(),
    ...input,
  });
}

async function ready(input: Partial<LoadInput>): Promise<Config> {
  const loaded = await load(input);
  if (loaded.kind !== "ready") throw new Error(loaded.disabled.message);
  return loaded.config;
}

async function mistakes(input: Partial<LoadInput>): Promise<readonly string[]> {
  try {
    await load(input);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

test("without any configuration poll is disabled and names both switches", async () => {
  const loaded = await load({});

  expect(loaded).toMatchObject({ kind: "disabled", disabled: { reason: "kill_switch" } });
  expect(JSON.stringify(loaded)).toMatch(/AFK_KILL_SWITCH is on .* and AFK_ALLOWLIST is empty/);
});

test.each([
  ["poll", { AFK_KILL_SWITCH: "true" }, "kill_switch"],
  ["poll", { AFK_HALT: "on" }, "halted"],
  ["poll", { AFK_ALLOWLIST: "" }, "allowlist_empty"],
  ["watch", { AFK_ALLOWLIST: " , " }, "allowlist_empty"],
] as const)("%s with %o is disabled and looks at nothing else", async (command, switches, reason) => {
  const environment = { ...ENABLED, AFK_MAX_PER_REPO: "many", AFK_TRACKER: "nonsense", ...switches };

  const loaded = await load({ command, environment });

  expect(loaded).toMatchObject({ kind: "disabled", disabled: { reason } });
});

test.each([{ AFK_KILL_SWITCH: "true" }, { AFK_HALT: "true" }])(
  "watch works although %o",
  async (switches) => {
    const config = await ready({ command: "watch", environment: { ...ENABLED, ...switches } });

    expect(config.disabled).toBeNull();
    expect(config.policyOf("acme/api").halted).toBe("AFK_HALT" in switches);
  },
);

test.each([
  ["AFK_KILL_SWITCH", "fales"],
  ["AFK_KILL_SWITCH", ""],
  ["AFK_HALT", "maybe"],
  ["AFK_ALLOWLIST", "acme"],
])("%s='%s' is a mistake even where another switch disables the tick", async (name, value) => {
  const found = await mistakes({ environment: { [name]: value } });

  expect(found).toEqual([expect.stringContaining(`${name}: found '${value}' in the environment; expected`)]);
});

test("a misspelt switch is pointed out although the tick is disabled", async () => {
  const loaded = await load({ environment: { AFK_KILL_SWICH: "false", AFK_NONSENSE: "1" } });

  expect(loaded).toMatchObject({
    warnings: ["AFK_KILL_SWICH in the environment is not known to afk; did you mean AFK_KILL_SWITCH?"],
  });
});

test("the environment beats .env, .env beats the config file, and that beats the default", async () => {
  const cwd = await directoryWith({
    ".env": "AFK_MAX_IN_FLIGHT=2\nAFK_STALL_SECONDS=20\nOTHER_TOOL=1\n",
    "afk.json": JSON.stringify({ AFK_MAX_IN_FLIGHT: 3, AFK_STALL_SECONDS: 30, AFK_CI_MAX_SECONDS: 33 }),
  });
  const environment = { ...ENABLED, AFK_CONFIG: "afk.json", AFK_MAX_IN_FLIGHT: "1" };

  const policy = (await ready({ cwd, environment })).policyOf("acme/api");

  expect(policy).toMatchObject({
    maxInFlight: 1,
    stallSeconds: 20,
    ciMaxSeconds: 33,
    humanWaitSeconds: 86_400,
  });
});

test("a repo's own value beats a global one whatever its source, and only for that repo", async () => {
  const own = { "Acme/API": { AFK_MAX_PER_REPO: 3, AFK_NO_CI: "green" } };
  const cwd = await directoryWith({ "afk.json": JSON.stringify({ repos: own }) });
  const allowlist = "acme/api,acme/web";
  const environment = { ...ENABLED, AFK_ALLOWLIST: allowlist, AFK_CONFIG: "afk.json", AFK_MAX_PER_REPO: "2" };

  const config = await ready({ cwd, environment });

  expect(config.policyOf("acme/api")).toMatchObject({ maxPerRepo: 3, noCi: "green" });
  expect(config.policyOf("acme/web")).toMatchObject({ maxPerRepo: 2, noCi: "park" });
});

test("a repo's own values cannot touch the safety group, the fleet, or be misspelt", async () => {
  const own = {
    "acme/api": { AFK_KILL_SWITCH: false, AFK_MAX_IN_FLIGHT: 99, AFK_STALL_SECOND: 1, AFK_NO_CI: "x" },
  };
  const cwd = await directoryWith({ "afk.json": JSON.stringify({ repos: own }) });

  const found = await mistakes({ cwd, environment: { ...ENABLED, AFK_CONFIG: "afk.json" } });

  expect(found).toEqual([
    expect.stringMatching(/^AFK_NO_CI: found 'x' under repos\.acme\/api .*expected 'park' \| 'green'/),
    expect.stringMatching(/^AFK_KILL_SWITCH: .*it decides what afk may touch/),
    expect.stringMatching(/^AFK_MAX_IN_FLIGHT: .*a repo may only have its own/),
    expect.stringMatching(/^AFK_STALL_SECOND: .*did you mean AFK_STALL_SECONDS/),
  ]);
});

test("a .env that lies in the working directory sets no safety variable, no agent and no config file", async () => {
  const cwd = await directoryWith({
    ".env": "AFK_KILL_SWITCH=false\nAFK_ALLOWLIST=evil/repo\nAFK_AGENT_COMMAND=evil\nAFK_CONFIG=evil.json\n",
    "evil.json": JSON.stringify({ AFK_KILL_SWITCH: false, AFK_ALLOWLIST: "evil/repo" }),
  });

  const loaded = await load({ cwd });

  expect(loaded).toMatchObject({ kind: "disabled", disabled: { reason: "kill_switch" } });
  const names = loaded.kind === "disabled" ? loaded.warnings.map((warning) => warning.split(" ")[0]) : [];
  expect(names).toEqual(["AFK_KILL_SWITCH", "AFK_ALLOWLIST", "AFK_AGENT_COMMAND", "AFK_CONFIG"]);
});

test("a file named by --env-file may set everything and replaces .env", async () => {
  const cwd = await directoryWith({
    ".env": "AFK_MAX_IN_FLIGHT=7\n",
    "prod.env": "AFK_KILL_SWITCH=false\nAFK_ALLOWLIST=acme/api\nAFK_TRACKER=other\nAFK_STATE_KEY=k\n",
  });

  const config = await ready({ cwd, envFile: "prod.env" });

  expect(config.allowlist).toEqual(["acme/api"]);
  expect(config.policyOf("acme/api").maxInFlight).toBe(10);
});

test("a named file that is not there is a mistake, also for a disabled tick", async () => {
  expect(await mistakes({ envFile: "gone.env" })).toEqual([expect.stringContaining("gone.env")]);
  expect(await mistakes({ environment: { AFK_CONFIG: "gone.json" } })).toEqual([
    expect.stringContaining("AFK_CONFIG: 'gone.json' (named in the environment) cannot be read"),
  ]);
});

test("a config file that is not JSON is told without quoting it", async () => {
  const cwd = await directoryWith({ "afk.json": '{"AFK_STATE_KEY": "CANARY" oops}' });

  const found = await mistakes({ cwd, environment: { AFK_CONFIG: "afk.json" } });

  expect(found).toEqual([expect.stringContaining("'afk.json' (named in the environment) is not valid JSON")]);
  expect(found.join()).not.toContain("CANARY");
});

test("every mistake is told at once, those of chosen adapters included", async () => {
  const environment = {
    ...ENABLED,
    AFK_MAX_PER_REPO: "0",
    AFK_EXECUTOR: "toString",
    AFK_CI: "command,command",
    AFK_NOTIFY: "bell",
    AFK_READY_LABEL: "Agent-In-Progress",
    AFK_STATE_KEY: undefined,
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  };

  const found = await mistakes({ environment });

  expect(found.map((line) => line.split(":")[0])).toEqual([
    "AFK_MAX_PER_REPO",
    "AFK_EXECUTOR",
    "AFK_CI",
    "AFK_BELL_TOKEN",
    "AFK_STATE_KEY",
    "AFK_READY_LABEL, AFK_IN_PROGRESS_LABEL, AFK_HUMAN_LABEL",
    "NODE_TLS_REJECT_UNAUTHORIZED",
  ]);
  expect(found[1]).toContain("expected 'process'");
});

test("a name nobody knows is a mistake in a file and a warning in the environment", async () => {
  const cwd = await directoryWith({
    ".env": "AFK_STALL_SECOND=5\nNODE_ENV=x\n",
    "afk.json": '{"tracker": "local"}',
  });
  const environment = { ...ENABLED, AFK_CONFIG: "afk.json", AFK_SERVICE_HOST: "10.0.0.1", HOME: "/" };

  const found = await mistakes({ cwd, environment });
  const config = await ready({ environment: { ...ENABLED, AFK_SERVICE_HOST: "10.0.0.1" } });

  expect(found).toEqual([
    expect.stringContaining(
      "AFK_STALL_SECOND: found in .env; there is no such variable: did you mean AFK_STALL_SECONDS",
    ),
    expect.stringContaining("tracker: found in afk.json; there is no such variable"),
  ]);
  expect(config.warnings).toEqual([
    expect.stringContaining("AFK_SERVICE_HOST in the environment is not known"),
  ]);
});

test("a variable of an adapter that is not chosen is known, and remembered as without effect", async () => {
  const cwd = await directoryWith({ ".env": "AFK_BELL_TOKEN=t\n" });

  const config = await ready({ cwd, environment: ENABLED });

  expect(config.unused).toEqual(["AFK_BELL_TOKEN"]);
  expect(config.warnings).toEqual([]);
});

test("a secret's file is read again at each use", async () => {
  const cwd = await directoryWith({ token: "first\n" });
  const environment = { ...ENABLED, AFK_NOTIFY: "bell", AFK_BELL_TOKEN_FILE: "token" };
  const config = await ready({ cwd, environment });
  const token = config.notify[0]?.settings["AFK_BELL_TOKEN"];
  if (!(token instanceof Secret)) return expect.fail("the token is no secret");

  const before = token.reveal();
  await writeFile(join(cwd, "token"), "second\n");
  const after = token.reveal();
  await rm(join(cwd, "token"));

  expect([before, after]).toEqual(["first", "second"]);
  expect(() => token.reveal()).toThrow(/AFK_BELL_TOKEN_FILE/);
});

test("a secret and its file together, an empty secret and a missing file are mistakes that show no secret", async () => {
  const cwd = await directoryWith({ token: "CANARY\u0007\n" });
  const bell = { ...ENABLED, AFK_NOTIFY: "bell" };
  const both = { ...bell, AFK_BELL_TOKEN: "CANARY", AFK_BELL_TOKEN_FILE: "token" };

  const found = [
    ...(await mistakes({ cwd, environment: both })),
    ...(await mistakes({ cwd, environment: { ...bell, AFK_BELL_TOKEN: "" } })),
    ...(await mistakes({ cwd, environment: { ...bell, AFK_BELL_TOKEN_FILE: "gone" } })),
    ...(await mistakes({ cwd, environment: { ...bell, AFK_BELL_TOKEN_FILE: "token" } })),
  ];

  expect(found).toEqual([
    expect.stringContaining("expected only one of them"),
    expect.stringContaining("AFK_BELL_TOKEN: found [redacted] in the environment"),
    expect.stringContaining("AFK_BELL_TOKEN_FILE: found 'gone'"),
    expect.stringContaining("AFK_BELL_TOKEN_FILE: found [redacted] in token"),
  ]);
  expect(found.join()).not.toContain("CANARY");
});

test("several lines of AFK_STATE_KEY are several keys, the first in front", async () => {
  const config = await ready({ environment: { ...ENABLED, AFK_STATE_KEY: "new\n\n old \n" } });

  expect(config.stateKeys.map((key) => key.reveal())).toEqual(["new", "old"]);
  expect(JSON.stringify(config.stateKeys)).toBe('["[redacted]","[redacted]"]');
});

test("the local tracker needs no state key and has one repo, named after its directory", async () => {
  const cwd = await directoryWith({});
  const right = `local/${basename(cwd).toLowerCase()}`;
  const environment = { AFK_KILL_SWITCH: "false", AFK_ALLOWLIST: right };

  const config = await ready({ cwd, environment });
  const elsewhere = await ready({ environment: { ...environment, AFK_LOCAL_DIR: join(cwd, "issues") } });
  const wrong = await mistakes({ cwd, environment: { ...environment, AFK_ALLOWLIST: "acme/api" } });

  expect(config.usesKnownKey).toBe(true);
  expect(config.workspaceOf(right)).toBe(cwd);
  expect(elsewhere.workspaceOf(right)).toBe(cwd);
  expect(wrong).toEqual([
    expect.stringContaining(`found 'acme/api'; AFK_TRACKER=local knows one repo here: expected '${right}'`),
  ]);
});

test("the checkout of a repo is <base>/<owner>__<name>, and local/… needs the local tracker", async () => {
  const config = await ready({ environment: { ...ENABLED, AFK_WORKSPACE_BASE: "/srv" } });

  expect(config.workspaceOf("acme/api")).toBe("/srv/acme__api");
  expect(config.workspaceOf("forge.example/acme/api")).toBe("/srv/acme__api");
  expect(await mistakes({ environment: { ...ENABLED, AFK_ALLOWLIST: "local/x" } })).toHaveLength(1);
});

test("more than one lane needs an executor that isolates runs", async () => {
  const config = await ready({ environment: { ...ENABLED, AFK_MAX_PER_REPO: "2" } });
  const capabilities = { isolated: false, canInterrupt: true, reportsCost: true };

  expect(() => requireIsolation(config, capabilities)).toThrow(/AFK_MAX_PER_REPO: found 2; expected 1/);
  expect(() => requireIsolation(config, { ...capabilities, isolated: true })).not.toThrow();
});
