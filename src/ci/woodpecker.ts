// Woodpecker as a verdict stage: the pipelines that pushes to the default branch start.
import * as z from "zod/mini";
import { defineAdapter, type AdapterDeps, type Finding } from "../adapter.ts";
import { concurrently } from "../concurrently.ts";
import { requiredHttpUrl, secret } from "../config/parsers.ts";
import { AfkError } from "../errors.ts";
import { isEncryptedOrLocal } from "../http.ts";
import type { Ci } from "../ports.ts";
import { createWoodpecker, type Woodpecker } from "./woodpecker/client.ts";
import { readVerdict } from "./woodpecker/verdict.ts";

const LEGAL_URL = "expected an https:// address (http:// only to this machine): a token is sent there";

export const woodpeckerCi = defineAdapter({
  variables: {
    AFK_WOODPECKER_URL: {
      about: "The address of the Woodpecker server, as a browser has it.",
      parse: requiredHttpUrl().check(
        z.refine((url) => isEncryptedOrLocal(new URL(url)), { error: LEGAL_URL }),
      ),
    },
    AFK_WOODPECKER_TOKEN: {
      about: "A personal token of a Woodpecker user who may read the repos.",
      parse: secret(),
    },
  },
  create(settings, deps): Ci {
    const woodpecker = createWoodpecker(settings.AFK_WOODPECKER_URL, settings.AFK_WOODPECKER_TOKEN, deps);
    return {
      readVerdict: (repo, sha) => readVerdict(woodpecker, repo, sha, deps.log),
      // Woodpecker starts by itself, so nothing is ever `none` with `canRequest`.
      request: async () => undefined,
    };
  },
  check: (settings, deps) =>
    checkWoodpecker(createWoodpecker(settings.AFK_WOODPECKER_URL, settings.AFK_WOODPECKER_TOKEN, deps), deps),
});

async function checkWoodpecker(woodpecker: Woodpecker, deps: AdapterDeps): Promise<readonly Finding[]> {
  const login = await woodpecker.whoAmI();
  const repos = await concurrently(deps.repos, (repo) => checkRepo(woodpecker, repo));
  return [
    { on: "woodpecker", result: "ok", message: `Woodpecker knows the token as ${login}.` },
    ...repos.flat(),
  ];
}

/** Only what is wrong. */
async function checkRepo(woodpecker: Woodpecker, repo: string): Promise<readonly Finding[]> {
  try {
    await woodpecker.findPlace(repo);
    return [];
  } catch (error) {
    if (!(error instanceof AfkError)) throw error;
    return [{ on: repo, result: error.kind, message: error.message }];
  }
}
