// A place, a setting or a command line that is wrong: a sentence that names it and the remedy, the right exit code, no harm.
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { A_WHILE_SECONDS, cardText, decided, started, storyWorld } from "../support/stories.ts";
import type { Ran } from "../support/small-process.ts";
import type { WholeWorld } from "../support/whole-world.ts";

interface Row {
  readonly what: string;
  readonly spoil?: (world: WholeWorld) => void;
  readonly settings?: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
  readonly says: readonly RegExp[];
}

const PLACES: readonly Row[] = [
  {
    what: "no .afk directory",
    spoil: (world) => rmSync(join(world.checkout, ".afk"), { recursive: true }),
    says: [
      /There is no directory \S+\/shop\/\.afk\/issues/,
      /make it with `mkdir -p \S+\/shop\/\.afk\/issues`/,
    ],
  },
  {
    what: "no git repository",
    spoil: (world) => rmSync(join(world.checkout, ".git"), { recursive: true }),
    says: [/\S+\/shop is not a git repository/, /run `git init` there and make a first commit/],
  },
  {
    what: "a repository without a commit",
    spoil: (world) => {
      rmSync(join(world.checkout, ".git"), { recursive: true });
      world.git(world.checkout, "init", "--quiet", "--template=");
    },
    says: [/\S+\/shop has no commit yet/, /make a first commit on its default branch/],
  },
  {
    what: "a remote without a commit",
    spoil: (world) => {
      rmSync(join(world.root, "shop.git"), { recursive: true });
      world.git(world.root, "init", "--quiet", "--template=", "--bare", "shop.git");
    },
    says: [/The remote 'origin' of \S+\/shop has no default branch yet/, /push a first commit/],
  },
];

const SETTINGS: readonly Row[] = [
  {
    what: "no agent command",
    settings: { AFK_AGENT_COMMAND: "" },
    says: [/AFK_AGENT_COMMAND/, /'claude', 'codex' or a command line/],
  },
  {
    what: "another repo's name in the allowlist",
    settings: { AFK_ALLOWLIST: "local/shopp" },
    says: [/AFK_ALLOWLIST/, /found 'local\/shopp'/, /expected 'local\/shop'/],
  },
  {
    what: "an unknown option",
    argv: ["poll", "--drt-run"],
    says: [/unknown option '--drt-run'/, /--dry-run/],
  },
  { what: "an unknown command", argv: ["pol"], says: [/unknown command 'pol'/, /poll/] },
  { what: "no command", argv: [], says: [/No command was given: use afk poll or afk watch/] },
];

describe("a person must act (exit 2), and reads how, when there is", () => {
  it.each([...PLACES, ...SETTINGS])("$what", async ({ spoil, settings = {}, argv = ["poll"], says }) => {
    const world = storyWorld(settings);
    world.issue(1, "land");
    spoil?.(world);
    const before = world.fingerprint();

    const ran = await world.afk(...argv);

    expectTold(ran, 2, says);
    expect(world.fingerprint()).toBe(before);
  });

  it("no git on the machine", async () => {
    const world = storyWorld();
    world.issue(1, "land");
    const programs = join(world.root, "programs");
    mkdirSync(programs);
    symlinkSync("/bin/sh", join(programs, "sh"));
    const before = world.fingerprint();
    const [file = "", json = ""] = world.faultyArguments({ at: null, fault: "kill" });
    const run = (...argv: readonly string[]): Promise<Ran> =>
      world.spawned(process.execPath, [file, json, ...argv], { settings: { PATH: programs } });

    const polled = await run("poll");
    const checked = await run("poll", "--check");

    expectTold(polled, 2, [/git \S+ in \S+\/shop could not start: install git/]);
    expectTold(checked, 2, [/git was not found on PATH: install it/]);
    expect(world.fingerprint()).toBe(before);
  });

  it("an agent command that is not there: the preflight finds it, and a run says it on its card", async () => {
    const world = storyWorld({ AFK_AGENT_COMMAND: "/no/such/program" });
    world.issue(1, "land");

    const checked = await world.afk("poll", "--check");
    await world.afk("poll");
    await world.quiet();
    world.skip(A_WHILE_SECONDS);
    const watched = await world.afk("watch", "--json");

    expectTold(checked, 2, [/'\/no\/such\/program' was not found/, /correct AFK_AGENT_COMMAND/]);
    expect(decided(watched)).toEqual(["1 escalate_prepush agent_failed"]);
    expect(watched.stdout).toMatch(
      /agent command was not found or cannot be run .*: correct AFK_AGENT_COMMAND/,
    );
    expect(cardText(world)).toContain("/no/such/program");
    expect(world.front(1)).toBe("\nlabels: [ready-for-human]\n");
  });
});

