// What every pod and every object of every kustomization must be, whoever renders them.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Manifest } from "./support/manifests.ts";
import {
  at,
  hasKubectl,
  identityOf,
  isTree,
  K8S,
  KUSTOMIZATIONS,
  listAt,
  ofKind,
  one,
  parseYaml,
  podTemplates,
  renderWithKubectl,
  textAt,
  textsAt,
} from "./support/manifests.ts";
import { imageName, reachable, render } from "./support/kustomize.ts";

const withKubectl = hasKubectl();
const renderings = KUSTOMIZATIONS.flatMap((path) => [
  { name: path, path, manifests: render(path) },
  ...(withKubectl
    ? [{ name: `${path}, rendered by kubectl`, path, manifests: renderWithKubectl(path) }]
    : []),
]);

test.runIf(withKubectl).each([...KUSTOMIZATIONS])("%s is rendered here as kubectl renders it", (path) => {
  expect(byIdentity(render(path))).toEqual(byIdentity(renderWithKubectl(path)));
});

test("every file below k8s belongs to a kustomization", () => {
  const files = readdirSync(K8S, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.ya?ml$/.test(file),
  );

  expect(new Set(KUSTOMIZATIONS.flatMap(reachable))).toEqual(new Set(files.map((file) => join(file))));
});

describe.each(renderings)("$name", ({ path, manifests }) => {
  const pods = podTemplates(manifests).map(({ owner, template }) => ({ owner, pod: at(template, "spec") }));

  test("has pods that fulfil the restricted Pod Security Standard, and can write nothing but their volumes", () => {
    for (const { owner, pod } of pods) {
      const name = identityOf(owner);
      expect(pod, name).toMatchObject({
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        enableServiceLinks: false,
      });
      expect(at(pod, "securityContext.runAsUser"), name).toBeGreaterThan(0);
      for (const field of ["hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers"])
        expect(at(pod, field), name).toBeUndefined();
      expect(listAt(pod, "containers"), name).toHaveLength(1);
      expect(at(pod, "containers.0.securityContext"), name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      const kinds = listAt(pod, "volumes").flatMap((volume) => (isTree(volume) ? Object.keys(volume) : []));
      const legal = ["name", "configMap", "secret", "emptyDir", "persistentVolumeClaim"];
      expect(legal, name).toEqual(expect.arrayContaining(kinds));
      expect(mountPaths(pod), name).toContain("/tmp");
    }
    expect(pods.length).toBeGreaterThanOrEqual(2);
  });

  test("asks for memory and CPU, and limits memory", () => {
    for (const { owner, pod } of pods)
      expect(at(pod, "containers.0.resources"), identityOf(owner)).toMatchObject({
        requests: { cpu: expect.any(String) as unknown, memory: expect.any(String) as unknown },
        limits: { memory: expect.any(String) as unknown },
      });
  });

  test("gives no pod a token for the cluster, but afk's where it asks for rollouts", () => {
    const rollouts = path === "overlays/with-rollout" || path === "overlays/example-production";
    for (const { owner, pod } of pods) {
      const account = one(manifests, "ServiceAccount", textAt(pod, "serviceAccountName"));
      const isAllowed = rollouts && account.metadata.name === "afk";
      expect(at(account, "automountServiceAccountToken"), identityOf(account)).toBe(isAllowed);
      expect(at(pod, "automountServiceAccountToken"), identityOf(owner)).toBe(isAllowed);
      const authority = listAt(pod, "containers.0.env").filter(
        (variable) => at(variable, "name") === "NODE_EXTRA_CA_CERTS",
      );
      expect(authority, identityOf(owner)).toHaveLength(isAllowed ? 1 : 0);
    }
  });

  test("may at most read Deployments in the cluster", () => {
    const rules = [...ofKind(manifests, "Role"), ...ofKind(manifests, "ClusterRole")].flatMap((role) =>
      listAt(role, "rules"),
    );
    const legal = { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] };

    expect(ofKind(manifests, "ClusterRole")).toEqual([]);
    expect(ofKind(manifests, "ClusterRoleBinding")).toEqual([]);
    expect(rules).toEqual(rules.map(() => legal));
  });

  test("refers only to what it brings, and to Secrets and files that may be absent", () => {
    for (const { owner, pod } of pods) {
      for (const source of listAt(pod, "containers.0.envFrom")) {
        const configMap = at(source, "configMapRef.name");
        if (typeof configMap === "string") one(manifests, "ConfigMap", configMap);
        else expect(at(source, "secretRef.optional"), identityOf(owner)).toBe(true);
      }
      for (const volume of listAt(pod, "volumes")) {
        const claim = at(volume, "persistentVolumeClaim.claimName");
        if (typeof claim === "string") one(manifests, "PersistentVolumeClaim", claim);
        for (const kind of ["secret", "configMap"])
          if (at(volume, kind) !== undefined) expect(at(volume, `${kind}.optional`)).toBe(true);
      }
      const volumes = listAt(pod, "volumes").map((volume) => at(volume, "name"));
      const mounts = listAt(pod, "containers.0.volumeMounts").map((mount) => at(mount, "name"));
      expect(new Set(mounts), identityOf(owner)).toEqual(new Set(volumes));
    }
    for (const binding of ofKind(manifests, "RoleBinding")) {
      const role = one(manifests, "Role", textAt(binding, "roleRef.name"));
      const account = one(manifests, "ServiceAccount", textAt(binding, "subjects.0.name"));
      expect(binding.metadata.namespace).toBe(role.metadata.namespace);
      expect(at(binding, "subjects.0.namespace")).toBe(account.metadata.namespace);
    }
  });

  test("fences every pod, and lets a tick talk only to name servers, https and the T3 server beside it", () => {
    const policies = ofKind(manifests, "NetworkPolicy");
    for (const { owner, template } of podTemplates(manifests)) {
      const own = policies.filter((policy) => selects(at(policy, "spec.podSelector"), template));
      const directions = own.flatMap((policy) => listAt(policy, "spec.policyTypes"));
      expect(new Set(directions), identityOf(owner)).toEqual(new Set(["Ingress", "Egress"]));
    }
    const tick = one(manifests, "NetworkPolicy", "afk");
    expect(listAt(tick, "spec.ingress")).toEqual([]);
    expect(
      listAt(tick, "spec.egress").map((rule) => listAt(rule, "ports").map((port) => at(port, "port"))),
    ).toEqual([[53, 53], [443], [3773]]);
    expect(at(tick, "spec.egress.2.to")).toEqual([
      { podSelector: { matchLabels: { "app.kubernetes.io/name": "afk-t3" } } },
    ]);
  });

  test("carries the recommended labels, and lives in a namespace that enforces `restricted`", () => {
    for (const manifest of manifests) {
      expect(manifest.metadata.labels, identityOf(manifest)).toMatchObject({
        "app.kubernetes.io/name": expect.stringMatching(/^afk(-t3)?$/) as unknown,
        "app.kubernetes.io/part-of": "afk",
      });
      const isElsewhere = ["Namespace", "Role", "RoleBinding"].includes(manifest.kind);
      if (!isElsewhere) expect(manifest.metadata.namespace, identityOf(manifest)).toBe("afk");
    }
    for (const { owner, template } of podTemplates(manifests))
      expect(textsAt(template, "metadata.labels")).toEqual(owner.metadata.labels);
    expect(textsAt(one(manifests, "Namespace", "afk"), "metadata.labels")).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    });
  });

  test("holds no secret, and no image without a version", () => {
    expect(ofKind(manifests, "Secret")).toEqual([]);
    for (const { pod } of pods) {
      const image = textAt(pod, "containers.0.image");
      expect(imageName(image)).toMatch(/^registry\.example\//);
      expect(image).not.toMatch(/:latest$/);
      expect(image).toMatch(path === "overlays/example-production" ? /@sha256:[0-9a-f]{64}$/ : /:[0-9.]+$/);
    }
  });
});

