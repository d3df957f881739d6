// Builds the program as it is published, in a directory of its own, so that a test never runs an old build.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Builds once for a test file and gives back the path of `afk.js`; removed after the last test. */
export function buildLauncher(): string {
  const directory = mkdtempSync(join(tmpdir(), "afk-built-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const compiler = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
  const project = join(REPOSITORY, "tsconfig.json");
  // Types are the linter's business; without them it takes a third of the time.
  execFileSync(process.execPath, [compiler, "-p", project, "--noCheck", "--outDir", join(directory, "dist")]);
  for (const name of ["bin", "package.json"])
    cpSync(join(REPOSITORY, name), join(directory, name), { recursive: true });
  symlinkSync(join(REPOSITORY, "node_modules"), join(directory, "node_modules"));
  return join(directory, "bin", "afk.js");
}
