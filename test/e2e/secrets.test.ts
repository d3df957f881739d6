// No secret in any output, whatever a server does with it: canaries in every secret, a failure of every kind at every server.
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CERTIFICATE, type Heard, misdeeds, nobodyThere, openWrongTls } from "../support/hostile.ts";
import { READY } from "../support/production-world.ts";
import type { Ran } from "../support/small-process.ts";
import {
  CANARIES,
  expectQuietStreams,
  expectSecretsWithTheirOwners,
  type SecretName,
  type SecretWorld,
  secretWorld,
} from "../support/secrets.ts";

async function run({ world }: SecretWorld, ...argv: readonly string[]): Promise<Ran> {
  const ran = await world.run(...argv);
  expectQuietStreams(ran, argv);
  return ran;
}

function isWrite({ method, path }: Heard): boolean {
  return method !== "GET" && path !== "/graphql";
}

/** Not a loopback address, and on this machine it leads to one: a request would arrive. */
function outside(origin: string, path = ""): string {
  return origin.replace("127.0.0.1", "0.0.0.0") + path;
}

/** What each failure means for a poll whose GitHub has it, a watch whose T3 has it, and the worst of both (DESIGN section 7). */
const FAILURES: readonly {
  readonly failure: keyof ReturnType<typeof misdeeds>;
  readonly github: number;
  readonly t3: number;
  readonly both: number;
}[] = [
  { failure: "says 401", github: 2, t3: 2, both: 2 },
  { failure: "says 403", github: 2, t3: 2, both: 2 },
  { failure: "says 404", github: 4, t3: 4, both: 4 },
  { failure: "says 500", github: 3, t3: 3, both: 3 },
  { failure: "answers with a web page", github: 4, t3: 2, both: 2 },
  { failure: "cuts the connection in the middle", github: 3, t3: 3, both: 3 },
  { failure: "answers with other types", github: 4, t3: 4, both: 4 },
  { failure: "breaks off its JSON", github: 4, t3: 4, both: 4 },
  { failure: "sends us elsewhere", github: 2, t3: 2, both: 2 },
  { failure: "repeats our Authorization as its error", github: 4, t3: 4, both: 4 },
];

const BELLS = ["slack", "ntfy", "webhook"] as const;

describe.each(FAILURES)("a server that $failure", ({ failure, ...codes }) => {
  it("as GitHub or as T3 gets no secret shown", async () => {
    // Half of the failures meet secrets in files.
    const setup = await secretWorld(codes.github === codes.t3 && codes.github > 2 ? "X_FILE" : "X");
    const { world, servers, elsewhere } = setup;
    const misdeed = misdeeds(elsewhere.origin)[failure];
    if (misdeed === undefined) throw new Error(`There is no misdeed '${failure}'.`);
    world.github.open({ title: "Add sum", body: "Please.", labels: [READY] });
    for (const server of Object.values(servers)) server.misdeed = misdeed;

    servers.github.spoils = () => true;
    const poll = await run(setup, "poll", "--json");
    servers.t3.spoils = () => true;
    const [both, check] = await Promise.all([
      run(setup, "poll", "-v"),
      run(setup, ...(codes.both === 2 ? ["watch", "--check", "--json"] : ["poll", "--check", "-v"])),
    ]);
    servers.github.spoils = () => false;
    const watch = await run(setup, "watch", "--json", "-v");

    expect({ github: poll.code, t3: watch.code, both: both.code }).toEqual(codes);
    expect(check.code).toBe(codes.both);
    expectSecretsWithTheirOwners(setup);
  });

  // Only the first doorbell that fails is told, so each failure is one doorbell's, in turn; all of them ask in the same way.
  const bell = BELLS[FAILURES.findIndex((one) => one.failure === failure) % BELLS.length] ?? "slack";

  it(`in the middle of a dispatch and as the doorbell ${bell} gets no secret shown`, async () => {
    const setup = await secretWorld("X");
    const { world, servers, elsewhere } = setup;
    const misdeed = misdeeds(elsewhere.origin)[failure];
    if (misdeed === undefined) throw new Error(`There is no misdeed '${failure}'.`);
    world.github.open({ title: "Add sum", body: "Please.", labels: [READY] });
    servers.t3.misdeed = misdeed;
    servers.github.misdeed = misdeed;

    servers.t3.spoils = isWrite;
    const refused = await run(setup, "poll", "-v");
    servers.t3.spoils = () => false;
    servers.github.spoils = isWrite;
    const unrecorded = await run(setup, "poll", "--json");
    servers.github.spoils = () => false;
    const repaired = await run(setup, "poll", "--json");
    world.t3.store.agents.finish(world.thread());
    world.skip(400);
    servers[bell].misdeed = misdeed;
    const rung = await run(setup, "watch", "-v");

    expect(world.t3.store.agents.turns).toHaveLength(1);
    expect([refused.code, unrecorded.code, rung.code]).not.toContain(0);
    expect(repaired.code).toBe(0);
    expect(world.labels(1)).toContain("ready-for-human");
    for (const name of BELLS) expect(servers[name].heard).not.toEqual([]);
    expectSecretsWithTheirOwners(setup);
  });
});

