// What the local tracker understands of people's files, and what it says about those that it does not.
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { detailOf } from "../../conformance/tracker-world.ts";
import { failureOf } from "../../support/failure.ts";
import { type LocalWorld, localWorld } from "./world.ts";

async function titles(world: LocalWorld) {
  const { issues } = await world.tracker.listIssues();
  return issues.map((issue) => `${issue.number} ${issue.title}`);
}

async function gapOf(world: LocalWorld) {
  const { gaps } = await world.tracker.listIssues();
  expect(gaps).toHaveLength(1);
  return gaps[0];
}

const READY = "labels: [ready-for-agent]";

function front(...lines: readonly string[]): string {
  return ["---", ...lines, "---", "# Title", ""].join("\n");
}

describe("an issue file", () => {
  it.each([
    ["title: 'From the front'\n", "# Heading\n", "From the front"],
    ["", "Some words\n\n# The *heading* ##\n", "The *heading*"],
    ["", "```sh\n# a comment\n```\n# C#\n", "C#"],
    ["", "## Only a smaller heading\n", "7-from-a-name"],
    ["", "\r\n# Windows\r\n", "Windows"],
    ["title: 404\n", "", "404"],
  ])("takes its title from the front matter, the heading or the name: %j %j", async (line, body, title) => {
    const world = localWorld();
    world.write("7-from-a-name.md", `---\n${READY}\n${line}---\n${body}`);

    expect(await titles(world)).toEqual([`7 ${title}`]);
  });

  it("may have a byte order mark, Windows line breaks and any text", async () => {
    const world = localWorld();
    const body = "# Grüße \u{1F468}\u200d\u{1F469} e\u0301\u2028\u0085\r\nlast line";
    world.write("0007-a.md", `\uFEFF---\r\n${READY} # ok\r\nstate: open\r\n---\r\n${body}`);

    const detail = await detailOf(world, 7);

    expect(detail.body).toBe(body);
    expect(detail.labels).toEqual(["ready-for-agent"]);
  });

  it("reads labels trimmed, in lower case and once, and the priority as one of them", async () => {
    const world = localWorld();
    world.write("7.md", front("labels: [' Bug', bug, Ready-For-Agent]", "priority: 2"));

    expect((await detailOf(world, 7)).labels).toEqual(["bug", "ready-for-agent", "priority:2"]);
  });

  it("may be one megabyte long", async () => {
    const world = localWorld();
    const body = `# Long\n${"word ".repeat(210_000)}`;
    world.write("7.md", `---\n${READY}\n---\n${body}`);

    expect((await detailOf(world, 7)).body).toBe(body);
  });

  it("names what it is blocked by: numbers, names and the text, each once", async () => {
    const world = localWorld();
    world.write("1.md", "# Open\n");
    world.write("2.md", front("state: closed"));
    world.write("3.md", front("labels: [broken"));
    const blockers = "blocked_by: [1, '#2', 3, 99, 'local/other#4', 'Local/Shop#2']";
    world.write("7.md", `${front(READY, blockers)}- Blocked by #1 and #5\n`);

    expect((await detailOf(world, 7)).blockers).toEqual([
      { name: "local/shop#1", state: "open" },
      { name: "local/shop#2", state: "closed" },
      { name: "local/shop#3", state: "unreadable" },
      { name: "local/shop#99", state: "unreadable" },
      { name: "local/other#4", state: "unreadable" },
      { name: "local/shop#5", state: "unreadable" },
    ]);
  });
});

