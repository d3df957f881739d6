// The gates of a dispatch: each with its own code, and all that fail at once.
import { describe, expect, test } from "vitest";
import { type Candidate, failedGates, type RepoHealth } from "../../src/core/gates.ts";
import type { IssueDetail } from "../../src/core/issue.ts";
import { known, unknown } from "../../src/core/observation.ts";
import type { Policy } from "../../src/core/policy.ts";
import {
  actor,
  arming,
  blocker,
  candidate,
  card,
  digest,
  health,
  policy,
  reading,
} from "../support/world.ts";

interface World {
  readonly issue?: Partial<IssueDetail>;
  readonly candidate?: Partial<Candidate>;
  readonly repo?: Partial<RepoHealth>;
  readonly policy?: Partial<Policy>;
}

function gatesIn(world: World) {
  return failedGates(
    candidate(world.issue, world.candidate),
    health(world.repo),
    policy(world.policy),
    digest,
  );
}

function reasonsIn(world: World): readonly string[] {
  return gatesIn(world).map(({ reason }) => reason);
}

const stranger = actor({ login: "mallory", permission: "read" });
const ran = card({ outcome: "freeze_escalate" });
const readyAnd = (label: string): readonly string[] => ["ready-for-agent", label];

test("an issue that a trusted person armed and nothing holds back passes", () => {
  expect(gatesIn({})).toEqual([]);
});

test.each<[reason: string, what: string, World]>([
  ["not_ready", "is closed", { issue: { open: false } }],
  ["not_ready", "lost its label", { issue: { labels: [], arming: null } }],
  ["not_ready", "has a label that nobody is known to have applied", { issue: { arming: null } }],
  [
    "not_ready",
    "lost its label after its run",
    { issue: { labels: [], arming: null }, candidate: { card: reading(ran) } },
  ],
  ["not_ready", "is gone", { candidate: { detail: known(null) } }],
  ["in_progress", "carries the in-progress label", { issue: { labels: readyAnd("agent-in-progress") } }],
  ["in_progress", "has a live thread", { candidate: { hasLiveThread: true } }],
  ["in_progress", "has a card without an outcome", { candidate: { card: reading(card()) } }],
  [
    "in_progress",
    "has a card without an outcome, of an earlier arming",
    { candidate: { card: reading(card({ armed: "arming-0" })) } },
  ],
  ["already_ran", "had a run for this arming", { candidate: { card: reading(ran) } }],
  [
    "already_ran",
    "was taken from its run, which a person ended, for this arming",
    { candidate: { card: reading(card()), abandoned: true } },
  ],
  ["with_human", "carries the human label", { issue: { labels: readyAnd("ready-for-human") } }],
  [
    "card_unreadable",
    "has a card that cannot be believed",
    { candidate: { card: { kind: "unreadable", message: "Damaged.", commentId: null } } },
  ],
  ["card_unreadable", "has a card that was not read", { candidate: { card: null } }],
  ["untrusted_label", "was armed by a stranger", { issue: { arming: arming({ actor: stranger }) } }],
  ["untrusted_label", "was armed by a deleted account", { issue: { arming: arming({ actor: null }) } }],
  [
    "untrusted_label_self",
    "was armed by afk's own account",
    { issue: { arming: arming({ actor: actor({ self: true }) }) } },
  ],
  [
    "edited_after_label",
    "was edited by a stranger",
    { issue: { edits: { kind: "known", editors: [actor(), stranger] } } },
  ],
  [
    "edited_after_label",
    "was edited by a deleted account",
    { issue: { edits: { kind: "known", editors: [null] } } },
  ],
  ["edited_after_label", "has a history that was cut off", { issue: { edits: { kind: "truncated" } } }],
  [
    "no_edit_history",
    "has no history and a stranger as author",
    { issue: { edits: { kind: "no_history" }, author: stranger } },
  ],
  [
    "no_edit_history",
    "has no history and no author",
    { issue: { edits: { kind: "no_history" }, author: null } },
  ],
  ["blocked", "waits for an open issue", { issue: { blockers: [blocker("acme/shop#3")] } }],
  [
    "blocker_unreadable",
    "waits for an issue that cannot be read",
    { issue: { blockers: [blocker("acme/secret#3", "unreadable")] } },
  ],
  ["open_sub_issues", "has open sub-issues", { issue: { openSubIssues: 2 } }],
  ["base_red", "is of a repo whose base is red", { repo: { head: "red" } }],
  ["base_unknown", "is of a repo whose base is not known", { repo: { head: "unknown" } }],
  ["repo_frozen", "is of a repo with a frozen run", { repo: { frozen: ["acme/shop#3"] } }],
  ["repo_frozen", "is of a repo that may have a frozen run", { repo: { frozenUnreadable: ["acme/shop#3"] } }],
  ["renamed", "is of a repo with another name now", { repo: { renamedTo: "acme/store" } }],
  [
    "issue_unreadable",
    "could not be read",
    { candidate: { detail: unknown("transport", "No answer."), card: null } },
  ],
])("%s: an issue that %s", (reason, _, world) => {
  expect(reasonsIn(world)).toEqual([reason]);
});

test.each<[what: string, World]>([
  [
    "a trusted person's edit",
    { issue: { edits: { kind: "known", editors: [actor(), actor({ login: "ben" })] } } },
  ],
  ["no edit history, with a trusted author", { issue: { edits: { kind: "no_history" } } }],
  ["a closed blocker", { issue: { blockers: [blocker("acme/shop#3", "closed")] } }],
  [
    "a run of an earlier arming",
    { candidate: { card: reading(card({ armed: "arming-0", outcome: "freeze_escalate" })) } },
  ],
  [
    "another text than that of a run of an earlier arming",
    { candidate: { card: reading(card({ armed: "arming-0", body: "0", outcome: "freeze_escalate" })) } },
  ],
  [
    "a run of an earlier arming that a person took over",
    { candidate: { card: reading(card({ armed: "arming-0" })), abandoned: true } },
  ],
])("%s holds nothing back", (_, world) => {
  expect(reasonsIn(world)).toEqual([]);
});

