// Starts what tests run from a process that is small: a fork copies the page tables of all memory, and a worker of vitest has much.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What a program left. */
export interface Ran {
  /** Null: killed by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Program {
  readonly kind: "program";
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user and group id to run as; unset: one's own. */
  readonly user?: number;
}

/** The built command, run inside the small process; it makes no request. */
interface Command {
  readonly kind: "command";
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How far the command's clock is ahead of the machine's. */
  readonly skippedMilliseconds: number;
}

type Task = Program | Command;
interface Answer {
  readonly id: number;
  readonly ran: Ran | null;
  readonly error: string;
}

const SMALL_PROCESS = fileURLToPath(import.meta.url);
const waiting = new Map<number, (answer: Answer) => void>();
let small: ChildProcess | null = null;
let last = 0;

/** Runs the program without input; its end is when its output has ended too. */
export function spawned(
  program: string,
  args: readonly string[],
  surroundings: Pick<Program, "cwd" | "env" | "user">,
): Promise<Ran> {
  return done({ kind: "program", program, args, ...surroundings });
}

/** Runs the built command. */
export function runInside(command: Omit<Command, "kind">): Promise<Ran> {
  return done({ kind: "command", ...command });
}

/** Has a task done by the small process of this one, and starts that when there is none. */
async function done(task: Task): Promise<Ran> {
  small ??= open();
  const id = ++last;
  const { ran, error } = await new Promise<Answer>((resolve) => {
    waiting.set(id, resolve);
    small?.channel?.ref();
    small?.send({ id, task });
  });
  if (ran === null) throw new Error(error);
  return ran;
}

/** It keeps nobody from ending, and ends with whoever started it. */
function open(): ChildProcess {
  const child = fork(SMALL_PROCESS, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const answer = (one: Answer): void => {
    waiting.get(one.id)?.(one);
    waiting.delete(one.id);
    if (waiting.size === 0) child.channel?.unref();
  };
  child.on("message", (message) => answer(message as Answer));
  child.on("exit", (code) => {
    small = null;
    for (const id of waiting.keys())
      answer({ id, ran: null, error: `The small process ended with ${code}.` });
  });
  child.unref();
  return child;
}

if (process.argv[1] === SMALL_PROCESS)
  process.on("message", async ({ id, task }: { id: number; task: Task }) => {
    const answer = await carryOut(task).then(
      (ran) => ({ id, ran, error: "" }),
      (error: unknown) => ({ id, ran: null, error: String(error) }),
    );
    if (process.connected) process.send?.(answer);
  });

async function carryOut(task: Task): Promise<Ran> {
  return task.kind === "program" ? runProgram(task) : runCommand(task);
}

async function runProgram({ program, args, cwd, env, user }: Program): Promise<Ran> {
  const child = spawn(program, [...args], {
    cwd,
    env,
    ...(user === undefined ? {} : { uid: user, gid: user }),
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
  return { code, stdout, stderr };
}

async function runCommand({ argv, cwd, env, skippedMilliseconds }: Command): Promise<Ran> {
  // The built files, as users run them; their types are those of the source.
  const built = new URL("../../dist/cli.js", import.meta.url);
  const { run, registries } = (await import(built.href)) as typeof import("../../src/cli.ts");
  const printed = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      printed[name] += text;
    },
    isTTY: false,
    columns: undefined,
  });
  const code = await run(argv, {
    stdout: output("stdout"),
    stderr: output("stderr"),
    environment: env,
    cwd,
    clock: {
      now: () => Date.now() + skippedMilliseconds,
      sleep: (milliseconds) => pause(milliseconds, undefined, { ref: false }),
    },
    fetch: () => Promise.reject(new Error("No test here makes a request.")),
    signals: { onTerminate: () => () => undefined },
    registries,
  });
  return { code, ...printed };
}
