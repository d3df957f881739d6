// Files are replaced whole, created once, and a failure says what to do.
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFileExclusive, fileFailure, writeFileAtomic } from "../../src/machine/atomic-file.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "afk-atomic-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("writeFileAtomic", () => {
  it("replaces a file and leaves nothing else behind", async () => {
    const path = join(directory, "note.md");
    await writeFile(path, "old");

    await writeFileAtomic(path, "new");

    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(directory)).toEqual(["note.md"]);
  });

  it("gives the file the asked mode, whatever the umask is", async () => {
    const path = join(directory, "note.md");

    await writeFileAtomic(path, "text", { mode: 0o664 });

    expect((await stat(path)).mode & 0o777).toBe(0o664);
  });

  it("never shows a reader half a text", async () => {
    const path = join(directory, "note.md");
    const texts = ["a", "b"].map((letter) => letter.repeat(200_000));
    await writeFileAtomic(path, texts[0] ?? "");

    const writing = (async () => {
      for (let round = 0; round < 20; round += 1) await writeFileAtomic(path, texts[round % 2] ?? "");
    })();
    const seen = new Set<string>();
    for (let round = 0; round < 50; round += 1) seen.add(await readFile(path, "utf8"));
    await writing;

    expect([...seen].every((text) => texts.includes(text))).toBe(true);
  });

  it("takes a name as long as the file system allows", async () => {
    const path = join(directory, `${"n".repeat(252)}.md`);

    await writeFileAtomic(path, "text");

    expect(await readFile(path, "utf8")).toBe("text");
  });

  it("leaves no temporary file when the name cannot be taken", async () => {
    const path = join(directory, "note.md");
    await mkdir(join(path, "inside"), { recursive: true });

    const writing = writeFileAtomic(path, "text");

    await expect(writing).rejects.toMatchObject({ name: "AfkError", kind: "config" });
    expect(await readdir(directory)).toEqual(["note.md"]);
  });

  it("says which directory is missing", async () => {
    const writing = writeFileAtomic(join(directory, "absent", "note.md"), "text");

    await expect(writing).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining(join(directory, "absent")),
    });
  });

  it.skipIf(process.getuid?.() === 0)("says what to do about a read-only directory", async () => {
    await chmod(directory, 0o555);

    const writing = writeFileAtomic(join(directory, "note.md"), "text");

    await expect(writing).rejects.toMatchObject({
      kind: "config",
      message: expect.stringMatching(/EACCES.*chmod/),
    });
    await chmod(directory, 0o755);
  });
});

describe("createFileExclusive", () => {
  it("does not touch a file that is there", async () => {
    const path = join(directory, "card.md");
    await writeFile(path, "theirs");

    const made = await createFileExclusive(path, "ours");

    expect(made).toBe(false);
    expect(await readFile(path, "utf8")).toBe("theirs");
    expect(await readdir(directory)).toEqual(["card.md"]);
  });

  it("lets exactly one of many creators win, with its whole text", async () => {
    const path = join(directory, "card.md");

    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => createFileExclusive(path, `creator ${index}`)),
    );

    expect(made.filter((won) => won)).toHaveLength(1);
    expect(await readFile(path, "utf8")).toBe(`creator ${made.indexOf(true)}`);
    expect(await readdir(directory)).toEqual(["card.md"]);
  });
});

describe("fileFailure", () => {
  it.each([
    ["EACCES", "config", "chmod"],
    ["EROFS", "config", "read-only"],
    ["ENOSPC", "config", "full"],
    ["EDQUOT", "config", "quota"],
    ["EIO", "transport", "next tick"],
  ])("tells a person what to do about %s", (code, kind, remedy) => {
    const error = Object.assign(new Error("system words"), { code });

    const failure = fileFailure(error, "write", "/data/7.md");

    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain("/data/7.md");
    expect(failure.message).toContain(remedy);
  });
});
