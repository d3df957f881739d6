// Servers that send 200 MB, lie about it, pack it small or never end: the command says so in bounded memory and time.
import { spawn } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import { constants, createGzip } from "node:zlib";
import { Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { MEASURED_AFK, MOST_MEMORY } from "./measured-afk.ts";

const SENT = 200 * 1024 * 1024;
/** Node itself, the code, and the most that afk reads of one answer with its copies: far from 200 MB held at once. */
const MOST_KILOBYTES = 300 * 1024;
const CHUNK = Buffer.alloc(256 * 1024, "x");

function* chunks(): Generator<Buffer> {
  yield Buffer.from('{"data":{"x":"');
  for (let sent = 0; sent < SENT; sent += CHUNK.length) yield CHUNK;
  yield Buffer.from('"}}');
}

const JSON_TYPE = { "content-type": "application/json" };

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "200 MB": (response) => void Readable.from(chunks()).pipe(response.writeHead(200, JSON_TYPE)),
  "200 MB behind a refusal": (response) =>
    void Readable.from(chunks()).pipe(response.writeHead(500, JSON_TYPE)),
  "200 MB with a length of ten bytes": (response) => {
    response.strictContentLength = false;
    response.writeHead(200, { ...JSON_TYPE, "content-length": "10" });
    Readable.from(chunks()).pipe(response);
  },
  "ten bytes with a length of 200 MB": (response) => {
    response.writeHead(200, { ...JSON_TYPE, "content-length": String(SENT) });
    response.write('{"data":{}');
    setTimeout(() => response.destroy(), 100);
  },
  "200 MB packed into 200 kB": (response) => {
    response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" });
    Readable.from(chunks())
      .pipe(createGzip({ level: constants.Z_BEST_SPEED }))
      .pipe(response);
  },
  "packed bytes that are none": (response) =>
    void response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end("no gzip"),
  "one byte a second": (response) => {
    response.writeHead(200, JSON_TYPE);
    const drip = setInterval(() => response.write(" "), 1000);
    response.on("close", () => clearInterval(drip));
  },
  nothing: () => undefined,
};

interface Measured {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly kilobytes: number;
}

async function measure(answer: (response: ServerResponse) => void, command: string): Promise<Measured> {
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    request.resume().on("end", () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const origin = `http://127.0.0.1:${address.port}`;
  const child = spawn(process.execPath, [MEASURED_AFK, command, "--json"], {
    cwd: "/",
    env: {
      PATH: process.env["PATH"] ?? "",
      AFK_KILL_SWITCH: "false",
      AFK_ALLOWLIST: "127.0.0.1/acme/shop",
      AFK_TRACKER: "github",
      AFK_GITHUB_API_URL: origin,
      AFK_GITHUB_TOKEN: "github-canary-9f2a",
      AFK_EXECUTOR: "t3",
      AFK_T3_URL: origin,
      AFK_T3_TOKEN: "executor-canary-9f2a",
      AFK_CI: "github",
      AFK_STATE_KEY: "state-canary-9f2a-9f2a",
      AFK_TICK_MAX_SECONDS: "2",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, stdout, stderr, kilobytes: Number(MOST_MEMORY.exec(stderr)?.[1] ?? Number.NaN) };
}

it.concurrent.each(Object.entries(ANSWERS))(
  "a server that sends %s costs bounded memory and time, and a sentence",
  async (_, answer) => {
    const from = performance.now();

    const { code, stdout, stderr, kilobytes } = await measure(answer, "watch");

    expect(kilobytes).toBeLessThan(MOST_KILOBYTES);
    expect(performance.now() - from).toBeLessThan(30_000);
    expect([3, 4], stdout + stderr).toContain(code);
    expect(stdout + stderr).not.toMatch(/afk has a bug|canary|127\.0\.0\.1:\d/);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1, decisions: [] });
  },
  60_000,
);
