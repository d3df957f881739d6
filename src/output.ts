// Writes to the process's own streams, at the least cost: many ticks print one line and end.
import { fstatSync, writeSync } from "node:fs";
import type { Output } from "./runtime.ts";

/**
 * Output for one of the process's streams. A pipe or file is written to directly: as a stream of Node it would load
 * Node's network first, a tenth of a short command's time. A terminal, and a pipe that is full, get their stream.
 */
export function outputOf(fd: 1 | 2, open: () => NodeJS.WriteStream): Output {
  let opened: NodeJS.WriteStream | null = null;
  function stream(): NodeJS.WriteStream {
    if (opened !== null) return opened;
    opened = open();
    return opened.on("error", ignoreClosed);
  }
  const direct = isDirect(fd);
  return {
    write(text) {
      if (!direct || opened !== null) return void stream().write(text);
      const rest = writeDirectly(fd, Buffer.from(text, "utf8"));
      if (rest.length > 0) stream().write(rest);
    },
    get isTTY() {
      return !direct && stream().isTTY;
    },
    get columns() {
      return direct ? undefined : stream().columns;
    },
  };
}

/** A terminal is a character device, and so is /dev/null. */
function isDirect(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFIFO() || found.isFile() || found.isSocket();
  } catch {
    // A closed stream: Node knows what to do with it.
    return false;
  }
}

/** Writes what can be written at once, and gives back the rest. */
function writeDirectly(fd: number, bytes: Buffer): Buffer {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(fd, bytes, at);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Somebody made the pipe one that does not wait: the stream waits.
    if ("code" in error && error.code === "EAGAIN") return bytes.subarray(at);
    ignoreClosed(error);
  }
  return Buffer.alloc(0);
}

/** `afk poll | head` closes the pipe early, and that is fine. */
function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
