// Canaries: every secret of afk with a value that is easy to find again, and the places where it must not turn up.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type Hostile, openHostile } from "./hostile.ts";
import { productionWorld, type ProductionWorld } from "./production-world.ts";
import type { Ran } from "./small-process.ts";

export const CANARIES = {
  AFK_GITHUB_TOKEN: "ghp_CANARYgithub4711",
  AFK_T3_TOKEN: "CANARYt3token4711",
  AFK_STATE_KEY: "CANARYstatekey4711CANARYstatekey4711",
  AFK_SLACK_WEBHOOK_URL: "CANARYslack4711",
  AFK_NTFY_URL: "CANARYntfytopic4711",
  AFK_NTFY_TOKEN: "tk_CANARYntfytoken4711",
  AFK_WEBHOOK_URL: "CANARYwebhook4711",
  AFK_WEBHOOK_SECRET: "CANARYwebhooksecret4711",
} as const;
export type SecretName = keyof typeof CANARIES;

export interface SecretWorld {
  readonly world: ProductionWorld;
  /** What stands in front of GitHub and T3, and the three receivers; they let everything pass at first. */
  readonly servers: Readonly<Record<"github" | "t3" | "slack" | "ntfy" | "webhook", Hostile>>;
  /** Where a redirect leads. */
  readonly elsewhere: Hostile;
}

const GOOD_ANSWERS = {
  slack: "ok",
  ntfy: '{"id":"x"}',
  webhook: "",
} as const;

/** A whole world in which every secret is a canary, given as `X` or as `X_FILE`. */
export async function secretWorld(how: "X" | "X_FILE"): Promise<SecretWorld> {
  const world = await productionWorld();
  const { environment, github, t3 } = world;
  github.state.accounts.set(CANARIES.AFK_GITHUB_TOKEN, github.people.afk);
  t3.tokens.set(CANARIES.AFK_T3_TOKEN, ["orchestration:read", "orchestration:operate"]);
  const servers = {
    github: await honestAtFirst(environment["AFK_GITHUB_API_URL"] ?? ""),
    t3: await honestAtFirst(environment["AFK_T3_URL"] ?? ""),
    slack: await receiver("slack"),
    ntfy: await receiver("ntfy"),
    webhook: await receiver("webhook"),
  };
  Object.assign(environment, {
    AFK_GITHUB_API_URL: servers.github.origin,
    AFK_T3_URL: servers.t3.origin,
    AFK_NOTIFY: "slack,ntfy,webhook",
  });
  const values: Readonly<Record<SecretName, string>> = {
    ...CANARIES,
    AFK_SLACK_WEBHOOK_URL: `${servers.slack.origin}/services/${CANARIES.AFK_SLACK_WEBHOOK_URL}`,
    AFK_NTFY_URL: `${servers.ntfy.origin}/${CANARIES.AFK_NTFY_URL}`,
    AFK_WEBHOOK_URL: `${servers.webhook.origin}/hook?key=${CANARIES.AFK_WEBHOOK_URL}`,
  };
  setSecrets(environment, values, how);
  const elsewhere = await openHostile((response) => response.writeHead(200).end("{}"));
  return { world, servers, elsewhere };
}

function receiver(name: keyof typeof GOOD_ANSWERS): Promise<Hostile> {
  return openHostile((response) => response.writeHead(200).end(GOOD_ANSWERS[name]));
}

async function honestAtFirst(origin: string): Promise<Hostile> {
  const server = await openHostile((response) => response.destroy(), origin);
  server.spoils = () => false;
  return server;
}

function setSecrets(
  environment: Record<string, string>,
  values: Readonly<Record<SecretName, string>>,
  how: "X" | "X_FILE",
): void {
  if (how === "X") return void Object.assign(environment, values);
  const directory = mkdtempSync(join(tmpdir(), "afk-secrets-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, value] of Object.entries(values)) {
    const file = join(directory, name.toLowerCase());
    writeFileSync(file, `${value}\n`);
    delete environment[name];
    environment[`${name}_FILE`] = file;
  }
}

/** No canary in clear, escaped, percent-encoded or as base64 of any alignment. */
const CANARY = /canary|%43%41%4e%41%52%59|Q0FOQVJZ|NBTkFSW|DQU5BUl/i;

/** The command's two streams hold no canary, and every record of its diary is one line. */
export function expectQuietStreams({ stdout, stderr }: Ran, argv: readonly string[]): void {
  expect(stdout).not.toMatch(CANARY);
  expect(stderr).not.toMatch(CANARY);
  const records = stderr.split("\n");
  expect(records.pop()).toBe("");
  const isJson = argv.includes("-v");
  for (const record of records) {
    if (isJson) expect(JSON.parse(record)).toMatchObject({ level: expect.any(String) });
    else expect(record).toMatch(/^afk: /);
  }
  if (argv.includes("--json")) expect(JSON.parse(stdout)).toMatchObject({ schema: 1 });
}

/** Whose secrets each server was told, which may only be its own; nothing of it stands in what afk writes there. */
export function expectSecretsWithTheirOwners({ world, servers, elsewhere }: SecretWorld): void {
  const owned: Readonly<Record<keyof typeof servers, readonly SecretName[]>> = {
    github: ["AFK_GITHUB_TOKEN"],
    t3: ["AFK_T3_TOKEN"],
    slack: ["AFK_SLACK_WEBHOOK_URL"],
    ntfy: ["AFK_NTFY_URL", "AFK_NTFY_TOKEN"],
    webhook: ["AFK_WEBHOOK_URL"],
  };
  for (const [name, { heard }] of Object.entries(servers) as [keyof typeof servers, Hostile][]) {
    const told = JSON.stringify(heard);
    for (const [secret, canary] of Object.entries(CANARIES) as [SecretName, string][])
      if (!owned[name].includes(secret)) expect(told, `${secret} at ${name}`).not.toContain(canary);
    const bodies = heard.map(({ body }) => body).join("\n");
    expect(bodies.replaceAll(name === "ntfy" ? CANARIES.AFK_NTFY_URL : "\0", "")).not.toMatch(CANARY);
  }
  expect(elsewhere.heard).toEqual([]);
  const { github, t3 } = world;
  const written = [...github.repo().issues.values()].map(({ comments, labels }) => [comments, labels]);
  expect(JSON.stringify([written, t3.store.agents.turns, t3.store.done])).not.toMatch(CANARY);
}
