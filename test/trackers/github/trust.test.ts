// Who armed an issue and who changed it after that: the attacks that the trust rules must see through.
import { describe, expect, it } from "vitest";
import { trustOf } from "../../../src/core/trust.ts";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { detailOf } from "../../conformance/tracker-world.ts";
import { onceFor, reply, restCalls } from "../../support/github/server.ts";
import type { Account } from "../../support/github/state.ts";
import {
  type GithubWorld,
  githubWorld,
  REPO,
  SETTINGS,
  type WorldOptions,
} from "../../support/github/world.ts";

const READY = "ready-for-agent";

function world(options: WorldOptions = {}) {
  const made = githubWorld(options);
  const tracker = githubTracker.create(SETTINGS, made.deps);
  return { ...made, tracker, read: (number: number) => detailOf({ tracker, repo: REPO }, number) };
}

function permissionReads({ server }: GithubWorld): readonly string[] {
  return server.made.filter(restCalls).map(({ path }) => path);
}

type Labeler = readonly [
  what: string,
  make: (made: GithubWorld) => Account | null,
  trusted: boolean,
  permission: string | null,
];

const LABELERS: readonly Labeler[] = [
  ["a maintainer", ({ people }) => people.maintainer, true, "maintain"],
  ["somebody who may push", (made) => made.join("wanda", "User", "write"), true, "write"],
  ["an admin", (made) => made.join("anna", "User", "admin"), true, "admin"],
  [
    "a custom role that may push",
    (made) => made.join("carl", "User", "write", "Senior Editor"),
    true,
    "write",
  ],
  [
    "a custom role called admin that may not push",
    (made) => made.join("evil", "User", "triage", "admin"),
    false,
    "triage",
  ],
  ["somebody who may triage", (made) => made.join("tina", "User", "triage"), false, "triage"],
  ["an outsider on a public repo", ({ people }) => people.outsider, false, "read"],
  ["a bot", (made) => made.join("dependabot", "Bot"), false, "none"],
  ["a bot that carries a maintainer's name", () => ({ login: "maria", type: "Bot" }), false, "none"],
  [
    "a mannequin that carries a maintainer's name",
    () => ({ login: "maria", type: "Mannequin" }),
    false,
    null,
  ],
  ["an organization", () => ({ login: "acme", type: "Organization" }), false, null],
  ["a deleted account", () => null, false, null],
  ["the token's own account", ({ people }) => people.afk, false, "unknown"],
];

describe("the last application of the ready label", () => {
  it.each(LABELERS)("by %s", async (_what, make, trusted, permission) => {
    const made = world();
    const number = made.open({ title: "One" });
    made.label(number, READY, make(made));

    const { arming } = await made.read(number);

    expect(arming).not.toBeNull();
    expect(trustOf(arming?.actor ?? null, made.deps.policyOf(REPO)).trusted).toBe(trusted);
    expect(arming?.actor?.permission ?? null).toBe(permission);
  });

  it("counts, and not an earlier one by somebody better", async () => {
    const made = world();
    const number = made.open({ title: "One", labels: [READY] });
    made.unlabel(number, READY);
    made.label(number, READY, made.people.outsider);

    const { arming } = await made.read(number);

    expect(arming?.actor).toMatchObject({ login: "oscar", permission: "read", self: false });
  });

  it("is found behind hundreds of later events", async () => {
    const made = world();
    const number = made.open({ title: "One", labels: [READY] });
    const before = await made.read(number);
    for (let index = 0; index < 130; index += 1) {
      made.label(number, "noise");
      made.unlabel(number, "noise");
    }

    const after = await made.read(number);

    expect(after.arming).toEqual(before.arming);
    expect(after.events).toHaveLength(261);
  });

  it("is nobody's when GitHub has the label and no event for it", async () => {
    const made = world();
    const number = made.open({ title: "Moved here" });
    made.issue(number).labels.push(READY);

    expect((await made.read(number)).arming?.actor).toBeNull();
  });

  it("on a private repo gives an outsider nothing", async () => {
    const made = world();
    made.repo().isPublic = false;
    const number = made.open({ title: "One", labels: [READY], labeledBy: made.people.outsider });

    expect((await made.read(number)).arming?.actor?.permission).toBe("none");
  });
});

