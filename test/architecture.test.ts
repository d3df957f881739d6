// The rules about the source files themselves: what may import what, and what may touch the world.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FAMILIES = ["trackers", "executors", "ci", "notifiers"];
/** Files that are a process entry of their own, or the real clock: only they may know what time it is. */
const REAL_TIME = ["src/main.ts", "src/machine/supervisor.ts", "src/machine/supervised-child.ts"];

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Without comments and without what stands in quotes. */
  readonly code: string;
  /** What it imports: paths from the root for our own files, names as they are for the rest. */
  readonly imports: readonly string[];
}

function filesBelow(directory: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(directory, name.replaceAll("\\", "/")))
    .filter((path) => path.endsWith(".ts") && !path.includes("/fixtures/"))
    .toSorted()
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const named = text.matchAll(
    /^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  const imports = [...named].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? "";
    return name.startsWith(".") ? posix.join(posix.dirname(path), name) : name;
  });
  const code = text
    .replace(/^\s*\/\/.*$|\s\/\/\s.*$/gm, "")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  return { path, text, code, imports };
}

const sources = filesBelow("src");
const tests = filesBelow("test");
const core = sources.filter(({ path }) => path.startsWith("src/core/"));

/** Each wrong import as `file -> import`. */
function wrongImports(
  files: readonly SourceFile[],
  isWrong: (name: string, file: SourceFile) => boolean,
): readonly string[] {
  return files.flatMap((file) =>
    file.imports.filter((name) => isWrong(name, file)).map((name) => `${file.path} -> ${name}`),
  );
}

/** Each forbidden word as `file: word`. */
function forbiddenWords(files: readonly SourceFile[], word: RegExp): readonly string[] {
  return files.flatMap(({ path, code }) => (code.match(word) ?? []).map((found) => `${path}: ${found}`));
}

test("there are source files to look at, and their imports are seen", () => {
  expect(core.length).toBeGreaterThan(20);
  expect(sources.find(({ path }) => path === "src/ports.ts")?.imports).toContain("src/core/issue.ts");
  expect(sources.find(({ path }) => path === "src/notifiers/index.ts")?.imports).toContain(
    "src/notifiers/slack.ts",
  );
});

describe("src/core", () => {
  test("imports only src/core: no packages, no modules of Node", () => {
    expect(wrongImports(core, (name) => !name.startsWith("src/core/"))).toEqual([]);
  });

  test("touches neither time nor chance, neither process nor network", () => {
    const world =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bMath\.random\b|\bcrypto\b|\bprocess\b|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\s*\(|\bperformance\b|\bconsole\b|\brequire\b/g;

    expect(forbiddenWords(core, world)).toEqual([]);
  });
});

function familyOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function isAdapter(path: string): boolean {
  return path.startsWith("src/") && FAMILIES.includes(familyOf(path));
}

describe("an adapter", () => {
  const adapters = sources.filter(({ path }) => isAdapter(path));

  test("knows nothing of the tick around it", () => {
    const around =
      /^src\/(?:observe|act|plan|report)\/|^src\/(?:tick|cli|command|main|check|adapters|registries|tools)\.ts$/;

    expect(adapters.length).toBeGreaterThan(10);
    expect(wrongImports(adapters, (name) => around.test(name))).toEqual([]);
  });

  test("knows nothing of other families", () => {
    const wrong = wrongImports(
      adapters,
      (name, { path }) => isAdapter(name) && familyOf(name) !== familyOf(path),
    );

    expect(wrong).toEqual([]);
  });
});

test("only adapters and the registries know adapters", () => {
  const others = sources.filter(({ path }) => !isAdapter(path) && path !== "src/registries.ts");

  expect(wrongImports(others, isAdapter)).toEqual([]);
});

test("only process entries and the real clock know what time it is", () => {
  const time =
    /\bDate\.now\b|\bnew Date\(\s*\)|\bset(?:Timeout|Interval)\b|\bperformance\.now\b|\bprocess\.hrtime\b|\bAbortSignal\.timeout\b|\bMath\.random\b/g;

  expect(
    forbiddenWords(
      sources.filter(({ path }) => !REAL_TIME.includes(path)),
      time,
    ),
  ).toEqual([]);
  expect(REAL_TIME.filter((path) => !sources.some((source) => source.path === path))).toEqual([]);
});

test("no source file is longer than 300 lines", () => {
  const long = sources.filter(({ text }) => text.trimEnd().split("\n").length > 300);

  expect(long.map(({ path }) => path)).toEqual([]);
});

test("every file opens with a sentence that says what it is for", () => {
  const silent = [...sources, ...tests].filter(
    ({ text }) => !/^\/\/ [A-Z\d`-][^\n]{20,}[.:]\n(?!\/\/)/.test(text.replace(/^#!.*\n/, "")),
  );

  expect(silent.map(({ path }) => path)).toEqual([]);
});

test("nock is known to test/support/http.ts only", () => {
  const knowing = [...sources, ...tests].filter(({ imports }) => imports.includes("nock"));

  expect(knowing.map(({ path }) => path)).toEqual(["test/support/http.ts"]);
});

test("tests import nothing from outside the repository", () => {
  expect(wrongImports(tests, (name) => name.startsWith("../"))).toEqual([]);
});
