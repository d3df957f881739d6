// `--check` against GitHub and T3: what is wrong is one sentence that names the remedy, and nothing is ever written.
import { describe, expect, it } from "vitest";
import { writes } from "../support/attacks.ts";
import { TOKEN as GITHUB_TOKEN } from "../support/github/world.ts";
import { nobodyThere } from "../support/hostile.ts";
import {
  check as setChecks,
  type ProductionWorld,
  productionWorld,
  REPO,
  type Report,
} from "../support/production-world.ts";
import { TOKEN as T3_TOKEN, type T3Options } from "../support/t3/server.ts";

type Finding = NonNullable<Report["findings"]>[number];

const STATE_KEY = "a-state-key-of-more-than-32-characters";
const TRUST =
  "Where the token's account (afk-account) is also the person who labels, the gate refuses until that login is in AFK_TRUSTED_ACTORS.";

interface Checked {
  readonly code: number | null;
  readonly findings: readonly Finding[];
}

/** A world with nothing to mend but what the test changes. */
async function rightWorld(
  environment: Readonly<Record<string, string>> = {},
  t3: Partial<T3Options> = {},
): Promise<ProductionWorld> {
  const world = await productionWorld({ AFK_STATE_KEY: STATE_KEY, ...environment }, t3);
  setChecks(world.github, world.github.repo().commits[0]?.oid ?? "", "SUCCESS");
  return world;
}

/** Runs `--check` and proves that it wrote nothing. */
async function check(world: ProductionWorld, command: "poll" | "watch" = "poll"): Promise<Checked> {
  const { code, report, stderr } = await world.afk(command, "--check");
  expect(stderr).toBe("");
  expect(writes(world)).toEqual([]);
  expect(JSON.stringify(world.github.server.made)).not.toContain("mutation");
  expect(report).toMatchObject({ decisions: [], outcomes: [] });
  for (const { message } of report.findings ?? []) expect(message).toMatch(/^[^\n]+\.$/);
  return { code, findings: report.findings ?? [] };
}

function wrong(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ result }) => result !== "ok" && result !== "warning");
}

describe("--check with everything right", () => {
  it("finds nothing to mend, says who the token is, and ends well for poll and for watch", async () => {
    const world = await rightWorld({ AFK_TRUSTED_ACTORS: "afk-account" });

    const results = [await check(world), await check(world, "watch")];

    for (const { code, findings } of results) {
      expect(code).toBe(0);
      expect(findings.map(({ result }) => result)).toEqual(findings.map(() => "ok"));
      const said = findings.map(({ on, message }) => `${on}: ${message}`);
      expect(said).toEqual(
        expect.arrayContaining([
          "configuration: Legal, for 1 repo.",
          "github: The token is afk-account's.",
          `${REPO}: ${REPO} can be read, labelled and written to, and has the labels.`,
          "executor: AFK_T3_TOKEN may read and operate.",
        ]),
      );
    }
  });

  it("tells a person the same in lines, and the trust rule where the token's account is not listed", async () => {
    const world = await rightWorld();

    const { code, stdout, stderr } = await world.run("poll", "--check");

    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toContain(`warning: github: ${TRUST}`);
    expect(stdout).toMatch(/\ncheck: 0 problems, 1 warning\.\n$/);
    expect(writes(world)).toEqual([]);
  });
});

interface Mistake {
  readonly mistake: string;
  readonly make: (world: ProductionWorld) => unknown;
  readonly t3?: Partial<T3Options>;
  readonly code: number;
  /** Each thing that is wrong, once: where, and the sentence. */
  readonly says: readonly (readonly [on: string, sentence: string])[];
}

const MINT = "mint one with `t3 auth session issue --token-only` on T3's machine.";
const REFUSED = "GitHub refused the token (401): put a valid one into AFK_GITHUB_TOKEN.";
const UNREACHABLE = "GitHub could not be reached (ECONNREFUSED): a later tick tries again.";

