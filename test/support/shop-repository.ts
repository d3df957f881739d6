// A checkout `shop` and its remote `shop.git`: making them takes a dozen processes, so they are made once and remembered.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Entry {
  readonly path: string;
  readonly mode: number;
  /** Null: a directory. */
  readonly content: Buffer | null;
}

/** Stands for the remote's place in what is remembered. */
const SOMEWHERE = "/somewhere";
const remembered = new Map<boolean, readonly Entry[]>();

export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync("git", [...args], {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Puts both into a directory; without a remote the checkout is as after `git init`, and `shop.git` is empty. */
export function placeShop(root: string, hasRemote: boolean): void {
  const entries = remembered.get(hasRemote) ?? makeShop(hasRemote);
  remembered.set(hasRemote, entries);
  for (const { path, mode, content } of entries)
    if (content === null) mkdirSync(join(root, path), { mode });
    else writeFileSync(join(root, path), content, { mode });
  const config = join(root, "shop", ".git", "config");
  const place = join(root, "shop.git");
  if (hasRemote) writeFileSync(config, readFileSync(config, "utf8").replace(SOMEWHERE, place));
}

function makeShop(hasRemote: boolean): readonly Entry[] {
  const root = mkdtempSync(join(tmpdir(), "afk-shop-"));
  try {
    const checkout = join(root, "shop");
    const remote = join(root, "shop.git");
    const init = ["init", "--quiet", "--template=", "--initial-branch=main"];
    git(root, ...init, "--bare", remote);
    git(root, ...init, checkout);
    // Nothing here gets large enough to be tidied, and looking whether it did takes a process at every fetch and push.
    for (const repository of [remote, checkout]) {
      git(repository, "config", "maintenance.auto", "false");
      git(repository, "config", "receive.autogc", "false");
    }
    git(checkout, "config", "user.name", "Ada");
    git(checkout, "config", "user.email", "ada@example.org");
    writeFileSync(join(checkout, ".gitignore"), ".afk/\n");
    git(checkout, "add", "--all");
    git(checkout, "commit", "--quiet", "--message", "Start");
    if (hasRemote) {
      git(checkout, "remote", "add", "origin", remote);
      git(checkout, "push", "--quiet", "origin", "main");
      git(checkout, "remote", "set-url", "origin", SOMEWHERE);
    }
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .toSorted()
      .map((path) => entryAt(root, path));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function entryAt(root: string, path: string): Entry {
  const stats = statSync(join(root, path));
  return { path, mode: stats.mode, content: stats.isDirectory() ? null : readFileSync(join(root, path)) };
}
