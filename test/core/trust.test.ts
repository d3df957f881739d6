// Who may arm an issue, in the order that DESIGN section 3 fixes.
import { describe, expect, test } from "vitest";
import type { Actor, Permission } from "../../src/core/issue.ts";
import type { Policy } from "../../src/core/policy.ts";
import { trustOf } from "../../src/core/trust.ts";
import { actor, policy } from "../support/world.ts";

type Case = [string, Partial<Actor> | null, Partial<Policy>, string];

test.each<Case>([
  ["a deleted account", null, { trustedPermission: "none" }, "untrusted_label"],
  ["a person with enough permission", {}, {}, "trusted"],
  ["a listed person without any permission", { permission: "none" }, { trustedActors: ["ann"] }, "trusted"],
  [
    "a listed person in other letters",
    { login: "Ann", permission: "none" },
    { trustedActors: ["ann"] },
    "trusted",
  ],
  [
    "a bot with every permission",
    { login: "helper", type: "bot", permission: "admin" },
    {},
    "untrusted_label",
  ],
  ["a listed bot", { login: "helper", type: "bot" }, { trustedActors: ["helper[bot]"] }, "trusted"],
  [
    "a listed bot with its suffix",
    { login: "helper[bot]", type: "bot" },
    { trustedActors: ["helper[bot]"] },
    "trusted",
  ],
  [
    "a bot listed as if it were a person",
    { login: "helper", type: "bot" },
    { trustedActors: ["helper"] },
    "untrusted_label",
  ],
  [
    "a person who took the name of a listed bot",
    { login: "helper[bot]", permission: "none" },
    { trustedActors: ["helper[bot]"] },
    "untrusted_label",
  ],
  ["afk's own account", { self: true, permission: "admin" }, {}, "untrusted_label_self"],
  ["an agent's account", { permission: "admin" }, { agentActors: ["ann"] }, "untrusted_label_self"],
  ["afk's own account, listed", { self: true, permission: "none" }, { trustedActors: ["ann"] }, "trusted"],
  ["afk's own account when it is a bot", { self: true, type: "bot" }, {}, "untrusted_label"],
  [
    "a person whose permission is not known",
    { permission: "unknown" },
    { trustedPermission: "none" },
    "untrusted_label",
  ],
])("%s", (_, part, limits, expected) => {
  const trust = trustOf(part === null ? null : actor(part), policy(limits));

  expect(trust.trusted ? "trusted" : trust.reason).toBe(expected);
});

test.each<[string, Partial<Actor> | null]>([
  ["by an account that no longer exists.", null],
  ["by the bot helper[bot], which is not in AFK_TRUSTED_ACTORS.", { login: "Helper", type: "bot" }],
  ["by ann, the account of afk or its agents, and not by a person.", { self: true }],
  ["by ann, whose permission could not be read.", { permission: "unknown" }],
  ["by ann, who has the permission 'read' and needs 'write'.", { permission: "read" }],
])("it is told that the label was applied %s", (how, part) => {
  expect(trustOf(part === null ? null : actor(part), policy())).toMatchObject({
    message: `The ready label was applied ${how}`,
  });
});

describe("a permission", () => {
  const ranked: readonly Permission[] = ["none", "read", "triage", "write", "maintain", "admin"];

  test.each(ranked.slice(2))("of at least %s is asked for", (asked) => {
    const trusted = ranked.filter((permission) => {
      return trustOf(actor({ permission }), policy({ trustedPermission: asked })).trusted;
    });

    expect(trusted).toEqual(ranked.slice(ranked.indexOf(asked)));
  });

  test("that is too low is told with what the tracker says about mending it", () => {
    const trust = trustOf(actor({ permission: "read", note: "ask an owner" }), policy());

    expect(trust).toMatchObject({
      message:
        "The ready label was applied by ann, who has the permission 'read' and needs 'write': ask an owner.",
    });
  });
});