it("shows no secret of servers that cannot be reached or whose certificate is wrong", async () => {
  const setup = await secretWorld("X");
  const { environment } = setup.world;
  const wrong = await openWrongTls();
  const places = [
    { origin: nobodyThere(), why: "ECONNREFUSED", trust: {} },
    { origin: wrong, why: "DEPTH_ZERO_SELF_SIGNED_CERT", trust: {} },
    {
      origin: wrong,
      why: "ERR_TLS_CERT_ALTNAME_INVALID",
      trust: { NODE_EXTRA_CA_CERTS: fileURLToPath(CERTIFICATE) },
    },
    { origin: setup.servers.t3.origin.replace("http:", "https:"), why: "ERR_SSL", trust: {} },
  ];
  for (const { origin, why, trust } of places) {
    Object.assign(environment, { AFK_GITHUB_API_URL: origin, AFK_T3_URL: origin }, trust);

    const runs = await Promise.all([
      run(setup, "poll", "-v"),
      run(setup, "watch", "--json"),
      run(setup, "poll", "--check", "-v"),
    ]);

    for (const { code, stdout } of runs) {
      expect(code).toBe(3);
      expect(stdout).toContain(why);
    }
  }
  expectSecretsWithTheirOwners(setup);
});

describe("a secret that is no good", () => {
  const secrets = Object.keys(CANARIES) as SecretName[];

  it.each(["poll", "watch", "--check"])(
    "is named and not shown by %s, before any request",
    async (command) => {
      const setup = await secretWorld("X_FILE");
      const { environment } = setup.world;
      const argv = command === "--check" ? ["poll", "--check"] : [command];
      const files = secrets.map((name) => environment[`${name}_FILE`] ?? "");
      const spoiled: readonly [string, (file: string, index: number) => void][] = [
        ["two lines", (file) => writeFileSync(file, "CANARYone\u0007CANARYtwo\nCANARYthree\u0000")],
        ["empty", (file) => writeFileSync(file, " \n")],
        ["missing", (file) => rmSync(file)],
      ];
      for (const [what, spoil] of spoiled) {
        files.forEach(spoil);

        const ran = await run(setup, ...argv, "-v", "--json");

        expect(ran.code, what).toBe(2);
        expect(ran.stdout).toContain("AFK_GITHUB_TOKEN_FILE");
        expect(ran.stdout).toContain("AFK_SLACK_WEBHOOK_URL_FILE");
      }
      expect(Object.values(setup.servers).flatMap(({ heard }) => heard)).toEqual([]);
    },
  );

  it("is said to be given twice, without either value", async () => {
    const setup = await secretWorld("X_FILE");
    Object.assign(setup.world.environment, CANARIES);

    const ran = await run(setup, "poll", "--json");

    expect(ran.code).toBe(2);
    for (const name of secrets) expect(ran.stderr).toContain(`${name}: found ${name} in the environment and`);
  });
});

it("sends nothing unencrypted to another machine, be it a server or a doorbell", async () => {
  const setup = await secretWorld("X");
  const { environment } = setup.world;
  const { servers, elsewhere } = setup;
  expect((await fetch(outside(elsewhere.origin))).status).toBe(200);
  const addresses: Readonly<Record<string, string>> = {
    AFK_GITHUB_API_URL: outside(servers.github.origin),
    AFK_T3_URL: outside(servers.t3.origin),
    AFK_SLACK_WEBHOOK_URL: outside(servers.slack.origin, `/${CANARIES.AFK_SLACK_WEBHOOK_URL}`),
    AFK_NTFY_URL: outside(servers.ntfy.origin, `/${CANARIES.AFK_NTFY_URL}`),
    AFK_WEBHOOK_URL: outside(servers.webhook.origin, `/${CANARIES.AFK_WEBHOOK_URL}`),
  };
  setup.world.github.open({ title: "Add sum", labels: [READY] });
  const good = { ...environment };
  for (const [name, address] of Object.entries(addresses)) {
    Object.assign(environment, good, { [name]: address });
    if (name === "AFK_GITHUB_API_URL") environment["AFK_ALLOWLIST"] = "0.0.0.0/acme/shop";

    const ran = await run(setup, "poll", "--json");

    expect(ran.code, name).toBe(2);
    expect(ran.stderr).toContain(name);
    expect(JSON.parse(ran.stdout)).toMatchObject({ requests: { total: 0 } });
  }
  expect(Object.values(servers).flatMap(({ heard }) => heard)).toEqual([]);
  Object.assign(environment, good);
  expect((await run(setup, "poll", "--json")).code).toBe(0);
});

it("shows no secret when a secret file is taken away in the middle of a tick", async () => {
  const setup = await secretWorld("X_FILE");
  const { world, servers } = setup;
  world.github.open({ title: "Add sum", labels: [READY] });
  const token = world.environment["AFK_GITHUB_TOKEN_FILE"] ?? "";
  servers.github.spoils = () => {
    rmSync(token, { force: true });
    return false;
  };

  const ran = await run(setup, "poll", "-v");

  expect(ran.code).toBe(2);
  expect(ran.stdout).toContain("AFK_GITHUB_TOKEN_FILE cannot be read any more");
  expect(world.t3.store.agents.turns).toEqual([]);
  writeFileSync(token, CANARIES.AFK_GITHUB_TOKEN);
  chmodSync(token, 0o600);
  servers.github.spoils = () => false;
  expect((await run(setup, "poll", "-v")).code).toBe(0);
  expectSecretsWithTheirOwners(setup);
});
