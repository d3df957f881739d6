// Writes beside people at work: nothing that anybody wrote is lost, and a failure leaves the file as it was.
import { spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { AfkError } from "../../../src/errors.ts";
import { failureOf } from "../../support/failure.ts";
import { type LocalWorld, localWorld } from "./world.ts";

const READY = ["---", "labels: [ready-for-agent] # mine", "---", "# Title", ""].join("\n");

function add(world: LocalWorld, label: string, number = 7) {
  return world.tracker.write({ kind: "add_label", ref: { repo: world.repo, number }, label });
}

function remove(world: LocalWorld, label: string, number = 7) {
  return world.tracker.write({ kind: "remove_label", ref: { repo: world.repo, number }, label });
}

describe("a write to an issue file", () => {
  it("keeps the mode of the file and leaves nothing else in the directory", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    chmodSync(join(world.issues, "7.md"), 0o640);

    await add(world, "bug");

    expect(statSync(join(world.issues, "7.md")).mode & 0o777).toBe(0o640);
    expect(world.read("7.md")).toBe(READY.replace("ready-for-agent]", "ready-for-agent, bug]"));
    expect(world.names()).toEqual(["7", "7.md"]);
  });

  it("does not touch the file when there is nothing to change", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const before = await world.everything();

    await add(world, " Ready-For-Agent ");
    await remove(world, "bug");
    await world.tracker.write({ kind: "reopen", ref: { repo: world.repo, number: 7 } });

    expect(await world.everything()).toEqual(before);
  });

  it("leaves a file alone that it does not understand", async () => {
    const world = localWorld();
    world.write("7.md", "---\nlabels: [a\n---\n");
    const before = await world.everything();

    const failure = await failureOf(add(world, "bug"));

    expect(failure.kind).toBe("config");
    expect(failure.message).toContain(join(world.issues, "7.md"));
    expect(await world.everything()).toEqual(before);
  });

  it("makes all of many changes at once", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const labels = Array.from({ length: 6 }, (_, index) => `label-${index}`);

    await Promise.all(labels.map((label) => addUntilDone(world, label)));

    for (const label of labels) expect(world.read("7.md")).toContain(label);
    expect(world.read("7/events.jsonl").trimEnd().split("\n")).toHaveLength(labels.length);
    expect(world.names()).toEqual(["7", "7.md"]);
  });

  it.skipIf(process.getuid?.() === 0)(
    "says what to do about a read-only directory, and leaves no temporary file",
    async () => {
      const world = localWorld();
      world.write("7.md", READY);
      chmodSync(world.issues, 0o555);
      onTestFinished(() => chmodSync(world.issues, 0o755));

      const failure = await failureOf(add(world, "bug"));

      expect(failure.kind).toBe("config");
      expect(failure.message).toContain(world.issues);
      expect(failure.message).toContain("chmod");
      expect(world.names()).toEqual(["7.md"]);
      expect(world.read("7.md")).toBe(READY);
    },
  );
});

describe("a person at work on the same file", () => {
  it("loses nothing when they write into the file that afk has just replaced", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const path = join(world.issues, "7.md");
    const editor = openSync(path, "r+");
    const theirs = READY.replace("# Title", "# A better title\n\nAnd a story.");

    const writing = add(world, "bug");
    while (statSync(path).ino === statSyncOf(editor)) await nextTurn();
    ftruncateSync(editor);
    writeSync(editor, theirs, 0);
    closeSync(editor);
    await writing;

    expect(world.read("7.md")).toBe(theirs.replace("ready-for-agent]", "ready-for-agent, bug]"));
    expect(world.names()).toEqual(["7", "7.md"]);
  });

  it("keeps their version also when it cannot be understood, and says so", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const path = join(world.issues, "7.md");
    const editor = openSync(path, "r+");
    const theirs = READY.replace("ready-for-agent] # mine", "ready-for-agent, # not done yet");

    const writing = add(world, "bug");
    const failing = failureOf(writing);
    while (statSync(path).ino === statSyncOf(editor)) await nextTurn();
    ftruncateSync(editor);
    writeSync(editor, theirs, 0);
    closeSync(editor);

    expect((await failing).message).toContain("YAML");
    expect(world.read("7.md")).toBe(theirs);
    expect(world.names()).toEqual(["7.md"]);
  });

  it("loses not one line while afk labels the issue again and again", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    const path = join(world.issues, "7.md");
    const lines = 150;
    const program = `
      const { appendFileSync } = require("node:fs");
      let count = 0;
      const timer = setInterval(() => {
        appendFileSync(process.argv[1], "line " + count + "\\n");
        count += 1;
        if (count === ${lines}) clearInterval(timer);
      }, 1);`;
    const person = spawn(process.execPath, ["-e", program, path], { stdio: "inherit" });
    for (let round = 0; person.exitCode === null; round += 1)
      await untilDone(() => (round % 2 === 0 ? add(world, "bug") : remove(world, "bug")));

    // Versions that cannot both stand are both kept, and the error said where.
    const versions = world.names().filter((name) => name === "7.md" || name.endsWith(".kept"));
    const written = versions.flatMap((name) => world.read(name).split("\n"));
    const missing = Array.from({ length: lines }, (_, index) => `line ${index}`).filter(
      (line) => !written.includes(line),
    );
    expect(missing).toEqual([]);
    expect(world.read("7.md")).toContain("# mine\n---\n# Title\n");
  });

  it("gets a sentence and no change when the file goes away", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    rmSync(join(world.issues, "7.md"));

    const failure = await failureOf(add(world, "bug"));

    expect(failure.kind).toBe("transport");
    expect(world.names()).toEqual([]);
  });

  it("may add to the record's folder what they like", async () => {
    const world = localWorld();
    world.write("7.md", READY);
    await add(world, "bug");
    appendFileSync(join(world.issues, "7", "thoughts.md"), "Mine.\n");

    await remove(world, "bug");

    expect(world.read("7/thoughts.md")).toBe("Mine.\n");
    expect(world.read("7.md")).toBe(READY);
  });
});

function addUntilDone(world: LocalWorld, label: string): Promise<void> {
  return untilDone(() => add(world, label));
}

/** The next tick tries again what could not be done while the file changed all the time. */
async function untilDone(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof AfkError) || !/kept changing|Two versions/.test(error.message)) throw error;
    }
  }
}

function statSyncOf(descriptor: number): number {
  return fstatSync(descriptor).ino;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