describe("a remote that is away for a while", () => {
  it("holds everything (exit 3), and the next tick goes on", async () => {
    const world = storyWorld();
    world.issue(1, "give up");
    renameSync(join(world.root, "shop.git"), join(world.root, "away.git"));

    const away = await world.afk("poll");
    renameSync(join(world.root, "away.git"), join(world.root, "shop.git"));
    const back = await world.afk("poll", "--json");
    await world.quiet();

    expectTold(away, 3, [/The remote 'origin' of \S+\/shop cannot be read/, /hold \(base_unknown\)/]);
    expect(decided(back)).toEqual(["1 dispatch ready"]);
    expect(world.starts).toHaveLength(1);
  });
});

describe("a checkout in the middle of a person's work", () => {
  it("keeps its changes, its unpushed commit and its branch through a whole run", async () => {
    const world = storyWorld();
    world.issue(1, "land");
    world.git(world.checkout, "checkout", "--quiet", "-b", "feature");
    world.write("shop/mine.txt", "committed, not pushed\n");
    world.git(world.checkout, "add", "mine.txt");
    world.git(world.checkout, "commit", "--quiet", "--message", "Mine");
    world.write("shop/mine.txt", "changed since\n");
    world.write("shop/staged.txt", "staged\n");
    world.git(world.checkout, "add", "staged.txt");
    world.write("shop/new.txt", "never added\n");
    const before = stateOf(world);

    await world.settle();

    expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
    expect(stateOf(world)).toEqual(before);
    expect(world.git(join(world.root, "shop.git"), "log", "--format=%s", "main")).toBe("Work on 1\nStart\n");
  });

  it("keeps them too when the run starts from the person's own dirty default branch", async () => {
    const world = storyWorld();
    world.issue(1, "land");
    world.write("shop/mine.txt", "committed, not pushed\n");
    world.git(world.checkout, "add", "mine.txt");
    world.git(world.checkout, "commit", "--quiet", "--message", "Mine");
    world.write("shop/mine.txt", "changed since\n");
    world.write("shop/staged.txt", "staged\n");
    world.git(world.checkout, "add", "staged.txt");
    world.write("shop/new.txt", "never added\n");
    const before = stateOf(world);

    await started(world);
    await world.settle();

    expect(world.front(1)).toBe("\nlabels: []\nstate: closed\n");
    expect(stateOf(world)).toEqual(before);
    expect(world.git(join(world.root, "shop.git"), "log", "--format=%s", "main")).toBe("Work on 1\nStart\n");
  });
});

function expectTold(ran: Ran, code: number, says: readonly RegExp[]): void {
  const told = ran.stdout + ran.stderr;
  expect(ran.code, told).toBe(code);
  for (const words of says) expect(told).toMatch(words);
  expect(told).not.toMatch(/afk has a bug|^ +at /m);
}

/** Everything of the checkout that is a person's: branches, index, HEAD and files. */
function stateOf(world: WholeWorld): readonly string[] {
  return [
    world.read("shop/.git/HEAD"),
    world.read("shop/.git/index"),
    ...["mine.txt", "staged.txt", "new.txt"].map((name) => world.read(`shop/${name}`)),
    world.git(world.checkout, "for-each-ref", "refs/heads", "refs/stash", "refs/tags"),
  ];
}
