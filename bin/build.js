// Builds `dist/`: the command, its supervisor and one chunk per adapter, with their packages and licence texts inside.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What every tick loads that may have something to do. */
const COMMAND = ["src/cli.ts", "src/command.ts"];
/** Another directory may be named; it must lie beside a `package.json`, as `dist` does. */
const out = process.argv[2] ?? join(root, "dist");

/**
 * Takes Node's own modules by a call, and only the exports that are used: an import statement would read all of them,
 * and some load half of Node (1 to 25 ms each at the start of a command).
 */
const builtins = {
  name: "builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: "builtin" }));
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path)).filter((name) => /^[a-z]\w*$/i.test(name));
      const taken = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})();`);
      const all = `const all = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(path)});`;
      return { contents: [all, "export default all;", ...taken].join("\n") };
    });
  },
};

const options = {
  absWorkingDir: root,
  outdir: out,
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22.20",
  minify: true,
  legalComments: "none",
  metafile: true,
  // Only types are imported by an import that names only types, whatever the type checker keeps.
  tsconfigRaw: {},
  logLevel: "warning",
  // What `yaml` offers to Node is CommonJS, which asks for modules by a call that a bundle of ES modules has not.
  alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
};

/** The start is one file with all it needs to answer a disabled tick: each further file would cost as much as its code. */
const whole = {
  name: "whole",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/cli\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./cli.js", external: true } : undefined,
    );
  },
};

const start = await build({ ...options, entryPoints: ["src/main.ts"], plugins: [whole, builtins] });
const split = {
  ...options,
  // The supervisor is a process of its own and must lie beside every chunk: src/machine/job-directory.ts looks there.
  entryPoints: { cli: "src/cli.ts", supervisor: "src/machine/supervisor.ts" },
  splitting: true,
};
const draft = await build({ ...split, write: false, plugins: [builtins] });
const rest = await build({ ...split, plugins: [together(draft.metafile), builtins] });

const metafile = {
  inputs: { ...start.metafile.inputs, ...rest.metafile.inputs },
  outputs: { ...start.metafile.outputs, ...rest.metafile.outputs },
};
const written = Object.keys(metafile.outputs).map((path) => basename(path));
await writeFile(join(out, "LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
await writeFile(join(out, "meta.json"), JSON.stringify(metafile));
await removeOthers(new Set([...written, "LICENSES.txt", "meta.json"]));

/**
 * Gives each lazily loaded file all the modules that the command has loaded by then, so that these share one chunk: left
 * alone, every set of adapters that shares something gets a file for it, and a tick reads thirty.
 */
function together({ outputs }) {
  const find = (path) => outputs[Object.keys(outputs).find((name) => join(root, name) === path) ?? ""];
  const entries = Object.keys(outputs).filter((name) => COMMAND.includes(outputs[name].entryPoint));
  const ofCommand = new Set(entries.map((name) => join(root, name)));
  for (const path of ofCommand)
    for (const { path: next, kind, external } of find(path).imports)
      if (kind === "import-statement" && external !== true) ofCommand.add(join(root, next));
  for (const name of entries) ofCommand.delete(join(root, name));
  const modules = [...ofCommand].flatMap((path) => Object.keys(find(path).inputs));
  // Packages without side effects refuse to be imported for nothing, and have a chunk of their own anyway.
  const imports = modules
    .filter((path) => !path.startsWith("node_modules/"))
    .map((path) => (path.startsWith("builtin:") ? path.slice("builtin:".length) : join(root, path)));
  const text = imports.map((path) => `\nimport ${JSON.stringify(path)};`).join("");
  const lazy = new Set(
    Object.values(outputs)
      .map(({ entryPoint }) => entryPoint ?? "")
      .filter((path) => /^src\/(?:trackers|executors|ci|notifiers)\//.test(path))
      .map((path) => join(root, path)),
  );
  return {
    name: "together",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) =>
        lazy.has(path) ? { contents: `${await readFile(path, "utf8")}${text}`, loader: "ts" } : undefined,
      );
    },
  };
}

/** The licence text of every package that something was taken from. */
async function licences(inputs) {
  const names = inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const texts = [];
  for (const name of [...new Set(names)]
    .filter((found) => found !== undefined)
    .toSorted((a, b) => (a < b ? -1 : 1))) {
    const directory = join(root, "node_modules", name);
    const { version } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
    const file = (await readdir(directory)).find((entry) => /^licen[cs]e(?:\.|$)/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file: it cannot be bundled.`);
    texts.push(`${name} ${version}\n\n${(await readFile(join(directory, file), "utf8")).trim()}\n`);
  }
  return `Parts of these packages are in the files beside this one.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** What an earlier build left, removed last so that a command under way keeps its chunks as long as possible. */
async function removeOthers(kept) {
  for (const name of await readdir(out))
    if (!kept.has(name)) await rm(join(out, name), { recursive: true, force: true });
}
