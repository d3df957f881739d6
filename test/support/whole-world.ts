// A whole small world on this machine: a repository with a remote, issues, a scripted agent, CI, and a clock that skips.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { FAULTY_AFK, type FaultyOptions } from "./faulty-afk.ts";
import { AGENT } from "./scripted-agent.ts";
import { git, placeShop } from "./shop-repository.ts";
import { type Ran, runInside, spawned } from "./small-process.ts";

/** How one start of the agent shows in its log. */
export interface AgentStart {
  readonly thread: string;
  readonly turn: string;
  readonly issue: string;
}

export class WholeWorld {
  readonly root: string;
  readonly checkout: string;
  #skipped = 0;

  /** `remote: false`: a repository of its own, as after `git init`. */
  constructor(
    environment: Readonly<Record<string, string>> = {},
    options: { readonly remote?: boolean } = {},
  ) {
    this.root = mkdtempSync(join(tmpdir(), "afk-world-"));
    this.checkout = join(this.root, "shop");
    this.environment = environment;
    placeShop(this.root, options.remote !== false);
    this.write("agent.sh", AGENT);
    mkdirSync(join(this.checkout, ".afk", "issues"), { recursive: true });
  }

  /** What a test sets on top of the world's own settings; it may be exchanged between two ticks. */
  environment: Readonly<Record<string, string>>;

  /** What the command sees besides the machine's own environment. */
  get settings(): Readonly<Record<string, string>> {
    return {
      AFK_KILL_SWITCH: "false",
      AFK_ALLOWLIST: "local/shop",
      AFK_AGENT_COMMAND: `sh ${join(this.root, "agent.sh")}`,
      AFK_CI_COMMAND: "! grep -rqx red feature-*.txt",
      WORLD: this.root,
      ...this.environment,
    };
  }

  /** Writes an issue file as a person would. */
  issue(
    number: number,
    title: string,
    frontMatter: readonly string[] = ["labels: [ready-for-agent]"],
    body = "Please.",
  ): void {
    this.write(`titles/${number}`, title);
    const front = ["---", ...frontMatter, "---"].join("\n");
    this.write(`shop/.afk/issues/${number}.md`, `${front}\n# ${title}\n\n${body}\n`);
  }

