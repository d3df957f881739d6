// Builds the program as it is published, in a directory of its own, so that a test never runs an old build.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Builds once for a test file and gives back the path of `afk.js`; removed after the last test. */
export function buildLauncher(): string {
  const directory = mkdtempSync(join(tmpdir(), "afk-built-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const builder = join(REPOSITORY, "bin", "build.js");
  execFileSync(process.execPath, [builder, join(directory, "dist")]);
  for (const name of ["bin", "package.json"])
    cpSync(join(REPOSITORY, name), join(directory, name), { recursive: true });
  return join(directory, "bin", "afk.js");
}
