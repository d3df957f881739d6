// Makes a notifier from raw variables the way the loader does, and bells to ring.
import type { Adapter, AdapterDeps, Settings, Variables } from "../../src/adapter.ts";
import type { Bell } from "../../src/core/bell.ts";
import type { Notifier } from "../../src/ports.ts";

/** What an adapter gets from outside; a doorbell uses the network and the end of the tick, nothing else. */
export function notifierDeps(overrides: Partial<AdapterDeps> = {}): AdapterDeps {
  return {
    clock: { now: () => 0, sleep: () => unused("sleep") },
    signal: new AbortController().signal,
    log: { debug: () => {}, info: () => {}, warn: () => {} },
    fetch: (input, init) => fetch(input, init),
    environment: {},
    repos: [],
    uniqueId: () => unused("a unique id"),
    policyOf: () => unused("a policy"),
    workspaceOf: () => unused("a workspace"),
    ...overrides,
  };
}

function unused(what: string): never {
  throw new Error(`A doorbell has no business with ${what}.`);
}

/** Parses raw variables with the adapter's own parsers. @throws when one is not legal. */
export function settingsOf(
  adapter: Adapter<Notifier>,
  raw: Readonly<Record<string, string>>,
): Settings<Variables> {
  const entries = Object.entries(adapter.variables);
  return Object.fromEntries(entries.map(([name, { parse }]) => [name, parse.parse(raw[name])]));
}

export function bell(changes: Partial<Bell> = {}): Bell {
  return {
    kind: "needs-human",
    repo: "acme/api",
    issue: 7,
    title: "Sort the list",
    reason: "stalled",
    message: "The agent was silent for 30 minutes.",
    threadUrl: "https://t3.example/threads/5f1c",
    issueUrl: "https://github.com/acme/api/issues/7",
    dedupeKey: "5f1c:LE_1:needs-human",
    ...changes,
  };
}