test("a T3 server is never there twice, and keeps its data", () => {
  const manifests = render("overlays/with-t3");
  const server = one(manifests, "Deployment", "afk-t3");
  const service = one(manifests, "Service", "afk-t3");

  expect(at(server, "spec")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  expect(at(server, "spec.strategy.rollingUpdate")).toBeUndefined();
  expect(mountPaths(at(server, "spec.template.spec"))).toContain("/data");
  expect(selects({ matchLabels: at(service, "spec.selector") }, at(server, "spec.template"))).toBe(true);
  expect(selects(at(server, "spec.selector"), at(server, "spec.template"))).toBe(true);
  expect(listAt(server, "spec.template.spec.volumes").some((volume) => at(volume, "secret"))).toBe(false);
});

test("parsing refuses a manifest that is no YAML", () => {
  expect(() => parseYaml("a: [")).toThrow();
});

function byIdentity(manifests: readonly Manifest[]): Readonly<Record<string, Manifest>> {
  return Object.fromEntries(manifests.map((manifest) => [identityOf(manifest), manifest]));
}

function mountPaths(pod: unknown): readonly unknown[] {
  return listAt(pod, "containers.0.volumeMounts").map((mount) => at(mount, "mountPath"));
}

/** Whether a selector of labels selects a pod. */
function selects(selector: unknown, template: unknown): boolean {
  const labels = textsAt(template, "metadata.labels");
  const wanted = Object.entries(textsAt(selector, "matchLabels"));
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}
