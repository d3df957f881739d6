// A checkout with a local tracker in it, and the hands of a person who edits its files.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { AdapterDeps } from "../../../src/adapter.ts";
import type { Clock } from "../../../src/ports.ts";
import { localTracker } from "../../../src/trackers/local/adapter.ts";
import type { TrackerWorld } from "../../conformance/tracker-world.ts";
import { machineDeps, makeCheckout, run, temporaryDirectory } from "../../support/machine.ts";

export interface LocalWorld extends TrackerWorld {
  readonly base: string;
  readonly workspace: string;
  /** The directory of the issue files. */
  readonly issues: string;
  readonly deps: AdapterDeps;
  write(name: string, text: string | Uint8Array): void;
  read(name: string): string;
  /** The names in a directory below the issues. */
  names(below?: string): readonly string[];
}

export interface LocalWorldOptions {
  readonly repo?: string;
  readonly clock?: Clock;
  /** Agents land in a bare repository beside the checkout. */
  readonly remote?: boolean;
}

/** Makes a world for the test that runs; it goes away with it. */
export function localWorld(options: LocalWorldOptions = {}): LocalWorld {
  const base = temporaryDirectory();
  const repo = options.repo ?? "local/shop";
  const workspace = makeCheckout(join(base, repo.replace("/", "__")));
  const issues = join(workspace, ".afk", "issues");
  mkdirSync(issues, { recursive: true });
  if (options.remote === true) addRemote(workspace);
  const { clock } = options;
  const deps = machineDeps({ base, repos: [repo], ...(clock === undefined ? {} : { clock }) });
  const tracker = localTracker.create({ AFK_LOCAL_DIR: ".afk" }, deps);
  let last = 0;
  const path = (number: number) => join(issues, `${number}.md`);
  const edit = (number: number, change: (lines: string[]) => string[]) => {
    writeFileSync(path(number), change(readFileSync(path(number), "utf8").split("\n")).join("\n"));
  };
  return {
    base,
    workspace,
    issues,
    deps,
    tracker,
    repo,
    labels: {
      readyLabel: "ready-for-agent",
      inProgressLabel: "agent-in-progress",
      humanLabel: "ready-for-human",
    },
    write: (name, text) => {
      writeFileSync(join(issues, name), text);
    },
    read: (name) => readFileSync(join(issues, name), "utf8"),
    names: (below = ".") => readdirSync(join(issues, below)).toSorted(),
    async makeIssue({ title, body = "", labels = [] }) {
      last += 1;
      const list = labels.map((label) => `  - ${label}`);
      const front = list.length === 0 ? [] : ["---", "labels:", ...list, "---"];
      writeFileSync(path(last), [...front, `# ${title}`, body, ""].join("\n"));
      return last;
    },
    async deleteIssue(number) {
      rmSync(path(number));
    },
    async addLabel(number, label) {
      edit(number, ([first = "", second = "", ...rest]) =>
        second.startsWith("labels:")
          ? [first, "labels:", `  - ${label}`, ...rest]
          : ["---", `labels: [${label}]`, "---", first, second, ...rest],
      );
    },
    async removeLabel(number, label) {
      edit(number, (lines) => lines.filter((line) => line !== `  - ${label}`));
    },
    async close(number) {
      edit(number, ([first = "", ...rest]) =>
        first === "---" ? [first, "state: closed", ...rest] : ["---", "state: closed", "---", first, ...rest],
      );
    },
    async comment(number, text) {
      const folder = join(issues, String(number));
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `note-${readdirSync(folder).length}.md`), text);
    },
    async land(message) {
      run(workspace, "git", "commit", "-q", "--allow-empty", "-m", message);
      if (options.remote === true) run(workspace, "git", "push", "-q", "origin", "HEAD:main");
      return run(workspace, "git", "rev-parse", "HEAD");
    },
    async everything() {
      return contents(base);
    },
  };
}

function addRemote(workspace: string): void {
  run(workspace, "git", "clone", "-q", "--bare", ".", `${workspace}.git`);
  run(workspace, "git", "remote", "add", "origin", `${workspace}.git`);
  run(workspace, "git", "fetch", "-q", "origin");
}

/** Every file below a directory with its text, mode and time of change. */
export function contents(directory: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const stats = statSync(path);
    const text = entry.isFile() ? readFileSync(path, "latin1") : "";
    files.set(relative(directory, path), `${stats.mode} ${stats.mtimeMs} ${text}`);
  }
  return files;
}