test("another text than the one that was approved for this arming holds", () => {
  const changed = { candidate: { card: reading(card({ body: "0", outcome: "freeze_escalate" })) } } as const;

  expect(reasonsIn(changed)).toEqual(["already_ran", "edited_after_label"]);
});

test("every gate that fails is told, not only the first", () => {
  const reasons = reasonsIn({
    issue: {
      open: false,
      labels: ["ready-for-agent", "agent-in-progress", "ready-for-human"],
      arming: arming({ actor: stranger }),
      edits: { kind: "known", editors: [stranger] },
      blockers: [blocker("acme/shop#3"), blocker("acme/shop#4", "unreadable")],
      openSubIssues: 1,
    },
    candidate: { card: reading(ran) },
    repo: { renamedTo: "acme/store", head: "red", frozen: ["acme/shop#5"] },
  });

  expect([...reasons].toSorted()).toEqual(
    [
      "renamed",
      "not_ready",
      "in_progress",
      "with_human",
      "already_ran",
      "untrusted_label",
      "edited_after_label",
      "blocked",
      "blocker_unreadable",
      "open_sub_issues",
      "base_red",
      "repo_frozen",
    ].toSorted(),
  );
});

describe("the sentence", () => {
  test("of a blocked issue names what blocks, and a cycle", () => {
    const [gate] = gatesIn({
      issue: { blockers: [blocker("acme/shop#3")] },
      candidate: { cycle: ["acme/shop#3"] },
    });

    expect(gate?.message).toBe("Blocked by acme/shop#3; acme/shop#3 in turn waits for acme/shop#7.");
  });

  test.each<[string, World]>([
    ["The tracker now calls acme/shop 'acme/store'.", { repo: { renamedTo: "acme/store" } }],
    ["The issue is gone.", { candidate: { detail: known(null) } }],
    ["No answer.", { candidate: { detail: unknown("transport", "No answer."), card: null } }],
    [
      "A frozen run waits for a person: acme/shop#3, acme/shop#4.",
      { repo: { frozen: ["acme/shop#3", "acme/shop#4"] } },
    ],
    [
      "Whether a run is frozen could not be read: acme/shop#3, acme/shop#4.",
      { repo: { frozenUnreadable: ["acme/shop#3", "acme/shop#4"] } },
    ],
    ["Build is red.", { repo: { head: "red", message: "Build is red." } }],
    ["The issue is closed or no longer carries the ready label.", { issue: { open: false } }],
    [`Its run is under way (thread ${card().thread}).`, { candidate: { card: reading(card()) } }],
    ["A run of this issue is live.", { candidate: { hasLiveThread: true } }],
    ["The issue carries the label agent-in-progress.", { issue: { labels: readyAnd("agent-in-progress") } }],
    ["The run card was not read.", { candidate: { card: null } }],
    [
      "Edits cannot be seen here, and mallory is not trusted.",
      { issue: { edits: { kind: "no_history" }, author: stranger } },
    ],
    [
      "Edits cannot be seen here, and an account that no longer exists is not trusted.",
      { issue: { edits: { kind: "no_history" }, author: null } },
    ],
    ["Not all edits could be read.", { issue: { edits: { kind: "truncated" } } }],
    [
      "Blocked by acme/shop#3, acme/shop#4.",
      {
        issue: { blockers: [blocker("acme/shop#3"), blocker("acme/shop#4")] },
      },
    ],
    [
      "Blocked by acme/shop#3; acme/shop#3, acme/shop#5 in turn waits for acme/shop#7.",
      {
        issue: { blockers: [blocker("acme/shop#3")] },
        candidate: { cycle: ["acme/shop#3", "acme/shop#5"] },
      },
    ],
    [
      "These blockers cannot be read: acme/secret#3, acme/secret#4.",
      {
        issue: {
          blockers: [blocker("acme/secret#3", "unreadable"), blocker("acme/secret#4", "unreadable")],
        },
      },
    ],
    ["2 sub-issues are open.", { issue: { openSubIssues: 2 } }],
  ])("is: %s", (message, world) => {
    expect(gatesIn(world).map((gate) => gate.message)).toEqual([message]);
  });

  test("of a text that was changed after its approval says so", () => {
    const gates = gatesIn({ candidate: { card: reading(card({ body: "0", outcome: "freeze_escalate" })) } });

    expect(gates.at(-1)?.message).toBe("The text is not the one that was approved.");
  });

  test("of an edit names who made it", () => {
    const edited = gatesIn({ issue: { edits: { kind: "known", editors: [stranger, null] } } });

    expect(edited.map(({ message }) => message)).toEqual([
      "mallory edited the issue after the ready label.",
      "an account that no longer exists edited the issue after the ready label.",
    ]);
  });

  test("of a run that a person took over says what became of it", () => {
    const [gate] = gatesIn({ candidate: { card: reading(card()), abandoned: true } });

    expect(gate?.message).toContain("had its run (handed_over)");
  });

  test("of an issue that is with a person says how to arm it again", () => {
    const [gate] = gatesIn({ issue: { labels: readyAnd("ready-for-human") } });

    expect(gate?.message).toBe("A person has it: remove ready-for-human and apply ready-for-agent again.");
  });
});
