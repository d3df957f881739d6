// A cluster's ConfigMap and Secret list every name, so an optional variable may be there without a value.
import { expect, test } from "vitest";
import type { Variables } from "../../src/adapter.ts";
import { everyAdapterVariable } from "../../src/config/adapters.ts";
import { loadConfig } from "../../src/config/load.ts";
import { globalVariables } from "../../src/config/variables.ts";
import { registries } from "../../src/registries.ts";
import { directoryWith } from "../support/directory.ts";
import { quietRegistries } from "../support/quiet-adapters.ts";

const variables: Variables = {
  ...globalVariables(registries),
  ...(await everyAdapterVariable(registries)),
};
const optional = Object.entries(variables).filter(
  ([, { parse }]) => parse.safeParse(undefined).data === null,
);

test.each(optional)("%s that is empty counts as unset", (_name, { parse }) => {
  expect(parse.safeParse("")).toEqual({ success: true, data: null });
  expect(parse.safeParse(" \n")).toEqual({ success: true, data: null });
});

test("a switch that is empty is a mistake, never a guess", async () => {
  const loading = load({ AFK_HALT: "" });

  await expect(loading).rejects.toThrow("AFK_HALT: found '' in the environment");
});

test("a key file that is empty is a mistake: cards would be signed with nothing", async () => {
  const root = await directoryWith({ key: "\n" });

  const loading = load({ AFK_STATE_KEY_FILE: `${root}/key` });

  await expect(loading).rejects.toThrow("AFK_STATE_KEY_FILE: found [redacted]");
});

test("a config file that is named with nothing is none", async () => {
  const loaded = await load({ AFK_CONFIG: "", AFK_STATE_KEY: "k" });

  expect(loaded.kind).toBe("ready");
});

function load(environment: Readonly<Record<string, string>>) {
  return loadConfig({
    environment: {
      AFK_KILL_SWITCH: "false",
      AFK_ALLOWLIST: "acme/api",
      AFK_TRACKER: "other",
      ...environment,
    },
    cwd: "/nowhere",
    envFile: null,
    command: "poll",
    check: false,
    registries: quietRegistries(),
  });
}
