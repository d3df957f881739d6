// Makes the demo's small real project: a bare remote, a checkout with tests, and six issues in its `.afk` folder.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface DemoProject {
  readonly remote: string;
  readonly checkout: string;
}

interface DemoIssue {
  readonly number: number;
  readonly name: string;
  readonly frontMatter: readonly string[];
  readonly title: string;
  readonly body: string;
}

/** The titles tell the scripted agent what to do; the comments say how each one ends. */
const ISSUES: readonly DemoIssue[] = [
  // Lands at once.
  issue(1, "sum", ["priority: 1"], "Add sum(numbers)", "`sum([1, 2])` is 3, `sum([])` is 0."),
  // Waits for number 3, although its priority is higher.
  issue(2, "title", ["priority: 1", "blocked_by: [3]"], "Add titleSlug(title)", "Uses `slug` of #3."),
  // Turns CI red first and is fixed forward.
  issue(3, "slug", ["priority: 2"], "Add slug(text)", '`slug("Hello World")` is "hello-world".'),
  // The agent gives up before it pushes anything.
  issue(4, "payments", ["priority: 2"], "Charge the customer", "With the payment provider's new API."),
  // Never gets green.
  issue(5, "duration", ["priority: 3"], "Add parseDuration(text)", '`parseDuration("1h 5m")` is 3900.'),
  // Comes after a frozen run, and is held for it.
  issue(6, "version", ["priority: 4"], "Add version()", "Returns the version of package.json."),
];

function issue(
  number: number,
  name: string,
  frontMatter: readonly string[],
  title: string,
  body: string,
): DemoIssue {
  return { number, name, frontMatter, title, body };
}

const FILES: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
  ".gitignore": ".afk/\n",
  "src/greet.js": "export function greet(name) {\n  return `Hello, ${name}!`;\n}\n",
  "test/greet.test.js": [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    'import { greet } from "../src/greet.js";',
    "",
    'test("greets", () => assert.equal(greet("Ada"), "Hello, Ada!"));',
    "",
  ].join("\n"),
};

/** Makes everything below `directory`, which must be empty. */
export function makeProject(directory: string): DemoProject {
  const remote = join(directory, "shop.git");
  const checkout = join(directory, "shop");
  git(directory, "init", "--quiet", "--bare", "--initial-branch=main", remote);
  git(directory, "init", "--quiet", "--initial-branch=main", checkout);
  git(checkout, "config", "user.name", "Ada");
  git(checkout, "config", "user.email", "ada@example.org");
  git(checkout, "remote", "add", "origin", remote);
  for (const [name, text] of Object.entries(FILES)) write(join(checkout, name), text);
  git(checkout, "add", "--all");
  git(checkout, "commit", "--quiet", "--message", "Start the shop");
  git(checkout, "push", "--quiet", "origin", "main");
  git(checkout, "fetch", "--quiet", "origin");
  for (const { number, name, frontMatter, title, body } of ISSUES) {
    const head = ["---", "labels: [ready-for-agent]", ...frontMatter, "---"].join("\n");
    write(join(checkout, ".afk", "issues", `${number}-${name}.md`), `${head}\n# ${title}\n\n${body}\n`);
  }
  return { remote, checkout };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function git(directory: string, ...args: readonly string[]): void {
  execFileSync("git", [...args], { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}
