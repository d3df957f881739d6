// A child process that runs the built command and kills itself at one exact request: `node killed-afk.ts <json> poll …`.
import { fileURLToPath } from "node:url";

/** Where in the life of a request the process dies; `answered`: the command was given the whole answer. */
export type Moment = "before" | "acted" | "answered";

export interface KillPoint {
  /** The number of the request, from 1. */
  readonly request: number;
  readonly moment: Moment;
}

export interface KillOptions {
  /** Milliseconds since the epoch at the start. */
  readonly now: number;
  /** Null: it lives to the end. */
  readonly at: KillPoint | null;
}

export const KILLED_AFK = fileURLToPath(import.meta.url);
/** The last line on stderr: how many requests the command made, and which of them were writes. */
export const REQUESTS = /requests: (\d+) writes: (\S*)\n?$/;

if (process.argv[1] === KILLED_AFK) await main();

async function main(): Promise<void> {
  const [, , json = "", ...argv] = process.argv;
  const { now, at } = JSON.parse(json) as KillOptions;
  const started = Date.now();
  const realNow = Date.now.bind(Date);
  // The built command takes the time from here, whatever its files are called.
  Date.now = () => now + realNow() - started;
  const requests: string[] = [];
  const built = new URL("../../dist/main.js", import.meta.url);
  const command = (await import(built.href)) as typeof import("../../src/main.ts");
  await command.main(argv, undefined, deadlyFetch(at, requests));
  const writes = requests.flatMap((kind, index) => (kind === "write" ? [index + 1] : []));
  process.stderr.write(`requests: ${requests.length} writes: ${writes.join(",")}\n`);
}

/** One request at a time and each to its end, so that what the servers saw is the same in every run. */
function deadlyFetch(at: KillPoint | null, requests: string[]): typeof fetch {
  let queue: Promise<unknown> = Promise.resolve();
  const dieAt = (moment: Moment, request: number): void => {
    if (at?.request === request && at.moment === moment) process.kill(process.pid, "SIGKILL");
  };

  async function one(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const isRead = request.method === "GET" || request.url.endsWith("/graphql");
    const number = requests.push(isRead ? "read" : "write");
    dieAt("before", number);
    const answer = await fetch(request);
    dieAt("acted", number);
    const { status, headers } = answer;
    const body = await answer.arrayBuffer();
    return new Response(status === 204 ? null : body, { status, headers });
  }

  return (input, init) => {
    const next = queue.then(() => one(input, init));
    queue = next.then(
      // The command gets the answer first, and its next request waits for this.
      () => new Promise((resolve) => setImmediate(() => resolve(dieAt("answered", requests.length)))),
      () => undefined,
    );
    return next;
  };
}
