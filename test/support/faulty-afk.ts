// A child process that runs the real command and fails at one chosen write: `node faulty-afk.ts <options> poll …`.
import { open } from "node:fs/promises";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface FaultyOptions {
  /** How far the command's clock is ahead of the machine's. */
  readonly skippedMilliseconds: number;
  /** The number of the write, from 1, before which the fault strikes; null: never. */
  readonly at: number | null;
  /** `kill`: SIGKILL to itself. Otherwise the error code that the file system answers from then on. */
  readonly fault: "kill" | "ENOSPC" | "EROFS";
}

/** Where the command line of a child finds this file. */
export const FAULTY_AFK = fileURLToPath(import.meta.url);
/** The last line on stderr tells how many writes the command made. */
export const WRITES = /writes: (\d+)\n?$/;
/** The line before it tells how many of them failed. */
export const INJECTED = /^injected: (\d+)$/m;
/** And the one before that lists them, as JSON: what was done, and to what. */
export const MADE = /^made: (.*)$/m;

/** Told of every write; a place of null is the file that was opened last. */
type Strike = (name: string, place: string | null) => void;
type Call = (...args: unknown[]) => unknown;

if (process.argv[1] === FAULTY_AFK) await main();

async function main(): Promise<void> {
  const [, , json = "", ...argv] = process.argv;
  const options: FaultyOptions = JSON.parse(json);
  let writes = 0;
  let injected = 0;
  const made: (readonly [name: string, place: string])[] = [];
  const strike = (name: string, place: string | null): void => {
    writes += 1;
    made.push([name, place ?? made.at(-1)?.[1] ?? ""]);
    if (options.at === null || writes < options.at) return;
    if (options.fault === "kill") process.kill(process.pid, "SIGKILL");
    else if (name !== "spawn" && !name.startsWith("rm")) {
      injected += 1;
      throw Object.assign(new Error(`${options.fault}: injected, ${name}`), { code: options.fault });
    }
  };
  await patch(strike);
  // The built file, as users run it; its types are those of the source.
  const built = new URL("../../dist/main.js", import.meta.url);
  const afk = (await import(built.href)) as typeof import("../../src/main.ts");
  await afk.main(argv, {
    now: () => Date.now() + options.skippedMilliseconds,
    sleep: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
  });
  process.stderr.write(`made: ${JSON.stringify(made)}\n`);
  process.stderr.write(`injected: ${injected}\nwrites: ${writes}\n`);
}

/** Puts a step before everything by which the command changes the world: files, directories and processes. */
async function patch(strike: Strike): Promise<void> {
  const require = createRequire(import.meta.url);
  const files: Record<string, Call> & { promises: Record<string, Call> } = require("node:fs");
  const processes: Record<string, Call> = require("node:child_process");
  const handle = await open(FAULTY_AFK);
  const methods: Record<string, Call> = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of [
    "writeFile",
    "rename",
    "link",
    "mkdir",
    "mkdtemp",
    "rm",
    "copyFile",
    "appendFile",
    "unlink",
  ])
    wrap(files.promises, name, always, placeIn, strike);
  wrap(files.promises, "open", forWriting, placeIn, strike);
  for (const name of ["writeFile", "appendFile", "write", "truncate"])
    wrap(methods, name, always, nowhereElse, strike);
  for (const name of ["linkSync", "renameSync", "rmSync", "writeFileSync", "mkdirSync", "ftruncateSync"])
    wrap(files, name, always, placeIn, strike);
  wrap(files, "writeSync", toFile, placeIn, strike);
  wrap(files, "openSync", forWriting, placeIn, strike);
  wrap(processes, "spawn", always, placeIn, strike);
  syncBuiltinESMExports();
}

function always(): boolean {
  return true;
}

/** What the command prints is no write to the disk. */
function toFile([handle]: readonly unknown[]): boolean {
  return handle !== 1 && handle !== 2;
}

/** Two names: what is made is the second. Otherwise the first argument is the place, or the number of an open file. */
function placeIn([first, second]: readonly unknown[], name: string): string | null {
  const place = /^(?:link|rename)/.test(name) ? second : first;
  return typeof place === "string" ? place : null;
}

function nowhereElse(): null {
  return null;
}

/** Whether the second argument of an `open` asks for more than reading. */
function forWriting([, flag]: readonly unknown[]): boolean {
  return !isReadFlag(flag);
}

function isReadFlag(flag: unknown): boolean {
  return flag === undefined || flag === "r" || (typeof flag === "number" && (flag & 3) === 0);
}

function wrap(
  target: Record<string, Call>,
  name: string,
  counts: (args: readonly unknown[]) => boolean,
  placeOf: (args: readonly unknown[], name: string) => string | null,
  strike: Strike,
): void {
  const original = target[name];
  if (original === undefined) throw new Error(`There is no ${name} to wrap.`);
  const isSync = name.endsWith("Sync") || name === "spawn";
  target[name] = function wrapped(this: unknown, ...args: unknown[]): unknown {
    if (!counts(args)) return original.apply(this, args);
    if (isSync) {
      strike(name, placeOf(args, name));
      return original.apply(this, args);
    }
    try {
      strike(name, placeOf(args, name));
    } catch (error) {
      return Promise.reject(error);
    }
    return original.apply(this, args);
  };
}
