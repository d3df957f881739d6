// Reads AFK_ROLLOUT: which Deployments prove that a repo's commit runs.
import * as z from "zod/mini";
import type { Parser } from "../../config/parsers.ts";
import { quoted } from "../../config/problems.ts";
import { readList, readRepo } from "../../config/words.ts";

/** One Deployment, and the container whose image counts; null: any of them. */
export interface Target {
  readonly repo: string;
  readonly namespace: string;
  readonly deployment: string;
  readonly container: string | null;
}

const LEGAL =
  "expected owner/name=namespace/deployment or owner/name=namespace/deployment/container, several separated by " +
  "commas or white space, a repo again for each further Deployment";

// RFC 1123: a label, and the dotted names of Deployments.
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME = /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** The parser of AFK_ROLLOUT, which must be set; it names every entry that is wrong, and what is wrong with it. */
export function targets(): Parser<readonly Target[]> {
  return z.pipe(
    z.optional(z.string({ error: LEGAL })),
    z.transform((raw, context): readonly Target[] => {
      const words = readList(raw ?? "");
      const entries = words.map((word, index) =>
        words.indexOf(word) < index ? "it stands there twice" : readTarget(word),
      );
      const mistakes = entries.flatMap((entry, index) =>
        typeof entry === "string" ? [`${quoted(words[index] ?? "")} is wrong, ${entry}`] : [],
      );
      if (words.length > 0 && mistakes.length === 0)
        return entries.filter((entry) => typeof entry !== "string");
      for (const message of [...mistakes, LEGAL])
        context.issues.push({ code: "custom", message, input: undefined });
      return z.NEVER;
    }),
  );
}

/** One entry, or what is wrong with it. */
function readTarget(word: string): Target | string {
  const [name = "", place, ...more] = word.split("=");
  if (place === undefined || more.length > 0) return "it has not exactly one '='";
  const repo = readRepo(name);
  if (repo === null) return "what stands before '=' is no repo";
  const [namespace = "", deployment, container = null, ...rest] = place.split("/");
  if (deployment === undefined || rest.length > 0)
    return "after '=' there are not namespace, deployment and perhaps a container";
  if (!LABEL.test(namespace)) return "its namespace is no Kubernetes name";
  if (!NAME.test(deployment)) return "its deployment is no Kubernetes name";
  if (container !== null && !LABEL.test(container)) return "its container is no Kubernetes name";
  return { repo, namespace, deployment, container };
}
