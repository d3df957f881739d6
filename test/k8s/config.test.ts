// The configuration that a cluster gets: complete, disabled as it ships, and understood by the code that reads it.
import { expect, test } from "vitest";
import type { Variables } from "../../src/adapter.ts";
import { everyAdapterVariable } from "../../src/config/adapters.ts";
import { loadConfig } from "../../src/config/load.ts";
import { readsSecret } from "../../src/config/parsers.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { globalVariables } from "../../src/config/variables.ts";
import type { CommandName } from "../../src/core/report.ts";
import { registries } from "../../src/registries.ts";
import { directoryWith } from "../support/directory.ts";
import type { Manifest } from "./support/manifests.ts";
import {
  at,
  KUSTOMIZATIONS,
  listAt,
  ofKind,
  one,
  podTemplates,
  textAt,
  textsAt,
} from "./support/manifests.ts";
import { render } from "./support/kustomize.ts";

const MOUNT = "/var/run/secrets/afk";

/** Variables that no pod of a cluster can use, and why. */
const NOT_IN_A_CLUSTER: Readonly<Record<string, string>> = {
  AFK_LOCAL_DIR: "the local tracker is a directory on one machine, and a pod has none that stays",
  AFK_AGENT_COMMAND: "the process executor starts children, and they would end with the pod of the tick",
  AFK_CI_COMMAND: "the command stage needs a checkout and the project's tools, and the image has neither",
};

/** Values that are not the code's default, because in a cluster another adapter is the right one. */
const FOR_A_CLUSTER: Readonly<Record<string, string>> = {
  AFK_TRACKER: "github",
  AFK_EXECUTOR: "t3",
  AFK_CI: "github",
};

const variables: Variables = {
  ...globalVariables(registries),
  ...(await everyAdapterVariable(registries)),
};
const isSecret = (name: string): boolean => {
  const variable = variables[name];
  return variable !== undefined && readsSecret(variable.parse);
};
const secrets = Object.keys(variables).filter(isSecret);

test("the ConfigMap has exactly the variables that are no secret and make sense in a cluster", () => {
  const expected = Object.keys(variables).filter((name) => !isSecret(name) && !(name in NOT_IN_A_CLUSTER));

  expect(Object.keys(shipped("base")).toSorted()).toEqual(expected.toSorted());
  expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(NOT_IN_A_CLUSTER)));
});

test("every value of the ConfigMap means what the code does without it, but for the adapters of a cluster", () => {
  const data = shipped("base");

  for (const [name, variable] of Object.entries(variables).filter(([known]) => known in data)) {
    const [unset, set] = [variable.parse.safeParse(undefined), variable.parse.safeParse(data[name])];
    // What must be set and has no default stays empty until somebody knows it.
    if (!unset.success) expect(data[name], name).toBe("");
    else if (name in FOR_A_CLUSTER) expect(data[name], name).toBe(FOR_A_CLUSTER[name]);
    else expect(set, name).toEqual(unset);
  }
});

test("every secret comes from a file of the mounted Secret, and from nowhere else", () => {
  const files = textsAt(one(render("base"), "ConfigMap", "afk-secret-files"), "data");

  expect(files).toEqual(Object.fromEntries(secrets.map((name) => [`${name}_FILE`, `${MOUNT}/${name}`])));
  for (const { template } of podTemplates(ofKind(render("base"), "CronJob"))) {
    const mount = listAt(template, "spec.containers.0.volumeMounts").find(
      (entry) => at(entry, "mountPath") === MOUNT,
    );
    const volume = listAt(template, "spec.volumes").find((entry) => at(entry, "name") === at(mount, "name"));
    expect(mount).toMatchObject({ readOnly: true });
    // 0440, so that only the pod's own group can read it.
    expect(volume).toMatchObject({ secret: { secretName: "afk", optional: true, defaultMode: 0o440 } });
  }
});

test.each(KUSTOMIZATIONS)("%s changes only values of variables that exist", (path) => {
  expect(Object.keys(shipped(path))).toEqual(Object.keys(shipped("base")));
});

test.each([
  ["base", "poll"],
  ["base", "watch"],
  ["overlays/with-t3", "poll"],
  ["overlays/with-t3", "watch"],
  ["overlays/with-rollout", "poll"],
  ["overlays/with-rollout", "watch"],
] as const)("%s ships disabled: %s ends before it looks at anything else", async (path, command) => {
  const loaded = await load(environmentOf(render(path), MOUNT), command, false);

  expect(loaded).toMatchObject({ kind: "disabled" });
});

test("the base lacks nothing but the address of a T3 server", async () => {
  const environment = environmentOf(render("base"), await mountedSecret(secrets));

  expect(await mistakes(environment)).toEqual([expect.stringMatching(/^AFK_T3_URL: found '' /)]);
});

test("with a T3 server of its own nothing is lacking but the switches", async () => {
  const environment = environmentOf(render("overlays/with-t3"), await mountedSecret(secrets));

  const loaded = await load(environment, "poll", true);

  expect(loaded).toMatchObject({
    kind: "ready",
    config: { disabled: { reason: "kill_switch" }, warnings: [] },
  });
});

test("the example for production is armed, and its store has every secret that it needs", async () => {
  const manifests = render("overlays/example-production");
  const stored = listAt(one(manifests, "ExternalSecret", "afk"), "spec.data").map((entry) =>
    textAt(entry, "secretKey"),
  );
  const environment = environmentOf(manifests, await mountedSecret(stored));

  for (const command of ["poll", "watch"] as const) {
    const loaded = await load(environment, command, false);
    expect(loaded).toMatchObject({
      kind: "ready",
      config: { disabled: null, allowlist: ["acme/shop"], warnings: [] },
    });
  }
  expect(secrets).toEqual(expect.arrayContaining(stored));
  expect(at(one(manifests, "ExternalSecret", "afk"), "spec.target.name")).toBe("afk");
});

test("an optional secret that nobody has is a key without a value", async () => {
  const manifests = render("overlays/example-production");
  const directory = await mountedSecret(secrets, { AFK_NTFY_TOKEN: "" });

  const loaded = await load(environmentOf(manifests, directory), "poll", false);

  expect(loaded.kind).toBe("ready");
});

function shipped(path: string): Readonly<Record<string, string>> {
  return textsAt(one(render(path), "ConfigMap", "afk"), "data");
}

/** What a tick's pod has as its environment, with the Secret mounted elsewhere. */
function environmentOf(manifests: readonly Manifest[], directory: string): Readonly<Record<string, string>> {
  const files = Object.entries(textsAt(one(manifests, "ConfigMap", "afk-secret-files"), "data"));
  return {
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    ...textsAt(one(manifests, "ConfigMap", "afk"), "data"),
    ...Object.fromEntries(files.map(([name, path]) => [name, path.replace(MOUNT, directory)])),
  };
}

/** A directory with a file for each secret, all of which hold something that looks like one. */
function mountedSecret(
  names: readonly string[],
  own: Readonly<Record<string, string>> = {},
): Promise<string> {
  const texts = names.map((name) => [name, name.endsWith("_URL") ? "https://bell.example/x" : "s3cret"]);
  return directoryWith({ ...Object.fromEntries(texts), ...own });
}

function load(environment: Readonly<Record<string, string>>, command: CommandName, check: boolean) {
  return loadConfig({ environment, cwd: "/nowhere", envFile: null, command, check, registries });
}

async function mistakes(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
  try {
    await load(environment, "poll", true);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}
