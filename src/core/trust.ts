// Decides whether the last application of the ready label counts, in the order that DESIGN section 3 fixes.
import type { Actor, Permission } from "./issue.ts";
import type { Policy } from "./policy.ts";

export type Trust =
  | { readonly trusted: true }
  | {
      readonly trusted: false;
      readonly reason: "untrusted_label" | "untrusted_label_self";
      readonly message: string;
    };

const RANK: Readonly<Record<Permission, number>> = {
  none: 0,
  read: 1,
  triage: 2,
  write: 3,
  maintain: 4,
  admin: 5,
};

const TRUSTED: Trust = { trusted: true };

/** Whether an actor may arm an issue. No actor is a deleted account. */
export function trustOf(actor: Actor | null, policy: Policy): Trust {
  if (actor === null) return no("by an account that no longer exists");
  const name = listedName(actor);
  const isBotName = name.endsWith("[bot]");
  if (policy.trustedActors.includes(name) && isBotName === (actor.type === "bot")) return TRUSTED;
  if (actor.type === "bot") return no(`by the bot ${name}, which is not in AFK_TRUSTED_ACTORS`);
  if (actor.self || policy.agentActors.includes(name))
    return {
      trusted: false,
      reason: "untrusted_label_self",
      message: `The ready label was applied by ${name}, the account of afk or its agents, and not by a person.`,
    };
  if (actor.permission === "unknown") return no(`by ${name}, whose permission could not be read`);
  if (RANK[actor.permission] >= RANK[policy.trustedPermission]) return TRUSTED;
  return no(
    `by ${name}, who has the permission '${actor.permission}' and needs '${policy.trustedPermission}'` +
      (actor.note === undefined ? "" : `: ${actor.note}`),
  );
}

/** The name by which AFK_TRUSTED_ACTORS lists an actor: a bot as `name[bot]`, so that no person can pass for it. */
function listedName(actor: Actor): string {
  const login = actor.login.toLowerCase();
  return actor.type === "bot" && !login.endsWith("[bot]") ? `${login}[bot]` : login;
}

function no(how: string): Trust {
  return { trusted: false, reason: "untrusted_label", message: `The ready label was applied ${how}.` };
}
