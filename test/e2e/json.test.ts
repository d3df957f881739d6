// With --json the published program prints exactly one document and nothing else on stdout, whichever way it ends.
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildLauncher } from "../support/launcher.ts";
import { reportOf, storyWorld, verified } from "../support/stories.ts";
import type { WholeWorld } from "../support/whole-world.ts";

const launcher = buildLauncher();

interface Row {
  readonly what: string;
  readonly words: string;
  readonly code: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly spoil?: (world: WholeWorld) => void | Promise<void>;
  /** What the document has beside its head. */
  readonly has: object;
}

const ERROR = { error: { kind: "config" } };

const ROWS: readonly Row[] = [
  {
    what: "a tick that starts a run",
    words: "poll",
    code: 0,
    has: { outcomes: [{ issue: 1, action: "dispatch", result: "done" }] },
  },
  { what: "a tick with nothing to do", words: "watch", code: 0, has: { decisions: [], outcomes: [] } },
  {
    what: "a dry run",
    words: "poll --dry-run",
    code: 0,
    has: { dryRun: true, decisions: [{ action: "dispatch" }] },
  },
  { what: "a preflight", words: "poll --check", code: 0, has: { findings: expect.any(Array) } },
  {
    what: "a disabled tick",
    words: "poll",
    code: 0,
    settings: { AFK_KILL_SWITCH: "true" },
    has: { disabled: { reason: "kill_switch" } },
  },
  { what: "--help", words: "--help", code: 0, has: { text: expect.stringContaining("Usage: afk") } },
  { what: "--version", words: "poll --version --help", code: 0, has: { text: expect.any(String) } },
  { what: "no command", words: "", code: 2, has: ERROR },
  { what: "an unknown command", words: "pol", code: 2, has: ERROR },
  { what: "an unknown option", words: "poll --fast", code: 2, has: ERROR },
  { what: "an illegal value", words: "poll --issue seven", code: 2, has: ERROR },
  {
    what: "a wrong configuration",
    words: "poll",
    code: 2,
    settings: { AFK_MAX_PER_REPO: "many" },
    has: { error: { kind: "config", problems: [{ variable: "AFK_MAX_PER_REPO" }] } },
  },
  {
    what: "a missing directory",
    words: "poll",
    code: 2,
    spoil: (world) => rmSync(join(world.checkout, ".afk"), { recursive: true }),
    has: { gaps: [{ kind: "config" }] },
  },
  {
    what: "a remote that is away",
    words: "poll",
    code: 3,
    spoil: (world) => renameSync(join(world.root, "shop.git"), join(world.root, "away.git")),
    has: { gaps: [{ kind: "transport" }], decisions: [{ reason: "base_unknown" }] },
  },
  {
    what: "a verdict that is damaged, for poll",
    words: "poll",
    code: 4,
    spoil: damagedVerdict,
    has: { gaps: [{ on: "local/shop", kind: "contract" }] },
  },
  {
    what: "a verdict that is damaged, for watch",
    words: "watch",
    code: 4,
    spoil: damagedVerdict,
    has: { gaps: [{ on: "local/shop#1 command", kind: "contract" }] },
  },
];

describe("--json", () => {
  it.each(ROWS)("prints one document for $what", async ({ words, code, settings, spoil, has }) => {
    const world = storyWorld(settings);
    world.issue(1, "give up");
    await spoil?.(world);

    const argv = words.split(" ").filter((word) => word !== "");
    const ran = await world.spawned(process.execPath, [launcher, ...argv, "--json"]);

    const document = reportOf(ran);
    expect(ran.code, ran.stdout + ran.stderr).toBe(code);
    expect(ran.stdout.endsWith("}\n")).toBe(true);
    expect(ran.stdout.trimEnd()).not.toContain("\n");
    expect(document).toMatchObject({ schema: 1, at: expect.any(String), requests: { total: 0 }, ...has });
  });
});

async function damagedVerdict(world: WholeWorld): Promise<void> {
  world.issue(1, "land");
  await verified(world);
  const commit = world.git(join(world.root, "shop.git"), "rev-parse", "main").trim();
  world.write(`shop/.afk/ci/${commit}/1/status.json`, "not JSON");
}
