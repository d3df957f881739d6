// Asks Woodpecker's API: who we are, which repo is meant, its pushes, one pipeline, one log.
import * as z from "zod/mini";
import type { AdapterDeps } from "../../adapter.ts";
import { AfkError } from "../../errors.ts";
import { createHttp, parseJson } from "../../http.ts";
import type { Secret } from "../../secret.ts";
import {
  LogEntrySchema,
  PipelineDetailSchema,
  PipelineSchema,
  RepoSchema,
  UserSchema,
  type LogEntry,
  type Pipeline,
  type PipelineDetail,
} from "./schemas.ts";

const WHAT = "Woodpecker";
/** The most that Woodpecker puts on a page. */
export const PAGE_SIZE = 50;
/** A log is sent line by line as base64, with five more fields each. */
const LOG_BYTES = 32 * 1024 * 1024;

/** A repo as Woodpecker's requests name it. */
export interface Place {
  /** As the rest of afk names it. */
  readonly repo: string;
  readonly id: number;
  readonly defaultBranch: string;
}

export interface Woodpecker {
  /** The login of the token's user. */
  whoAmI(): Promise<string>;
  /** @throws AfkError `config` when the repo cannot be on Woodpecker, is not known to it, or is not active there. */
  findPlace(repo: string): Promise<Place>;
  /** One page, from 1 on, of the pipelines of pushes to the default branch, newest first. */
  listPushes(place: Place, page: number): Promise<readonly Pipeline[]>;
  readPipeline(place: Place, number: number): Promise<PipelineDetail>;
  readLog(place: Place, number: number, stepId: number): Promise<readonly LogEntry[]>;
  /** The page for people of a pipeline, or of one workflow or step of it. */
  pageOf(place: Place, number: number, pid?: number): string;
}

export function createWoodpecker(base: string, token: Secret, deps: AdapterDeps): Woodpecker {
  const http = createHttp(deps);
  const places = new Map<string, Promise<Place>>();

  /** Null: there is no such thing, or the user may not see it, which Woodpecker does not tell apart. */
  async function ask<T>(path: string, schema: z.ZodMiniType<T>, maxBytes?: number): Promise<T | null> {
    const answer = await http.requestText({
      what: WHAT,
      method: "GET",
      url: `${base}/api/${path}`,
      // Read at each request: tokens rotate.
      headers: { accept: "application/json", authorization: `Bearer ${token.reveal()}` },
      accept: [401, 403, 404],
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    if (answer.status === 401 || answer.status === 403)
      throw new AfkError(
        "config",
        `${WHAT} refused the token (${answer.status}): put a personal token of a user who may read the repos into AFK_WOODPECKER_TOKEN.`,
      );
    return answer.status === 404 ? null : parseJson(WHAT, answer.data, schema);
  }

  async function askSure<T>(path: string, schema: z.ZodMiniType<T>, maxBytes?: number): Promise<T> {
    const found = await ask(path, schema, maxBytes);
    if (found !== null) return found;
    throw new AfkError(
      "contract",
      `${WHAT} has nothing where its API should be (404): check that AFK_WOODPECKER_URL is its address.`,
    );
  }

  async function lookUp(repo: string): Promise<Place> {
    const fullName = fullNameOf(repo);
    const found = (await ask(`repos/lookup/${fullName}`, RepoSchema)) ?? (await searchOwn(fullName));
    if (found === null)
      throw new AfkError(
        "config",
        `${WHAT} does not know ${repo}, or the token's user may not see it: activate the repo there, and give that user access.`,
      );
    if (!found.active)
      throw new AfkError(
        "config",
        `${repo} is not active on ${WHAT}: activate it, or it will never be built.`,
      );
    return { repo, id: found.id, defaultBranch: found.default_branch };
  }

  /** The lookup minds capital letters, and we only know the name in lower case. */
  async function searchOwn(fullName: string): Promise<z.infer<typeof RepoSchema> | null> {
    const named = (await askSure("user/repos", z.array(NamedSchema))).find(
      ({ full_name }) => full_name.toLowerCase() === fullName,
    );
    return named === undefined ? null : ask(`repos/${named.id}`, RepoSchema);
  }

  return {
    whoAmI: async () => (await askSure("user", UserSchema)).login,
    findPlace(repo) {
      const known = places.get(repo);
      if (known !== undefined) return known;
      const place = lookUp(repo);
      places.set(repo, place);
      return place;
    },
    listPushes({ id, defaultBranch }, page) {
      const query = new URLSearchParams({ event: "push", branch: defaultBranch });
      query.set("page", String(page));
      query.set("perPage", String(PAGE_SIZE));
      return askSure(`repos/${id}/pipelines?${query.toString()}`, z.array(PipelineSchema));
    },
    readPipeline: ({ id }, number) => askSure(`repos/${id}/pipelines/${number}`, PipelineDetailSchema),
    readLog: async ({ id }, number, stepId) =>
      (await askSure(
        `repos/${id}/logs/${number}/${stepId}`,
        z.nullable(z.array(LogEntrySchema)),
        LOG_BYTES,
      )) ?? [],
    pageOf: ({ id }, number, pid) =>
      `${base}/repos/${id}/pipeline/${number}${pid === undefined ? "" : `/${pid}`}`,
  };
}

const NamedSchema = z.object({ id: z.int().check(z.positive()), full_name: z.string() });

/** `owner/name`: a repo's name may begin with the host of its tracker. */
function fullNameOf(repo: string): string {
  const parts = repo.split("/");
  if (parts[0] === "local")
    throw new AfkError(
      "config",
      `${repo} is a directory on this machine, which ${WHAT} cannot build: leave woodpecker out of AFK_CI, or the repo out of AFK_ALLOWLIST.`,
    );
  return parts.slice(-2).join("/");
}
