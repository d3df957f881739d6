// Reads the kustomizations below k8s as objects, with or without kubectl, for tests that look at the result.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

export const K8S = fileURLToPath(new URL("../../../k8s", import.meta.url));
export const OVERLAYS = ["overlays/with-t3", "overlays/with-rollout", "overlays/example-production"] as const;
/** Everything that can be applied. */
export const KUSTOMIZATIONS = ["base", ...OVERLAYS] as const;

export interface Tree {
  readonly [key: string]: unknown;
}

/** One object of the cluster. */
export interface Manifest extends Tree {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Tree & {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isManifest(value: unknown): value is Manifest {
  if (!isTree(value) || !isTree(value["metadata"])) return false;
  const { apiVersion, kind, metadata } = value;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata["name"] === "string";
}

/** Every document of a YAML text. @throws Error for text that is no YAML */
export function parseYaml(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.map((document): unknown => {
    const [mistake] = [...document.errors, ...document.warnings];
    if (mistake !== undefined) throw mistake;
    return document.toJS();
  });
}

/** The value at a path such as `spec.template.spec.containers.0.image`; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const key of path.split(".")) {
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isTree(found) ? found[key] : undefined;
  }
  return found;
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path. @throws Error when there is none */
export function textAt(value: unknown, path: string): string {
  const found = at(value, path);
  if (typeof found === "string") return found;
  throw new Error(`There is no text at ${path}`);
}

/** The texts at a path, by key; empty where there are none. */
export function textsAt(value: unknown, path: string): Readonly<Record<string, string>> {
  const found = at(value, path);
  const entries = isTree(found) ? Object.entries(found) : [];
  return Object.fromEntries(
    entries.map(([key, text]) => {
      if (typeof text === "string") return [key, text];
      throw new Error(`${path}.${key} is no text`);
    }),
  );
}

export function ofKind(manifests: readonly Manifest[], kind: string): readonly Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

/** The one object of this kind and name. @throws Error when there is none */
export function one(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = ofKind(manifests, kind).filter((manifest) => manifest.metadata.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects are ${kind}/${name}`);
  return only;
}

/** `batch/v1 CronJob afk/afk-poll`. */
export function identityOf({ apiVersion, kind, metadata }: Manifest): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** What makes pods, with the path of the pod's own metadata and spec. */
export function podTemplates(manifests: readonly Manifest[]): readonly {
  readonly owner: Manifest;
  readonly template: unknown;
}[] {
  return [
    ...ofKind(manifests, "CronJob").map((owner) => ({
      owner,
      template: at(owner, "spec.jobTemplate.spec.template"),
    })),
    ...ofKind(manifests, "Deployment").map((owner) => ({ owner, template: at(owner, "spec.template") })),
  ];
}

/** Whether kubectl is here and young enough for `components` (1.21). */
export function hasKubectl(): boolean {
  const ran = spawnSync("kubectl", ["version", "--client", "--output=json"], { encoding: "utf8" });
  if (ran.status !== 0) return false;
  const version = at(parseYaml(ran.stdout)[0], "clientVersion");
  return at(version, "major") === "1" && Number.parseInt(textAt(version, "minor"), 10) >= 21;
}

/** Renders one kustomization with the real thing. */
export function renderWithKubectl(path: string): readonly Manifest[] {
  const ran = spawnSync("kubectl", ["kustomize", `${K8S}/${path}`], { encoding: "utf8" });
  if (ran.status !== 0 || ran.stderr !== "") throw new Error(`kubectl kustomize ${path}: ${ran.stderr}`);
  return parseYaml(ran.stdout).filter(isManifest);
}