  /** Edits an issue file as a person would. */
  edit(number: number, from: string, to: string): void {
    const path = `shop/.afk/issues/${number}.md`;
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} has no '${from}': ${text}`);
    this.write(path, text.replace(from, to));
  }

  write(path: string, text: string): void {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8");
  }

  /** An issue file's front matter. */
  front(number: number): string {
    return this.read(`shop/.afk/issues/${number}.md`).split("---")[1] ?? "";
  }

  /** One field of the issue's run card; undefined when there is no card. */
  card(number: number): Readonly<Record<string, unknown>> | undefined {
    const path = join(this.checkout, ".afk", "issues", String(number), "run-card.md");
    if (!existsSync(path)) return undefined;
    const json = /^<!-- afk:run:v1 (\{.*\}) hmac/.exec(readFileSync(path, "utf8"))?.[1];
    if (json === undefined) return undefined;
    const card: Readonly<Record<string, unknown>> = JSON.parse(json);
    return card;
  }

  /** Everything on disk with its mode and its time, as one word: equal words mean that nothing was written. */
  fingerprint(): string {
    const hash = createHash("sha256");
    for (const name of readdirSync(this.root, { recursive: true, encoding: "utf8" }).toSorted()) {
      const path = join(this.root, name);
      const stats = lstatSync(path);
      hash.update(`${name}\0${stats.mode}\0${stats.mtimeMs}\0`);
      if (stats.isFile()) hash.update(readFileSync(path));
    }
    return hash.digest("hex");
  }

  /**
   * What there is and how large, but for what a killed process leaves half-made and nobody reads: two worlds of one shape
   * differ only in times and what follows from them.
   */
  shape(): string {
    return readdirSync(this.root, { recursive: true, encoding: "utf8" })
      .filter((name) => !/\/objects\/|\.tmp|\/\.new-|launch\.json|\.git\/(index|logs|COMMIT)/.test(name))
      .map((name) => ({ name, stats: lstatSync(join(this.root, name)) }))
      .map(({ name, stats }) => (stats.isFile() ? `${name} ${stats.size}` : name))
      .toSorted()
      .join("\n");
  }

  get starts(): readonly AgentStart[] {
    const path = join(this.root, "agent.log");
    if (!existsSync(path)) return [];
    return readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => {
        const [thread = "", turn = "", issue = ""] = line.split(" ");
        return { thread, turn, issue };
      });
  }

  git(directory: string, ...args: readonly string[]): string {
    return git(directory, ...args);
  }

  skip(seconds: number): void {
    this.#skipped += seconds * 1000;
  }

  /** Runs the built command, in no process of its own. */
  async afk(...argv: readonly string[]): Promise<Ran> {
    return runInside({
      argv,
      cwd: this.checkout,
      env: { ...process.env, ...this.settings },
      skippedMilliseconds: this.#skipped,
    });
  }

  /** Runs the command as a process of its own that fails at a chosen write. */
  async faulty(
    options: Omit<FaultyOptions, "skippedMilliseconds">,
    ...argv: readonly string[]
  ): Promise<Ran> {
    return this.spawned(process.execPath, this.faultyArguments(options, ...argv));
  }

  /** The command line of such a process, behind the name of Node's own program. */
  faultyArguments(
    options: Omit<FaultyOptions, "skippedMilliseconds">,
    ...argv: readonly string[]
  ): readonly string[] {
    return [FAULTY_AFK, JSON.stringify({ ...options, skippedMilliseconds: this.#skipped }), ...argv];
  }

  /** Runs any program in the checkout with the world's settings. */
  async spawned(
    program: string,
    args: readonly string[],
    options: {
      readonly settings?: Readonly<Record<string, string>>;
      /** The user and group id to run as. */
      readonly user?: number;
    } = {},
  ): Promise<Ran> {
    const { settings, user } = options;
    return spawned(program, args, {
      cwd: this.checkout,
      env: { ...process.env, ...this.settings, ...settings },
      ...(user === undefined ? {} : { user }),
    });
  }

  /** Waits until no agent and no CI command works any more. */
  async quiet(): Promise<void> {
    for (let look = 0; look < 1200; look += 1) {
      if (!this.#jobs().some(isAtWork)) return;
      await pause(25);
    }
    throw new Error("Agents or CI commands are still at work after 30 s.");
  }

  #jobs(): readonly string[] {
    const jobs: string[] = [];
    for (const place of [join(this.checkout, ".afk", "runs"), join(this.checkout, ".afk", "ci")]) {
      if (!existsSync(place)) continue;
      for (const owner of readdirSync(place).filter((name) => !name.startsWith("."))) {
        const turns = place.endsWith("ci") ? join(place, owner) : join(place, owner, "turns");
        if (!existsSync(turns)) continue;
        for (const turn of readdirSync(turns)) if (/^\d+$/.test(turn)) jobs.push(join(turns, turn));
      }
    }
    return jobs;
  }

  /** Polls and watches until time alone brings nothing more; agents and CI get theirs, and the clock skips in between. */
  async settle(maxRounds = 30): Promise<void> {
    let quietRounds = 0;
    for (let round = 0; round < maxRounds; round += 1) {
      const poll = await this.afk("poll", "--json");
      await this.quiet();
      const watch = await this.afk("watch", "--json");
      await this.quiet();
      quietRounds = hasWork(poll) || hasWork(watch) ? 0 : quietRounds + 1;
      if (quietRounds === 2 || this.#isAllOver()) return;
      this.skip(400);
    }
    throw new Error(`The world did not come to rest within ${maxRounds} rounds.`);
  }

  /** No issue waits for a run or has one: nothing more can come. */
  #isAllOver(): boolean {
    return readdirSync(join(this.checkout, ".afk", "issues"))
      .filter((name) => name.endsWith(".md"))
      .every((name) => !/ready-for-agent|agent-in-progress/.test(this.read(`shop/.afk/issues/${name}`)));
  }

  /** Remembers everything on disk; nothing may be at work. Gives back the way back. */
  snapshot(): () => void {
    const copy = `${this.root}.snapshot`;
    const skipped = this.#skipped;
    rmSync(copy, { recursive: true, force: true });
    cpSync(this.root, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return () => {
      rmSync(this.root, { recursive: true, force: true });
      cpSync(copy, this.root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      this.#skipped = skipped;
    };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
    rmSync(`${this.root}.snapshot`, { recursive: true, force: true });
  }
}

function isAtWork(job: string): boolean {
  const status = join(job, "status.json");
  const launched = existsSync(join(job, "launch.json"));
  if (!existsSync(status)) return launched;
  return !readFileSync(status, "utf8").includes('"phase":"exited"');
}

function hasWork(ran: Ran): boolean {
  const report: { decisions: { action: string }[]; outcomes: unknown[] } = JSON.parse(ran.stdout);
  return report.outcomes.length > 0 || report.decisions.some(({ action }) => action !== "hold");
}
