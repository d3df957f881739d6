// Every variable, the config file, .env and the options get every hostile text: a sentence with the name, and no request.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/cli.ts";
import { settableNames } from "../../src/config/parse.ts";
import { readsSecret } from "../../src/config/parsers.ts";
import { globalVariables } from "../../src/config/variables.ts";
import { registries } from "../../src/registries.ts";
import { CORPUS } from "./corpus.ts";
import { outputProblems, type Ran } from "./world.ts";

const CANARY = "configured-canary-41d7";
let directory = "";
let names: readonly string[] = [];
let secrets: readonly string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "afk-hostile-"));
  mkdirSync(join(directory, ".afk", "issues"), { recursive: true });
  const families = [registries.trackers, registries.executors, registries.stages, registries.notifiers];
  const adapters = await Promise.all(
    families.flatMap((family) => Object.values(family)).map(async (load) => load()),
  );
  const variables = Object.assign(
    {},
    globalVariables(registries),
    ...adapters.map((adapter) => adapter.variables),
  );
  names = settableNames(variables);
  secrets = Object.entries(globalVariables(registries)).flatMap(([name, { parse }]) =>
    readsSecret(parse) ? [name] : [],
  );
  secrets = [
    ...secrets,
    ...names.filter((name) => /TOKEN|SECRET|KEY|WEBHOOK_URL|NTFY_URL/.test(name) && !name.endsWith("_FILE")),
  ];
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Line {
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

async function problemsOf({
  argv = ["poll", "--dry-run"],
  environment = {},
}: Line): Promise<readonly string[]> {
  const out = { stdout: "", stderr: "" };
  const asked: string[] = [];
  const output = (name: "stdout" | "stderr") => ({
    write: (text: string) => void (out[name] += text),
    isTTY: false,
    columns: undefined,
  });
  const code = await run(argv, {
    stdout: output("stdout"),
    stderr: output("stderr"),
    environment: { AFK_KILL_SWITCH: "false", AFK_ALLOWLIST: "local/shop", ...environment },
    cwd: directory,
    clock: { now: () => 0, sleep: () => new Promise(() => undefined) },
    fetch(input) {
      const { protocol, username, hostname } = new URL(input instanceof Request ? input.url : input);
      if (!["https:", "http:"].includes(protocol) || username !== "") asked.push(`a request to ${hostname}`);
      if (protocol === "http:" && !/^(?:localhost|\[::1\]|127\..*)$/.test(hostname))
        asked.push(`plain http to ${hostname}`);
      return Promise.reject(
        Object.assign(new TypeError("fetch failed"), { cause: new Error("No network.") }),
      );
    },
    signals: { onTerminate: () => () => undefined },
    registries,
  });
  const ran: Ran = { code, ...out };
  const leaked = (out.stdout + out.stderr).includes(CANARY) ? ["the secret was shown"] : [];
  return [...outputProblems(ran, argv), ...asked, ...leaked].filter((problem) => !isOurLine(problem));
}

/** A disabled tick and a check have lines of their own. */
function isOurLine(problem: string): boolean {
  return /^a report on two lines: (?:local\/|ok: |warning: |wrong: |unreachable: |unexpected answer: |check: )/.test(
    problem,
  );
}

describe("a configuration", () => {
  it("with the same hostile text in every variable is told as sentences", async () => {
    const problems: string[] = [];
    for (const [index, { text, name }] of CORPUS.entries()) {
      const environment = Object.fromEntries(
        names.filter((one) => one !== "AFK_KILL_SWITCH").map((one) => [one, text]),
      );
      const argv = [
        index % 2 === 0 ? "poll" : "watch",
        "--dry-run",
        ...(index % 3 === 0 ? ["--json"] : []),
        ...(index % 5 === 0 ? ["--check"] : []),
      ];
      problems.push(...(await problemsOf({ argv, environment })).map((problem) => `${name}: ${problem}`));
    }

    expect(problems).toEqual([]);
  });

  it("with one hostile variable is told as a sentence, or works", async () => {
    const problems: string[] = [];
    const services = {
      AFK_TRACKER: "github",
      AFK_EXECUTOR: "t3",
      AFK_CI: "github,woodpecker",
      AFK_NOTIFY: "slack,ntfy,webhook",
    };
    const legal = {
      ...services,
      AFK_ALLOWLIST: "acme/shop",
      AFK_GITHUB_TOKEN: "x".repeat(20),
      AFK_STATE_KEY: "y".repeat(20),
      AFK_T3_URL: "https://t3.example",
      AFK_T3_TOKEN: "z".repeat(20),
      AFK_WOODPECKER_URL: "https://ci.example",
      AFK_WOODPECKER_TOKEN: "w".repeat(20),
      AFK_SLACK_WEBHOOK_URL: "https://slack.example/x",
      AFK_NTFY_URL: "https://ntfy.example/topic",
      AFK_WEBHOOK_URL: "https://hook.example/x",
    };
    for (const [at, variable] of names.entries())
      for (let turn = 0; turn < 12; turn += 1) {
        const { text, name } = CORPUS[(at * 61 + turn * 59) % CORPUS.length] ?? { text: "", name: "" };
        const hostile = secrets.includes(variable) ? `${CANARY}${text}` : text;
        const argv = [
          turn % 2 === 0 ? "poll" : "watch",
          "--dry-run",
          "--json",
          ...(turn % 3 === 0 ? ["--check"] : []),
        ];
        const found = await problemsOf({ argv, environment: { ...legal, [variable]: hostile } });
        problems.push(...found.map((problem) => `${variable} as ${name}: ${problem}`));
      }

    expect(problems).toEqual([]);
  });

  it("in a hostile config file, .env or option is told as sentences", async () => {
    const problems: string[] = [];
    for (const [index, { text, name }] of CORPUS.entries()) {
      const variable = names[index % names.length] ?? "";
      const json =
        [
          text,
          `{"${variable}":${text}}`,
          JSON.stringify({ [text]: text, repos: { [text]: { [variable]: text } } }),
          JSON.stringify({ [variable]: text, AFK_STATE_KEY: CANARY }),
        ][index % 4] ?? "";
      writeFileSync(join(directory, "config.json"), json);
      writeFileSync(
        join(directory, ".env"),
        `${variable}=${text}\n${text}=1\nAFK_STATE_KEY="${CANARY}${text}"\nexport AFK_T3_TOKEN=${CANARY}\n`,
      );
      const option =
        [["--repo", text], ["--issue", text], ["--env-file", text], [text], ["--env-file", ".env"]][
          index % 5
        ] ?? [];
      const argv = ["poll", "--dry-run", ...(index % 2 === 0 ? ["--json"] : []), ...option];
      const found = [
        ...(await problemsOf({ environment: { AFK_CONFIG: "config.json" } })),
        ...(text === "--help" ? [] : await problemsOf({ argv })),
      ];
      problems.push(...found.map((problem) => `${name}: ${problem}`));
    }
    rmSync(join(directory, ".env"));

    expect(problems).toEqual([]);
  });
});
