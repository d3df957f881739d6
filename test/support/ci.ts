// What a verdict stage over HTTP gets from outside, and a reader of settings the way the loader reads them.
import type { Adapter, AdapterDeps, Settings, Variables } from "../../src/adapter.ts";
import type { Ci } from "../../src/ports.ts";

/** A commit to ask about, and others. */
export const SHA = "3f786850e387550fdab836ed7e6dc881de23001b";
export const NEWER = "89e6c98d92887913cadf06b2adb97f26cde4849b";
export const NEWEST = "2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69";
export const REPO = "acme/api";

/** Nothing but the network and the end of the tick. */
export function stageDeps(overrides: Partial<AdapterDeps> = {}): AdapterDeps {
  return {
    clock: { now: () => 0, sleep: () => unused("a sleep") },
    signal: new AbortController().signal,
    log: { debug: () => {}, info: () => {}, warn: () => {} },
    fetch: (input, init) => fetch(input, init),
    environment: {},
    repos: [REPO],
    uniqueId: () => unused("a unique id"),
    policyOf: () => unused("a policy"),
    workspaceOf: () => unused("a workspace"),
    ...overrides,
  };
}

function unused(what: string): never {
  throw new Error(`This stage has no business with ${what}.`);
}

/** Parses raw variables with the adapter's own parsers. @throws when one is not legal. */
export function settingsOf(adapter: Adapter<Ci>, raw: Readonly<Record<string, string>>): Settings<Variables> {
  const entries = Object.entries(adapter.variables);
  return Object.fromEntries(entries.map(([name, { parse }]) => [name, parse.parse(raw[name])]));
}

/** What a variable's parser says about a raw text; empty when it is legal. */
export function complaintsOf(adapter: Adapter<Ci>, name: string, raw: string | undefined): string {
  const result = adapter.variables[name]?.parse.safeParse(raw);
  return result?.error?.issues.map(({ message }) => message).join("; ") ?? "";
}
