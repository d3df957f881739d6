// Runs the demo as a newcomer would, and checks its table of outcomes against the repository that it leaves behind.
import { execFile, execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { directoryWith } from "../support/directory.ts";

const DEMO = fileURLToPath(new URL("../demo/demo.ts", import.meta.url));
const CLOSED = { state: "closed", labels: "[]", outcome: "close_success", reason: "verified" };
const WITH_A_PERSON = { state: "open", labels: "[ready-for-human]" };

it("ends with three issues closed, one given up, one frozen and one held behind it, all of it in a real repository", async () => {
  const directory = await directoryWith({});

  const { stdout } = await promisify(execFile)(process.execPath, [DEMO], {
    env: { ...process.env, TMPDIR: directory },
  });

  const rows = tableIn(stdout);
  const [place = ""] = readdirSync(directory);
  const landed = commitsOf(join(directory, place, "shop.git"));
  expect(rows).toMatchObject([
    { issue: "1-sum.md", ...CLOSED, fixes: "0" },
    { issue: "2-title.md", ...CLOSED, fixes: "0" },
    { issue: "3-slug.md", ...CLOSED, fixes: "1" },
    {
      issue: "4-payments.md",
      ...WITH_A_PERSON,
      outcome: "escalate_prepush",
      reason: "nothing_pushed",
      fixes: "0",
    },
    {
      issue: "5-duration.md",
      ...WITH_A_PERSON,
      outcome: "freeze_escalate",
      reason: "attempts_exhausted",
      fixes: "2",
    },
    {
      issue: "6-version.md",
      state: "open",
      labels: "[ready-for-agent]",
      outcome: "-",
      reason: "-",
      fixes: "-",
    },
  ]);
  expect(stdout).toMatch(
    /local\/shop#6 hold \(base_red\): .* A frozen run waits for a person: local\/shop#5\./,
  );
  expect(landed.map(({ subject }) => subject)).toEqual([
    "Start the shop",
    "Add sum",
    "Add slug",
    "Mend slug",
    "Add titleSlug",
    "Add parseDuration",
    "Mend parseDuration",
    "Mend parseDuration",
  ]);
  for (const { issue = "", commit = "-" } of rows.filter((row) => row["commit"] !== "-")) {
    const found = landed.find(({ sha }) => sha.startsWith(commit));
    expect(found?.body, issue).toContain(`Refs #${Number.parseInt(issue, 10)}`);
    expect(found?.body, issue).toMatch(/^AFK-Run: [0-9a-f-]{36}$/m);
  }
  expect(stdout).toContain(`Look around: ${join(directory, place)}`);
}, 120_000);

function tableIn(stdout: string): readonly Readonly<Record<string, string>>[] {
  const lines = stdout.split("\n");
  const start = lines.findIndex((line) => line.startsWith("issue "));
  const names = (lines[start] ?? "").split(/ {2,}/);
  const end = lines.indexOf("", start);
  return lines.slice(start + 1, end).map((line) => {
    const cells = line.split(/ {2,}/);
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""]));
  });
}

interface Landed {
  readonly sha: string;
  readonly subject: string;
  readonly body: string;
}

/** The commits of the default branch, oldest first. */
function commitsOf(repository: string): readonly Landed[] {
  const log = execFileSync("git", ["log", "--reverse", "-z", "--format=%H%n%s%n%b", "main"], {
    cwd: repository,
    encoding: "utf8",
  });
  return log
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [sha = "", subject = "", ...body] = entry.split("\n");
      return { sha, subject, body: body.join("\n") };
    });
}
