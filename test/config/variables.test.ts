// Every variable there is, adapters included: a wrong value is told by its name before anything is asked.
import { expect, test } from "vitest";
import type { Registry, Variables } from "../../src/adapter.ts";
import { everyAdapterVariable } from "../../src/config/adapters.ts";
import { readsSecret } from "../../src/config/parsers.ts";
import { isProtected, safetyNames } from "../../src/config/safety.ts";
import { globalVariables, perRepoNames, variableGroups } from "../../src/config/variables.ts";
import { registries } from "../../src/registries.ts";
import { afk, ENABLED } from "../support/command-line.ts";

const CANARY = "canary-3f1c";
const variables: Variables = {
  ...globalVariables(registries),
  ...(await everyAdapterVariable(registries)),
};

/** The first of a few texts that this variable does not take. */
function illegalFor(name: string): string {
  const parse = variables[name]?.parse;
  const found = [`${CANARY}\u0007`, CANARY, "\u0007", ""].find(
    (text) => parse?.safeParse(text).success === false,
  );
  if (found === undefined) throw new Error(`${name} takes anything`);
  return found;
}

/** Chooses the adapter that reads this variable: only what is chosen is parsed. */
async function choosing(name: string): Promise<Readonly<Record<string, string>>> {
  const families: readonly [string, Registry<unknown>][] = [
    ["AFK_TRACKER", registries.trackers],
    ["AFK_EXECUTOR", registries.executors],
    ["AFK_CI", registries.stages],
  ];
  for (const [selector, family] of families)
    for (const [kind, load] of Object.entries(family))
      if (Object.hasOwn((await load()).variables, name)) return { [selector]: kind };
  return {};
}

test.each(Object.keys(variables).filter((name) => name !== "AFK_CONFIG"))(
  "a wrong %s ends with code 2, names it, and asks nobody",
  async (name) => {
    const notify = Object.keys(registries.notifiers).join(",");
    const illegal = illegalFor(name);
    const environment = { ...ENABLED, AFK_NOTIFY: notify, ...(await choosing(name)), [name]: illegal };

    const ran = await afk("poll --json", { environment, registries });

    expect(ran.code).toBe(2);
    expect(ran.fetches).toBe(0);
    expect(ran.stderr).toMatch(new RegExp(`^afk: error: ${name}: found .*; .+\\.$`, "m"));
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { kind: "config" } });
    const isSecret = readsSecret(variables[name]?.parse ?? expect.fail(name));
    if (isSecret) expect(ran.stdout + ran.stderr).not.toContain(CANARY);
    else if (illegal.includes(CANARY)) expect(ran.stderr).toContain(CANARY);
  },
);

test("what must be a secret is one", () => {
  const secrets = Object.entries(variables).filter(([, variable]) => readsSecret(variable.parse));
  const named = Object.keys(variables).filter((name) => /(_TOKEN|_KEY|_WEBHOOK_URL)$/.test(name));

  expect(secrets.map(([name]) => name)).toEqual(expect.arrayContaining(named));
});

test("every variable says in whole sentences what it is for", () => {
  for (const [name, variable] of Object.entries(variables))
    expect(variable.about, name).toMatch(/^[A-Z"`].*[.)]$/);
});

test("a found .env must not set the safety group, what would run, who is believed, and where tokens go", () => {
  expect(Object.keys(variableGroups(registries).safety)).toEqual([...safetyNames]);
  expect([...safetyNames, "AFK_STATE_KEY_FILE", "AFK_AGENT_COMMAND"].every(isProtected)).toBe(true);
  const believed = ["AFK_TRACKER", "AFK_CI", "AFK_NO_CI", "AFK_CI_COMMAND"];
  const addresses = ["AFK_GITHUB_API_URL", "AFK_T3_URL", "AFK_WOODPECKER_URL"];
  expect([...believed, ...addresses].every(isProtected)).toBe(true);
  const safety = new Set<string>(safetyNames);
  expect(perRepoNames.some((name) => safety.has(name))).toBe(false);
});
