// Writes the diary of a tick to stderr: plain sentences for a person, one JSON object per line for a machine.
import type { Log, LogFields } from "../log.ts";
import type { Clock } from "../ports.ts";
import type { Output } from "../runtime.ts";
import { escapeJson, escapeText } from "./escape.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** A log that can also say what went wrong for good. */
export interface Diary extends Log {
  error(message: string, fields?: LogFields & { readonly stack?: string }): void;
}

export interface DiaryOptions {
  readonly stderr: Output;
  readonly clock: Clock;
  /** One JSON object per line. */
  readonly json: boolean;
  /** The least level that is written. */
  readonly level: Level;
}

const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];
const PREFIXES: Readonly<Record<Level, string>> = {
  debug: "",
  info: "",
  warn: "warning: ",
  error: "error: ",
};

export function createDiary(options: DiaryOptions): Diary {
  const { stderr, clock, json } = options;
  function record(level: Level, message: string, fields: LogFields = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(options.level)) return;
    const line = json
      ? escapeJson({ time: new Date(clock.now()).toISOString(), level, message, ...fields })
      : escapeText(`afk: ${PREFIXES[level]}${subject(fields)}${message}`);
    stderr.write(`${line}\n`);
  }
  return {
    debug: (message, fields) => record("debug", message, fields),
    info: (message, fields) => record("info", message, fields),
    warn: (message, fields) => record("warn", message, fields),
    error: (message, fields) => record("error", message, fields),
  };
}

function subject(fields: LogFields): string {
  if (fields.repo !== undefined)
    return `${fields.repo}${fields.issue === undefined ? "" : `#${fields.issue}`}: `;
  return fields.adapter === undefined ? "" : `${fields.adapter}: `;
}
