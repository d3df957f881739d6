// The recorded exchanges with a real T3 Code server.
import { readdirSync, readFileSync } from "node:fs";
import type { ThreadRow } from "./rows.ts";

/** What tests look at in a body; all else is in it too. */
export interface RecordedBody {
  readonly thread?: ThreadRow;
  readonly threads?: readonly ThreadRow[];
  readonly projects?: readonly object[];
}

export interface Recording {
  readonly note: string;
  readonly transport?: string;
  readonly request: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Readonly<Record<string, unknown>>;
    readonly rawBody?: string;
  };
  readonly response: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: RecordedBody | string;
  };
}

const DIRECTORY = new URL("../../fixtures/t3/", import.meta.url);

export const recordingNames: readonly string[] = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

export function recording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, DIRECTORY), "utf8"));
}

/** The thread of a recorded thread read. */
export function recordedThread(name: string): ThreadRow {
  const { body } = recording(name).response;
  if (typeof body !== "object" || body.thread === undefined) throw new Error(`${name} holds no thread.`);
  return body.thread;
}

/** A transport that gives the recorded answer to whatever is asked. */
export function replay(name: string): typeof fetch {
  const { status, headers = {}, body } = recording(name).response;
  const type = headers["content-type"];
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return () =>
    Promise.resolve(
      new Response(text, {
        ...(status === undefined ? {} : { status }),
        headers: type === undefined ? {} : { "content-type": type },
      }),
    );
}