describe("a file that cannot be understood", () => {
  const broken: readonly (readonly [what: string, text: string | Uint8Array, line: number, legal: string])[] =
    [
      ["YAML that does not end", front(READY, "other: [1"), 4, "YAML"],
      ["two labels lists", front(READY, READY), 3, "YAML"],
      ["a state that is none", front(READY, "state: done"), 3, "`open` or `closed`"],
      ["labels that are no list", front("# note", "labels: ready-for-agent"), 3, "list of texts"],
      ["a label that is no text", front("labels:", "  - bug", "  - 7"), 4, "list of texts"],
      ["a priority that is no number", front(READY, "priority: high"), 3, "whole number"],
      ["a blocker that is none", front(READY, "blocked_by:", "  - 3", "  - the weather"), 5, "issue numbers"],
      ["a name that is nearly one of ours", front(READY, "blocked-by: [3]"), 3, "blocked_by"],
      ["a name in the singular", front("label: [ready-for-agent]"), 2, "`labels`"],
      ["a list for a front matter", front("- ready-for-agent"), 2, "name: value"],
      ["a front matter that is not closed", `---\n${READY}\n# Title\n`, 1, "three dashes"],
      ["no text at all", "", 1, "empty"],
      ["bytes that are not UTF-8", Buffer.from([0x23, 0x20, 0x41, 0x0a, 0xff, 0x0a]), 2, "UTF-8"],
      ["brackets without end", front(`a: ${"[".repeat(60_000)}`), 2, "YAML"],
    ];

  it.each(broken)("is a gap with its line while the others go on: %s", async (_what, text, line, legal) => {
    const world = localWorld();
    world.write("7.md", text);
    world.write("8.md", front(READY));

    const gap = await gapOf(world);

    expect(gap).toMatchObject({ on: "local/shop#7", kind: "config" });
    expect(gap?.message).toContain(join(world.issues, "7.md"));
    expect(gap?.message).toContain(`line ${line}`);
    expect(gap?.message).toContain(legal);
    expect(await titles(world)).toEqual(["8 Title"]);
    expect((await world.tracker.readIssues([{ repo: world.repo, number: 7 }])).issues[0]?.detail).toEqual({
      known: false,
      kind: "config",
      message: gap?.message,
    });
  });

  it("is a gap when it is larger than two megabytes", async () => {
    const world = localWorld();
    world.write("7.md", `# Long\n${"x".repeat(2 * 1024 * 1024)}`);

    expect(await gapOf(world)).toMatchObject({ on: "local/shop#7", kind: "config" });
  });

  it("is a gap when it is a link out of the directory", async () => {
    const world = localWorld();
    symlinkSync("/etc/hosts", join(world.issues, "7.md"));

    expect((await gapOf(world))?.message).toContain("ordinary file");
  });

  it("is a gap that names every file of a number that stands there twice", async () => {
    const world = localWorld();
    world.write("7-one.md", front(READY));
    world.write("007-two.md", front(READY));
    world.write("8.md", front(READY));

    const gap = await gapOf(world);

    expect(gap).toMatchObject({ on: "local/shop#7", kind: "config" });
    expect(gap?.message).toContain("007-two.md, 7-one.md");
    expect(await titles(world)).toEqual(["8 Title"]);
    const write = world.tracker.write({
      kind: "add_label",
      ref: { repo: world.repo, number: 7 },
      label: "x",
    });
    expect((await failureOf(write)).message).toContain("007-two.md, 7-one.md");
  });

  it("is a gap that names the files without a number, and not what an editor leaves there", async () => {
    const world = localWorld();
    for (const name of ["README.md", "0-zero.md"]) world.write(name, "# Hello\n");
    for (const name of [".7.md.swp", ".#7.md", "7.md~", "#7.md#", "notes.txt"]) world.write(name, "x");

    const gap = await gapOf(world);

    expect(gap?.on).toBe("local/shop");
    expect(gap?.message).toContain("0-zero.md, README.md");
  });
});

describe("the directory", () => {
  it("must be there, and the message says how to make it", async () => {
    const world = localWorld();
    rmSync(world.issues, { recursive: true });

    const failure = await failureOf(world.tracker.listIssues());

    expect(failure.kind).toBe("config");
    expect(failure.message).toContain(`mkdir -p ${world.issues}`);
    expect(
      (await world.tracker.readIssues([{ repo: world.repo, number: 7 }])).issues[0]?.detail,
    ).toMatchObject({
      known: false,
      kind: "config",
    });
  });

  it("is listed in well under a second with a thousand issues", async () => {
    const world = localWorld();
    for (let number = 1; number <= 1000; number += 1)
      world.write(`${number}-a.md`, front(READY, "priority: 1"));
    const before = performance.now();

    const { issues } = await world.tracker.listIssues();

    expect(issues).toHaveLength(1000);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