const MISTAKES: readonly Mistake[] = [
  {
    mistake: "a GitHub token that is not valid",
    make: ({ environment }) => (environment["AFK_GITHUB_TOKEN"] = "ghp_wrong"),
    code: 2,
    says: [["github", REFUSED]],
  },
  {
    mistake: "a GitHub token that may only read",
    make: ({ github }) => github.repo().people.set("afk-account", { role: "read" }),
    code: 2,
    says: [
      [
        REPO,
        `The token may only read ${REPO} and can neither label nor push: give its account write access.`,
      ],
    ],
  },
  {
    mistake: "missing labels",
    make: ({ github }) => (github.repo().labels = ["bug", "Ready-For-Agent"]),
    code: 2,
    says: [
      [REPO, `${REPO} lacks the labels agent-in-progress, ready-for-human: make them under Issues, Labels.`],
    ],
  },
  {
    mistake: "issues that are switched off",
    make: ({ github }) => (github.repo().issuesEnabled = false),
    code: 2,
    says: [[REPO, `${REPO} has its issues switched off: switch them on in its settings.`]],
  },
  {
    mistake: "an archived repo",
    make: ({ github }) => (github.repo().archived = true),
    code: 2,
    says: [[REPO, `${REPO} is archived: unarchive it, or take it out of AFK_ALLOWLIST.`]],
  },
  {
    mistake: "a repo that the token does not see",
    make: ({ environment }) => (environment["AFK_ALLOWLIST"] = "127.0.0.1/acme/absent"),
    code: 2,
    says: [
      [
        "127.0.0.1/acme/absent",
        "GitHub does not show 127.0.0.1/acme/absent to this token: check its name in AFK_ALLOWLIST and the token's access to it.",
      ],
      [
        "127.0.0.1/acme/absent",
        "GitHub does not show the checks of 127.0.0.1/acme/absent to this token: check its name in AFK_ALLOWLIST and the token's access to it.",
      ],
    ],
  },
  {
    mistake: "a GitHub that nobody answers for",
    make: async ({ environment }) => (environment["AFK_GITHUB_API_URL"] = nobodyThere()),
    code: 3,
    says: [["github", UNREACHABLE]],
  },
  {
    mistake: "a T3 that nobody answers for",
    make: async ({ environment }) => (environment["AFK_T3_URL"] = nobodyThere()),
    code: 3,
    says: [["executor", "T3 (AFK_T3_URL) could not be reached (ECONNREFUSED): a later tick tries again."]],
  },
  {
    mistake: "an address that is not T3's",
    make: ({ environment }) => (environment["AFK_T3_URL"] = environment["AFK_GITHUB_API_URL"] ?? ""),
    code: 2,
    says: [["executor", `AFK_T3_TOKEN is not valid any more: ${MINT}`]],
  },
  {
    mistake: "a T3 token that is not valid",
    make: ({ environment }) => (environment["AFK_T3_TOKEN"] = "wrong"),
    code: 2,
    says: [["executor", `AFK_T3_TOKEN is not valid any more: ${MINT}`]],
  },
  {
    mistake: "a T3 token that may only read",
    make: ({ t3 }) => t3.tokens.set(T3_TOKEN, ["orchestration:read"]),
    code: 2,
    says: [["executor", `AFK_T3_TOKEN lacks the scope orchestration:operate: ${MINT}`]],
  },
  {
    mistake: "a T3 that is too old",
    make: () => undefined,
    t3: { serverVersion: "0.0.24" },
    code: 2,
    says: [
      ["executor", "T3 (AFK_T3_URL) runs T3 Code 0.0.24, which is too old: update it to 0.0.29 or newer."],
    ],
  },
  {
    mistake: "mistakes in all places at once",
    async make({ environment, github }) {
      github.repo().labels = ["ready-for-agent", "ready-for-human"];
      github.repo().people.set("afk-account", { role: "read" });
      environment["AFK_T3_URL"] = nobodyThere();
    },
    code: 2,
    says: [
      [
        REPO,
        `The token may only read ${REPO} and can neither label nor push: give its account write access.`,
      ],
      [REPO, `${REPO} lacks the labels agent-in-progress: make them under Issues, Labels.`],
      ["executor", "T3 (AFK_T3_URL) could not be reached (ECONNREFUSED): a later tick tries again."],
    ],
  },
];

describe("--check", () => {
  it.each(MISTAKES)("names $mistake and its remedy", async ({ make, t3, code, says }) => {
    const world = await rightWorld({}, t3);
    await make(world);

    const checked = await check(world);

    const found = wrong(checked.findings).map(({ on, message }) => [on, message]);
    expect(found).toEqual(says);
    expect(checked.code).toBe(code);
  });

  it("names the label account until it is listed as trusted, and a token that can label and not push", async () => {
    const world = await rightWorld();
    world.github.repo().people.set("afk-account", { role: "triage" });

    const { code, findings } = await check(world);

    expect(code).toBe(0);
    expect(findings.filter(({ result }) => result === "warning").map(({ message }) => message)).toEqual([
      TRUST,
      `The token may label in ${REPO} and not push: an agent that uses it cannot land commits.`,
    ]);
    world.environment["AFK_TRUSTED_ACTORS"] = "AFK-Account";
    expect((await check(world)).findings.map(({ message }) => message)).not.toContain(TRUST);
  });

  it.each([
    [{ AFK_KILL_SWITCH: "true" }, "poll", /AFK_KILL_SWITCH is on .* set AFK_KILL_SWITCH=false\.$/],
    [{ AFK_HALT: "true" }, "poll", /AFK_HALT is on .* unset AFK_HALT\.$/],
    [{ AFK_ALLOWLIST: "" }, "watch", /AFK_ALLOWLIST is empty .* list repos in AFK_ALLOWLIST\.$/],
  ] as const)(
    "says that %o disables the tick, and checks all the same",
    async (switches, command, sentence) => {
      const world = await rightWorld(switches);

      const { code, findings } = await check(world, command);

      expect(code).toBe(0);
      expect(findings).toContainEqual({
        on: "switches",
        result: "warning",
        message: expect.stringMatching(sentence),
      });
      expect(findings.map(({ message }) => message)).toContain("AFK_T3_TOKEN may read and operate.");
    },
  );

  it("warns of a state key that is short and of a T3 token that ends soon", async () => {
    const world = await rightWorld({ AFK_STATE_KEY: "short" });
    world.github.state.now = Date.parse("2027-01-18T12:00:00Z");

    const { code, findings } = await check(world);

    expect(code).toBe(0);
    const warnings = findings.filter(({ result }) => result === "warning").map(({ message }) => message);
    expect(warnings).toEqual([
      "Shorter than 32 characters: make one with `openssl rand -hex 32`.",
      TRUST,
      expect.stringMatching(/^AFK_T3_TOKEN ends at 2027-01-20T00:00:00\.000Z: mint one .* --ttl\.$/),
    ]);
  });

  it("finds a mistake in the configuration before any request, and shows no token of it", async () => {
    const world = await rightWorld({ AFK_MAX_PER_REPO: "none", AFK_GITHUB_TOKEN_FILE: "/nowhere" });

    const { code, stdout, stderr } = await world.run("watch", "--check", "--json");

    expect(code).toBe(2);
    expect(stderr).toMatch(/^afk: error: .*AFK_MAX_PER_REPO.*$/m);
    expect(stdout + stderr).not.toContain(GITHUB_TOKEN);
    expect([...world.github.server.made, ...world.t3.requests]).toEqual([]);
  });
});
