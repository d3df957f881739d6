// The few things of Kustomize that the manifests below k8s use, so that they can be tested where kubectl is not.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, Tree } from "./manifests.ts";
import { at, identityOf, isManifest, isTree, K8S, listAt, parseYaml, textAt } from "./manifests.ts";

const FIELDS = ["apiVersion", "kind", "resources", "components", "patches", "images"];

/** Renders one kustomization as `kubectl kustomize` does. @throws Error for what it does not know or cannot find */
export function render(path: string): readonly Manifest[] {
  return build(join(K8S, path), []);
}

/** A component works on what was there before it. */
function build(directory: string, given: readonly Manifest[]): readonly Manifest[] {
  const kustomization = onlyDocument(join(directory, "kustomization.yaml"));
  const strange = Object.keys(kustomization).filter((field) => !FIELDS.includes(field));
  if (strange.length > 0) throw new Error(`${directory} uses ${strange.join(", ")}, which is not known here`);
  let manifests = [
    ...given,
    ...texts(kustomization, "resources").flatMap((name) => resource(join(directory, name))),
  ];
  for (const name of texts(kustomization, "components"))
    manifests = [...build(join(directory, name), manifests)];
  for (const patch of listAt(kustomization, "patches")) manifests = patched(manifests, patch, directory);
  for (const image of listAt(kustomization, "images"))
    manifests = manifests.map((manifest) => withImage(manifest, image));
  const identities = manifests.map(identityOf);
  const twice = identities.filter((identity, index) => identities.indexOf(identity) !== index);
  if (twice.length > 0) throw new Error(`${directory} has ${twice.join(", ")} twice`);
  return manifests;
}

function resource(path: string): readonly Manifest[] {
  if (statSync(path).isDirectory()) return build(path, []);
  return documents(path).map((document) => {
    if (isManifest(document)) return document;
    throw new Error(`${path} holds something that is no object of a cluster`);
  });
}

function documents(path: string): readonly unknown[] {
  return parseYaml(readFileSync(path, "utf8"));
}

function onlyDocument(path: string): Tree {
  const [document] = documents(path);
  if (!isTree(document)) throw new Error(`${path} holds no object`);
  return document;
}

function texts(value: unknown, key: string): readonly string[] {
  return listAt(value, key).map((_text, index) => textAt(value, `${key}.${index}`));
}

/** A patch file is a list of JSON patch operations for its target, or a piece of the object that it names. */
function patched(manifests: readonly Manifest[], patch: unknown, directory: string): Manifest[] {
  const path = join(directory, textAt(patch, "path"));
  const [content] = documents(path);
  const isTarget = Array.isArray(content)
    ? (manifest: Manifest) => manifest.kind === at(patch, "target.kind")
    : (manifest: Manifest) => isManifest(content) && identityOf(manifest) === identityOf(content);
  if (!manifests.some(isTarget)) throw new Error(`${path} patches nothing`);
  return manifests.map((manifest) => {
    if (!isTarget(manifest)) return manifest;
    const changed = Array.isArray(content)
      ? content.reduce(applied, structuredClone(manifest))
      : merged(manifest, content, path);
    if (!isManifest(changed)) throw new Error(`${path} leaves no object behind`);
    return changed;
  });
}

/** Merges objects key by key; how lists are merged depends on the kind, so that is left to JSON patches. */
function merged(base: unknown, change: unknown, path: string): unknown {
  if (Array.isArray(change) || change === null) throw new Error(`${path} merges more than keys and values`);
  if (!isTree(change)) return change;
  const result: Record<string, unknown> = isTree(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(change)) result[key] = merged(result[key], value, path);
  return result;
}

function applied(root: unknown, operation: unknown): unknown {
  const path = textAt(operation, "path").slice(1).replaceAll("/", ".");
  const [parent, key] = [path.slice(0, path.lastIndexOf(".")), path.slice(path.lastIndexOf(".") + 1)];
  const place = at(root, parent);
  const isThere = at(root, path) !== undefined;
  const wanted = at(operation, "op") === "replace";
  if (!isTree(place) || isThere !== wanted)
    throw new Error(`${path}: ${wanted ? "there is nothing to replace" : "something is there already"}`);
  Object.assign(place, { [key]: at(operation, "value") });
  return root;
}

/** Gives containers the image's other name, and a tag or a digest. */
function withImage(manifest: Manifest, image: unknown): Manifest {
  const name = textAt(image, "name");
  const version =
    at(image, "digest") === undefined ? `:${textAt(image, "newTag")}` : `@${textAt(image, "digest")}`;
  const replaced = `${textAt(image, "newName")}${version}`;
  function walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(walk);
    if (!isTree(value)) return value;
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] =>
      key === "image" && typeof inner === "string" && imageName(inner) === name
        ? [key, replaced]
        : [key, walk(inner)],
    );
    return Object.fromEntries(entries);
  }
  const result = walk(manifest);
  if (!isManifest(result)) throw new Error(`${identityOf(manifest)} is no object any more`);
  return result;
}

/** An image without its tag or digest. */
export function imageName(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

/** Every file below k8s that a kustomization reaches, from K8S on. */
export function reachable(path: string): readonly string[] {
  const directory = join(K8S, path);
  const kustomization = onlyDocument(join(directory, "kustomization.yaml"));
  const named = [
    ...texts(kustomization, "resources"),
    ...texts(kustomization, "components"),
    ...listAt(kustomization, "patches").map((patch) => textAt(patch, "path")),
  ];
  return [
    join(path, "kustomization.yaml"),
    ...named.flatMap((name) => {
      const inner = join(path, name);
      return statSync(join(K8S, inner)).isDirectory() ? reachable(inner) : [inner];
    }),
  ];
}
