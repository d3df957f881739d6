// Who did something on GitHub and what that account may do on the repo: one question per account and repo in a tick.
import type { AdapterDeps } from "../../adapter.ts";
import type { Actor, Permission } from "../../core/issue.ts";
import { AfkError } from "../../errors.ts";
import { parseJson } from "../../http.ts";
import type { GithubClient } from "../../github/client.ts";
import type { RepoPath } from "../../github/server.ts";
import { PermissionAnswer, type RawActor } from "./schemas.ts";

/** An account as the trust rules see it, without its permission; null: an account that nobody can be held to. */
export function actorOf(raw: RawActor | null, viewer: string): Actor | null {
  if (raw === null) return null;
  const login = raw.login.toLowerCase();
  switch (raw.kind) {
    case "User":
      return { login, type: "user", self: login === viewer.toLowerCase(), permission: "unknown" };
    case "Bot": {
      // GraphQL leaves out the suffix where it names an actor, and not where it names the viewer.
      const name = login.endsWith("[bot]") ? login : `${login}[bot]`;
      return { login: name, type: "bot", self: name === viewer.toLowerCase(), permission: "none" };
    }
    default:
      // A mannequin stands for somebody of another server, an organization for nobody in particular.
      return null;
  }
}

export interface People {
  /** Completes an actor with its permission, where the trust rules would ask for it. */
  withPermission(path: RepoPath, actor: Actor | null): Promise<Actor | null>;
}

export function createPeople(client: GithubClient, deps: AdapterDeps): People {
  const asked = new Map<string, Promise<Permission | "unknown">>();

  async function ask(path: RepoPath, login: string): Promise<Permission | "unknown"> {
    try {
      return await readPermission(client, path, login);
    } catch (error) {
      if (!(error instanceof AfkError)) throw error;
      // Unknown is never enough; blinding the issue instead would also stop the watch over a run of it.
      deps.log.warn(`What ${login} may do could not be read. ${error.message}`, { repo: path.repo });
      return "unknown";
    }
  }

  return {
    async withPermission(path, actor) {
      if (actor === null || actor.type === "bot" || actor.self) return actor;
      if (deps.policyOf(path.repo).trustedActors.includes(actor.login)) return actor;
      const key = `${path.repo} ${actor.login}`;
      const answer = asked.get(key) ?? ask(path, actor.login);
      asked.set(key, answer);
      return { ...actor, permission: await answer };
    },
  };
}

async function readPermission(client: GithubClient, path: RepoPath, login: string): Promise<Permission> {
  // Half a character cannot be encoded, and no login has one.
  const name = login.toWellFormed();
  const parts = [path.owner, path.name, "collaborators", name, "permission"].map(encodeURIComponent);
  const answer = await client.rest({ method: "GET", path: `/repos/${parts.join("/")}`, accept: [404] });
  // Also for what is no user to GitHub, such as its own coding agent.
  if (answer.status === 404) return "none";
  return permissionOf(parseJson("GitHub", answer.text, PermissionAnswer));
}

/** The booleans are right for custom roles too, whose names are free text; the plain word shows triage as read. */
function permissionOf({ permission, user }: PermissionAnswer): Permission {
  const may = user?.permissions;
  if (may === undefined || may === null) return wordOf(permission);
  if (may.admin === true) return "admin";
  if (may.maintain === true) return "maintain";
  if (may.push === true) return "write";
  if (may.triage === true) return "triage";
  return may.pull === true ? "read" : "none";
}

function wordOf(word: string): Permission {
  switch (word) {
    case "admin":
    case "maintain":
    case "write":
    case "triage":
    case "read":
      return word;
    default:
      return "none";
  }
}
