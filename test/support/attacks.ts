// What the tests of attacks look at: what a tick wrote, which gates held an issue, and what two reports have in common.
import { expect } from "vitest";
import type { Made } from "./github/server.ts";
import { type ProductionWorld, REPO, type Tick } from "./production-world.ts";

/** Every request that could have changed something on GitHub or on T3. */
export function writes({ github, t3 }: ProductionWorld): readonly string[] {
  return [
    ...github.server.made.filter(isWrite).map(({ method, path }) => `${method} ${path}`),
    ...t3.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
  ];
}

function isWrite({ method, path }: Made): boolean {
  return path !== "/graphql" && method !== "GET";
}

/** Polls, and proves that nothing was dispatched: no thread, no label, no comment, no other write. */
export async function pollThatStartsNothing(world: ProductionWorld): Promise<Tick> {
  const before = writes(world);

  const tick = await world.afk("poll");

  expect(writes(world)).toEqual(before);
  expect(tick.code).toBe(0);
  return tick;
}

/** The reasons of every gate that holds each issue, by number; `dispatch` for one that is started. */
export function heldFor({ report }: Tick): Readonly<Record<number, string>> {
  return Object.fromEntries(
    report.decisions.map(({ issue, action, reason, gates }) => [
      issue,
      action === "hold" ? [...new Set(gates?.map((gate) => gate.reason) ?? [reason])].join(" ") : action,
    ]),
  );
}

export function messageFor({ report }: Tick, number: number): string {
  return report.decisions.find(({ issue }) => issue === number)?.message ?? "";
}

/** What a tick that changes nothing prints, byte for byte but for the time of the tick. */
export async function dryReport(world: ProductionWorld, command: "poll" | "watch"): Promise<string> {
  const now = world.github.state.now;
  const { stdout, stderr, code } = await world.run(command, "--dry-run", "--json");
  world.github.state.now = now;
  expect([stderr, code]).toEqual(["", 0]);
  return stdout.replace(/"at":"[^"]*"/, '"at":"now"');
}

/** Lets afk serve a second repo of the same GitHub; gives the name that GitHub has for it. */
export function addServedRepo(world: ProductionWorld, name: string): string {
  world.github.addRepo(name);
  world.github.push("Start", { repo: name });
  world.environment["AFK_ALLOWLIST"] += `,${REPO.replace("acme/shop", name)}`;
  return name;
}
