// A child process that runs the built command and kills itself at one exact step: `node killed-afk.ts <json> poll …`.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { fileURLToPath } from "node:url";
import { endpointOf } from "../support/endpoints.ts";

/** Where in the life of a step the process dies; `answered`: the command was given the whole answer. */
export type Moment = "before" | "acted" | "answered";

export interface KillPoint {
  /** The number of the step, from 1: a request, or a write to stdout or stderr. */
  readonly step: number;
  readonly moment: Moment;
}

export interface KillOptions {
  /** Milliseconds since the epoch at the start. */
  readonly now: number;
  /** Null: it lives to the end. */
  readonly at: KillPoint | null;
}

/** One thing that the command did to the world outside, or asked of it. */
export interface Step {
  /** The place that was asked, or `stdout` or `stderr`. */
  readonly name: string;
  /** Whether it can change what the servers hold. */
  readonly isWrite: boolean;
}

export const KILLED_AFK = fileURLToPath(import.meta.url);
/** The last line on stderr: the steps that the command took. */
export const STEPS = /^steps: (.*)\n$/m;
/** Longer sleeps are the deadline's, and no tick here may take that long. */
const LONGEST_SLEEP_MILLISECONDS = 30_000;

if (process.argv[1] === KILLED_AFK) await main();

async function main(): Promise<void> {
  const [, , json = "", ...argv] = process.argv;
  const { now, at } = JSON.parse(json) as KillOptions;
  const steps: Step[] = [];
  const dieAt = (moment: Moment, step: number): void => {
    if (at?.step === step && at.moment === moment) process.kill(process.pid, "SIGKILL");
  };
  patchWrites(steps, dieAt);
  const started = Date.now();
  let slept = 0;
  const clock = {
    now: () => now + Date.now() - started + slept,
    async sleep(milliseconds: number) {
      if (milliseconds > LONGEST_SLEEP_MILLISECONDS) return new Promise<void>(() => undefined);
      slept += milliseconds;
    },
  };
  // The built files, as users run them; their types are those of the source.
  const { main: command } = (await import(built("main.js"))) as typeof import("../../src/main.ts");
  const { takeOverFetch } = (await import(built("cli.js"))) as typeof import("../../src/cli.ts");
  await command(argv, clock, deadly(takeOverFetch(), steps, dieAt));
  process.stderr.write(`steps: ${JSON.stringify(steps)}\n`);
}

function built(name: string): string {
  return new URL(`../../dist/${name}`, import.meta.url).href;
}

type DieAt = (moment: Moment, step: number) => void;

/** The command writes to its pipes directly; both ends are one step each, as nothing answers. */
function patchWrites(steps: Step[], dieAt: DieAt): void {
  const files: Record<string, (...args: readonly unknown[]) => unknown> = createRequire(import.meta.url)(
    "node:fs",
  );
  const real = files["writeSync"];
  if (real === undefined) throw new Error("There is no writeSync to patch.");
  const streams = new Map<unknown, string>([
    [1, "stdout"],
    [2, "stderr"],
  ]);
  files["writeSync"] = (...args) => {
    const name = streams.get(args[0]);
    if (name === undefined) return real(...args);
    const step = steps.push({ name, isWrite: false });
    dieAt("before", step);
    const written = real(...args);
    dieAt("acted", step);
    return written;
  };
  syncBuiltinESMExports();
}

/** One request at a time and each to its end, so that what the servers saw is the same in every run. */
function deadly(real: typeof fetch, steps: Step[], dieAt: DieAt): typeof fetch {
  let queue: Promise<unknown> = Promise.resolve();
  let last = 0;

  async function one(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { method, headers, signal } = request;
    const url = new URL(request.url);
    const sent = await request.text();
    const isWrite = method !== "GET" && url.pathname !== "/graphql";
    last = steps.push({ name: endpointOf(method, url, sent), isWrite });
    dieAt("before", last);
    const answer = await real(url, { method, headers, signal, ...(sent === "" ? {} : { body: sent }) });
    dieAt("acted", last);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of answer.body ?? []) pieces.push(piece);
    // The command's own Response takes what can be read in pieces, and nothing else.
    const body = answer.status === 204 ? null : ReadableStream.from(pieces);
    return new Response(body, { status: answer.status, headers: answer.headers });
  }

  return (input, init) => {
    const next = queue.then(() => one(input, init));
    const step = next.then(() => last);
    queue = step.then(
      // The command gets the answer first, and its next request waits for this.
      (number) => new Promise((resolve) => setImmediate(() => resolve(dieAt("answered", number)))),
      () => undefined,
    );
    return next;
  };
}