describe("edits after the label", () => {
  const edits = [
    [
      "the body",
      (made: GithubWorld, number: number, by: Account | null) => made.editBody(number, "rm -rf /", by),
    ],
    [
      "the title",
      (made: GithubWorld, number: number, by: Account | null) => made.editTitle(number, "Evil", by),
    ],
  ] as const;

  it.each(edits)(
    "of %s by its author, an outsider, are seen with what that one may do",
    async (_what, edit) => {
      const made = world();
      const number = made.open({ title: "One", by: made.people.outsider, labels: [READY] });
      edit(made, number, made.people.outsider);

      const detail = await made.read(number);

      expect(detail.edits).toMatchObject({
        kind: "known",
        editors: [{ login: "oscar", permission: "read" }],
      });
      expect(detail.arming?.actor?.login).toBe("maria");
    },
  );

  it.each(edits)("of %s before the label do not count, those of the same second do", async (_what, edit) => {
    const made = world();
    const early = made.open({ title: "One" });
    edit(made, early, made.people.outsider);
    made.label(early, READY);
    const same = made.open({ title: "Two", labels: [READY] });
    made.state.now -= 1000;
    edit(made, same, made.people.outsider);

    expect((await made.read(early)).edits).toEqual({ kind: "known", editors: [] });
    expect((await made.read(same)).edits).toMatchObject({ editors: [{ login: "oscar" }] });
  });

  it("by a deleted account are nobody's, and so not trusted", async () => {
    const made = world();
    const number = made.open({ title: "One", labels: [READY] });
    made.editBody(number, "changed", null);

    expect((await made.read(number)).edits).toEqual({ kind: "known", editors: [null] });
  });

  it("are truncated when GitHub does not show them all", async () => {
    const made = world();
    const number = made.open({ title: "One", labels: [READY] });
    made.issue(number).lostEdits = 1;

    expect((await made.read(number)).edits).toEqual({ kind: "truncated" });
  });
});

describe("what may be asked", () => {
  it("is each account once in a tick, however many issues it labelled or edited", async () => {
    const made = world();
    const numbers = [1, 2, 3].map((index) => made.open({ title: `Issue ${index}`, labels: [READY] }));
    for (const number of numbers) made.editBody(number, "more", made.people.outsider);

    await made.tracker.readIssues(numbers.map((number) => ({ repo: REPO, number })));
    await made.tracker.readIssues(numbers.map((number) => ({ repo: REPO, number })));

    expect(permissionReads(made).toSorted()).toEqual([
      "/repos/acme/shop/collaborators/maria/permission",
      "/repos/acme/shop/collaborators/oscar/permission",
    ]);
  });

  it("is nothing about bots, the token's account and those who are listed", async () => {
    const made = world({ policy: { trustedActors: ["maria"] } });
    const bot = made.join("helper", "Bot");
    for (const labeledBy of [made.people.maintainer, made.people.afk, bot, null])
      await made.read(made.open({ title: "One", labels: [READY], labeledBy }));

    expect(permissionReads(made)).toEqual([]);
  });

  it("leaves the permission unknown, which is not enough, when it cannot be read", async () => {
    const made = world();
    const number = made.open({ title: "One", labels: [READY] });
    made.server.faults.push(onceFor(restCalls, () => reply(403, { message: "Must have push access" })));

    const { arming } = await made.read(number);

    expect(arming?.actor?.permission).toBe("unknown");
    expect(trustOf(arming?.actor ?? null, made.deps.policyOf(REPO)).trusted).toBe(false);
    expect(made.warnings).toEqual([expect.stringContaining("maria")]);
  });
});

it("knows a bot token's own deeds as its own", async () => {
  const made = world();
  const app: Account = { login: "afk-app", type: "Bot" };
  made.state.accounts.set("ghp_worldtoken", app);
  const number = made.open({ title: "One", labels: [READY], labeledBy: app });

  const { arming } = await made.read(number);

  expect(arming?.actor).toMatchObject({ login: "afk-app[bot]", type: "bot", self: true });
});
