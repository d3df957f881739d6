// Reads and bounds the output files of jobs without ever loading a big one whole.
import { closeSync, constants, ftruncateSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { hasCode } from "./atomic-file.ts";

/** What stays of a log that grew too big: its beginning (ids stand there) and its end (results stand there). */
const KEPT_HEAD_BYTES = 64 * 1024;
const KEPT_TAIL_BYTES = 8 * 1024 * 1024;

/** The last bytes of a file as text, whole lines only if it was cut; empty when there is no such file. */
export async function readTail(path: string, maxBytes: number): Promise<string> {
  const size = await sizeOf(path);
  const start = Math.max(0, size - maxBytes);
  const text = (await readPart(path, start, size - start)).toString("utf8");
  return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
}

/** The first bytes of a file as text; empty when there is no such file. */
export async function readHead(path: string, maxBytes: number): Promise<string> {
  return (await readPart(path, 0, Math.min(maxBytes, await sizeOf(path)))).toString("utf8");
}

/** When a file was last written to, by this machine's clock; null when there is no such file. */
export async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

/**
 * Cuts a log that is bigger than `maxBytes` to its first 64 kB, a line that says so, and its last 8 MB.
 * The writer keeps its append-only handle; lines written in the instant of the cut may be lost or out of order.
 * Synchronous, so that the instant is short. A missing log needs no cut; any other failure is thrown.
 */
export function boundLog(path: string, maxBytes: number): void {
  let file: number;
  try {
    file = openSync(path, constants.O_RDWR | constants.O_APPEND);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size <= maxBytes) return;
    const head = Buffer.alloc(Math.min(KEPT_HEAD_BYTES, Math.floor(maxBytes / 4)));
    const tail = Buffer.alloc(Math.min(KEPT_TAIL_BYTES, Math.floor(maxBytes / 2)));
    readSync(file, head, 0, head.length, 0);
    readSync(file, tail, 0, tail.length, size - tail.length);
    const note = `\n[afk cut ${size - head.length - tail.length} bytes of output here]\n`;
    ftruncateSync(file, 0);
    writeSync(file, Buffer.concat([head, Buffer.from(note), tail.subarray(tail.indexOf(0x0a) + 1)]));
  } finally {
    closeSync(file);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return 0;
    throw error;
  }
}

async function readPart(path: string, start: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0);
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
