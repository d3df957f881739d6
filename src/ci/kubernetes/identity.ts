// Proves that a Deployment is about our commit: an old Deployment is always "done" (DESIGN section 4, "Verdict").
import { AfkError } from "../../errors.ts";
import type { Deployment } from "./deployment.ts";
import type { Target } from "./targets.ts";

/** The labels and annotations, of the pod template or the Deployment, that may name the commit. */
export const REVISION_KEYS: readonly string[] = [
  "afk.dev/commit",
  "org.opencontainers.image.revision",
  "app.kubernetes.io/version",
];

/**
 * Whether the image tag of the container, or a label or annotation for it, names the commit. A digest never does: it
 * is that of the image's content.
 * @throws AfkError `config` when there is no such container.
 */
export function isOurs(deployment: Deployment, target: Target, sha: string): boolean {
  const { template } = deployment.spec;
  const tags = imagesOf(deployment, target).map(tagOf);
  const places = [template.metadata, deployment.metadata].flatMap(({ labels, annotations }) => [
    labels,
    annotations,
  ]);
  const revisions = REVISION_KEYS.flatMap((key) => places.map((texts) => texts[key] ?? ""));
  return [...tags, ...revisions].some((text) => namesCommit(text, sha));
}

/** The images that may name the commit. @throws AfkError `config` when the container of AFK_ROLLOUT is not there. */
export function imagesOf(deployment: Deployment, target: Target): readonly string[] {
  const { containers } = deployment.spec.template.spec;
  const counting = containers.filter(({ name }) => target.container === null || name === target.container);
  if (counting.length > 0) return counting.map(({ image }) => image);
  throw new AfkError(
    "config",
    `The Deployment ${target.namespace}/${target.deployment} has no container '${target.container}': correct AFK_ROLLOUT.`,
  );
}

/** The tag of `registry:5000/path:tag@sha256:digest`; empty when there is none. */
function tagOf(image: string): string {
  const name = image.split("@")[0]?.split("/").at(-1) ?? "";
  return name.split(":")[1] ?? "";
}

/** Whether a part of the text is the commit's id or at least its first 7 digits, also as `g1a2b3c4` of git describe. */
export function namesCommit(text: string, sha: string): boolean {
  return text
    .toLowerCase()
    .split(/[^0-9a-z]+/)
    .map((part) => /^g?([0-9a-f]{7,64})$/.exec(part)?.[1] ?? null)
    .some((part) => part !== null && sha.toLowerCase().startsWith(part));
}
