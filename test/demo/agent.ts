// The demo's stand-in for a coding agent: reads the prompt on stdin, does real commits in its worktree, lands them.
import { execFileSync, execSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const prompt = readFileSync(0, "utf8");
const thread = /^afk-(?:run|turn) (\S+)/.exec(prompt)?.[1] ?? "";
const landing = /[Ll]and(?: it yourself:| with) `([^`]+)`/.exec(prompt)?.[1] ?? "";
const number = Number(/^ *Refs #(\d+)$/m.exec(prompt)?.[1]);
const attempt = Number(/^afk-turn \S+ fix_forward=(\d+)/.exec(prompt)?.[1] ?? 0);

switch (number) {
  case 1:
    land("sum", "numbers.reduce((total, number) => total + number, 0)", "numbers", ["sum([1, 2])", "3"]);
    break;
  case 2:
    land("titleSlug", '`title-${title.toLowerCase().replaceAll(" ", "-")}`', "title", [
      'titleSlug("A B")',
      '"title-a-b"',
    ]);
    break;
  case 3: {
    // The first try forgets the lower case, and does not run the tests.
    const code = attempt === 0 ? 'text.replaceAll(" ", "-")' : 'text.toLowerCase().replaceAll(" ", "-")';
    land("slug", code, "text", ['slug("Hello World")', '"hello-world"']);
    break;
  }
  case 4:
    say(
      "I cannot do this: there is no key for the payment provider here, and I must not ask. Nothing was landed.",
    );
    break;
  case 5:
    land("parseDuration", `Number.parseInt(text, 10) * ${60 + attempt}`, "text", [
      'parseDuration("1h 5m")',
      "3900",
    ]);
    break;
  default:
    land("version", '"1.0.0"', "", ["version()", '"1.0.0"']);
}

/** Writes a test and the code, commits with the run's trailers, and lands on the default branch. */
function land(
  name: string,
  expression: string,
  parameter: string,
  [call, expected]: readonly [string, string],
): void {
  const test = [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    `import { ${name} } from "../src/${name}.js";`,
    "",
    `test(${JSON.stringify(`${name} does what the issue says`)}, () => assert.deepEqual(${call}, ${expected}));`,
    "",
  ];
  writeFileSync(`test/${name}.test.js`, test.join("\n"));
  writeFileSync(`src/${name}.js`, `export function ${name}(${parameter}) {\n  return ${expression};\n}\n`);
  execFileSync("git", ["add", "--all"]);
  const subject = attempt === 0 ? `Add ${name}` : `Mend ${name}`;
  const message = `${subject}\n\nAFK-Run: ${thread}\nAFK-Phase: tests-red\nRefs #${number}\n`;
  execFileSync("git", ["commit", "--quiet", "--message", message], { stdio: "ignore" });
  execSync(landing, { stdio: "ignore" });
  say(`${subject}: landed with \`${landing}\`.`);
}

/** Ends the turn as \`claude -p\` does: one JSON line with the last words and the cost. */
function say(result: string): void {
  const line = {
    type: "result",
    subtype: "success",
    is_error: false,
    result,
    total_cost_usd: 0.12,
    permission_denials: [],
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
