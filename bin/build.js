// Builds `dist/`: the command, its supervisor and one chunk per adapter, with their packages and licence texts inside.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What is loaded first where there may be something to do. */
const ROOT = "src/cli.ts";
/** What nearly everything needs, and what is mostly configured together: no file of their own for what they share. */
const COMMON = ["src/core/text.ts", "src/core/observation.ts", "src/concurrently.ts", "builtin:node:util"];
const COMPANIONS = [["src/trackers/github/adapter.ts", "src/ci/github.ts"]];
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
    // A package in CommonJS asks by a call, and may leave the prefix out.
    onResolve({ filter: /^[a-z]/ }, ({ path, kind }) =>
      kind === "require-call" && builtinModules.includes(path)
        ? { path: `node:${path}`, namespace: "builtin" }
        : undefined,
    );
    // As an entry of its own it would export one object, and no names.
    onResolve({ filter: /^dotenv$/ }, ({ path, kind }) =>
      kind === "entry-point" ? { path, namespace: "named" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "named" }, ({ path }) => ({
      contents: `export { parse } from ${JSON.stringify(path)};`,
      resolveDir: root,
    }));
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path)).filter((name) => /^[a-z]\w*$/i.test(name));
      // Costs 3 ms, and a tick that finds nothing has nothing to sign: loaded at the first call.
      if (path === "node:crypto")
        return {
          contents: [
            `const all = () => process.getBuiltinModule(${JSON.stringify(path)});`,
            ...names.map((name) => `export const ${name} = (...given) => all().${name}(...given);`),
          ].join("\n"),
        };
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
    const others = { "./cli.ts": "./cli.js", dotenv: "./dotenv.js" };
    onResolve({ filter: /^(?:\.\/cli\.ts|dotenv)$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path: others[path], external: true } : undefined,
    );
  },
};
const START = "src/main.ts";
const alone = await build({ ...options, entryPoints: [START], write: false, plugins: [whole, builtins] });
const shared = await exportsOf(Object.keys(alone.metafile.inputs).filter((path) => path !== START));
const start = await build({
  ...options,
  stdin: {
    contents: [
      `export * from "./${START}";`,
      ...shared.map(({ as, name, path }) => `export { ${name} as ${as} } from "./${path}";`),
    ].join("\n"),
    resolveDir: root,
    sourcefile: "start.js",
  },
  outfile: join(out, "main.js"),
  outdir: undefined,
  entryNames: undefined,
  plugins: [whole, builtins],
});
/** What the start holds is taken from there by all other files. */
const fromStart = {
  name: "from-start",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^start$/ }, () => ({ path: "./main.js", external: true }));
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const own = shared.filter((one) => join(root, one.path) === path);
      if (own.length === 0) return undefined;
      return {
        contents: `export { ${own.map(({ as, name }) => `${as} as ${name}`).join(", ")} } from "start";`,
      };
    });
  },
};
// The supervisor is a process of its own, and must lie beside every chunk: src/machine/job-directory.ts looks there.
const apart = await build({
  ...options,
  entryPoints: { supervisor: "src/machine/supervisor.ts", dotenv: "dotenv" },
  plugins: [builtins],
});
const split = { ...options, entryPoints: [ROOT], splitting: true };
const draft = await build({ ...split, write: false, plugins: [fromStart, builtins] });
const rest = await build({ ...split, plugins: [fromStart, together(draft.metafile), builtins] });

const metafile = {
  inputs: { ...start.metafile.inputs, ...apart.metafile.inputs, ...rest.metafile.inputs },
  outputs: { ...start.metafile.outputs, ...apart.metafile.outputs, ...rest.metafile.outputs },
};
const written = Object.keys(metafile.outputs).map((path) => basename(path));
await writeFile(join(out, "LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
await writeFile(join(out, "meta.json"), JSON.stringify(metafile));
await removeOthers(new Set([...written, "LICENSES.txt", "meta.json"]));

/**
 * Gives each lazily loaded file the modules that are surely loaded by then: those of all the files that may ask for it.
 * Left alone, every set of files that shares something gets a file for it, and a tick reads thirty.
 */
function together({ inputs }) {
  const wanted = (path, kind) =>
    inputs[path].imports
      .filter((found) => found.kind === kind && found.external !== true)
      .map((found) => found.path);
  const withImports = (entry) => {
    const reached = new Set([entry]);
    for (const path of reached) for (const next of wanted(path, "import-statement")) reached.add(next);
    return reached;
  };
  const lazy = new Set(Object.keys(inputs).flatMap((path) => wanted(path, "dynamic-import")));
  const reachedFrom = new Map([ROOT, ...lazy].map((entry) => [entry, withImports(entry)]));
  const askers = (entry) => {
    const all = [...reachedFrom.keys()].filter((asker) =>
      [...reachedFrom.get(asker)].some((path) => wanted(path, "dynamic-import").includes(entry)),
    );
    // The root only hands the registries of adapters on to those that ask.
    return all.length === 1 ? all : all.filter((asker) => asker !== ROOT);
  };
  const before = new Map([[ROOT, new Set()]]);
  const loadedBefore = (entry) => {
    if (!before.has(entry)) {
      const sets = askers(entry).map((asker) => loadedBefore(asker).union(reachedFrom.get(asker)));
      before.set(
        entry,
        sets.reduce((all, set) => all.intersection(set)),
      );
    }
    return before.get(entry);
  };
  const textFor = (entry) => {
    const partners = (COMPANIONS.find((group) => group.includes(entry)) ?? []).filter(
      (path) => path !== entry,
    );
    return (
      [...loadedBefore(entry), ...partners.flatMap((path) => [...reachedFrom.get(path)]), ...COMMON]
        // Packages without side effects refuse to be imported for nothing, and have a chunk of their own anyway.
        .filter((path) => !path.startsWith("node_modules/"))
        .map((path) => (path.startsWith("builtin:") ? path.slice("builtin:".length) : join(root, path)))
        .map((path) => `\nimport ${JSON.stringify(path)};`)
        .join("")
    );
  };
  return {
    name: "together",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const name = relative(root, path);
        if (!lazy.has(name)) return undefined;
        return { contents: `${await readFile(path, "utf8")}${textFor(name)}`, loader: "ts" };
      });
    },
  };
}

/** What each module exports, with a name for it that no other has. */
async function exportsOf(paths) {
  const own = paths.filter((path) => path.startsWith("src/"));
  const built = await build({
    absWorkingDir: root,
    entryPoints: own,
    outdir: out,
    outbase: root,
    format: "esm",
    metafile: true,
    write: false,
  });
  const found = Object.values(built.metafile.outputs).flatMap(({ entryPoint, exports }) =>
    exports.map((name) => ({ path: entryPoint, name })),
  );
  return found.map((one, index) => ({ ...one, as: `s${index.toString(36)}` }));
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
