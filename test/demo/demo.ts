// `npm run demo`: a real project, real processes, real commits; prints every tick and ends with a table of outcomes.
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { run } from "../../src/cli.ts";
import type { Clock } from "../../src/ports.ts";
import { registries } from "../../src/registries.ts";
import { type DemoProject, makeProject } from "./project.ts";

/** Between two rounds the demo's clock skips this long, as cron would wait. */
const ROUND_SECONDS = 60;
/** What the agents and CI get of real time in each round. */
const ROUND_PAUSE_MILLISECONDS = 150;
const MAX_ROUNDS = 150;

const directory = mkdtempSync(join(tmpdir(), "afk-demo-"));
const project = makeProject(directory);
const clock = skippingClock();
const agent = `${JSON.stringify(process.execPath)} ${JSON.stringify(fileURLToPath(new URL("agent.ts", import.meta.url)))}`;
const settings = {
  AFK_KILL_SWITCH: "false",
  AFK_ALLOWLIST: "local/shop",
  AFK_AGENT_COMMAND: agent,
  AFK_CI_COMMAND: "node --test",
  AFK_FIX_FORWARD_MAX_ATTEMPTS: "2",
};

print(`The project is ${project.checkout}, its remote ${project.remote}. These are the settings:\n`);
for (const [name, value] of Object.entries(settings)) print(`    ${name}=${value}`);
print(
  "\nA scripted agent stands in for the model; everything else is real. The clock skips a minute between rounds.",
);
await rounds();
print(outcomes(project));
print(`\nLook around: ${directory}`);
print("  shop/.afk/issues/*.md      the issues, as a person would see them");
print("  shop/.afk/issues/*/        the run card of each");
print("  git -C shop.git log main   what landed");

/** Polls and watches in turns until nothing is left that could change by itself. */
async function rounds(): Promise<void> {
  let shown = "";
  let repeated = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const polled = await tick("poll");
    const watched = await tick("watch");
    if (`${polled}${watched}` === shown) repeated += 1;
    else {
      if (repeated > 0) print(`          (and the same for ${repeated} more minutes)`);
      repeated = 0;
      shown = `${polled}${watched}`;
      showTick("poll", polled);
      showTick("watch", watched);
    }
    if (!polled.includes(" dispatch ") && watched.startsWith("watch: nothing")) return;
    await pause(ROUND_PAUSE_MILLISECONDS);
    clock.skip(ROUND_SECONDS);
  }
}

/** Runs one command in-process, as the launcher would, and gives back what it printed. */
async function tick(command: "poll" | "watch"): Promise<string> {
  const printed: string[] = [];
  const output = { write: (text: string) => void printed.push(text), isTTY: false, columns: undefined };
  await run([command], {
    stdout: output,
    stderr: output,
    environment: { ...process.env, ...settings },
    cwd: project.checkout,
    clock,
    fetch: () => Promise.reject(new Error("The demo makes no request.")),
    signals: { onTerminate: () => () => undefined },
    registries,
  });
  return printed.join("");
}

function showTick(command: string, printed: string): void {
  print(`\n${new Date(clock.now()).toISOString().slice(11, 16)}     $ npx afk ${command}`);
  for (const line of printed.trimEnd().split("\n")) print(`          ${line}`);
}

function outcomes({ checkout }: DemoProject): string {
  const folder = join(checkout, ".afk", "issues");
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .map((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      const labels = /^labels: *(.*)$/m.exec(text)?.[1] ?? "";
      const state = /^state: *(.*)$/m.exec(text)?.[1] ?? "open";
      const card = join(folder, String(Number.parseInt(name, 10)), "run-card.md");
      const line = existsSync(card) ? readFileSync(card, "utf8") : "";
      const field = (key: string): string =>
        (new RegExp(`"${key}":"?([^",}]+)`).exec(line)?.[1] ?? "-").replace("null", "-");
      return [
        name,
        state,
        labels,
        field("outcome"),
        field("reason"),
        field("attempts"),
        field("commit").slice(0, 12),
      ];
    });
  return `\n${columns([["issue", "state", "labels", "outcome", "reason", "fixes", "commit"], ...rows])}`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Real time plus what was skipped. */
function skippingClock(): Clock & { skip(seconds: number): void } {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    sleep: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
    skip(seconds) {
      skipped += seconds * 1000;
    },
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
