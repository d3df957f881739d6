// Runs the built command and tells which of its files were loaded: by Node's own account, not by what the build meant.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const LOADED = /^loaded: (.*)\n/m;
const HOOK = `
  import { registerHooks } from "node:module";
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  process.on("exit", () => process.stderr.write("loaded: " + JSON.stringify(loaded) + "\\n"));
`;

export interface Loading {
  readonly stdout: string;
  /** Paths. */
  readonly files: readonly string[];
}

/** Runs a launcher with these variables and no others. */
export async function filesLoadedBy(
  launcher: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Loading> {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
  const env = { PATH: process.env["PATH"] ?? "", ...environment };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ["--import", hook, launcher, ...argv],
      { env, cwd: "/" },
      (error, stdout, stderr) => {
        const urls = LOADED.exec(stderr)?.[1];
        if (urls === undefined) reject(error ?? new Error(`The command told nothing: ${stderr}`));
        else {
          const files = (JSON.parse(urls) as string[]).filter((url) => url.startsWith("file:"));
          resolve({ stdout, files: files.map((url) => fileURLToPath(url)) });
        }
      },
    );
  });
}
