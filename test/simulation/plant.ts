// Preloaded with `node --import`: gives the product's modules with one planted bug (the variable AFK_PLANTED names it).
import { registerHooks } from "node:module";
import { MUTANTS } from "./mutants.ts";

const mutant = MUTANTS.find(({ name }) => name === process.env["AFK_PLANTED"]);
if (mutant === undefined) throw new Error("AFK_PLANTED names no planted bug.");

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const patches = mutant.patches.filter(({ file }) => url.endsWith(`/src/${file}`));
    if (patches.length === 0) return loaded;
    if (!(loaded.source instanceof Uint8Array) && typeof loaded.source !== "string") return loaded;
    let source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    for (const { file, find, put } of patches) {
      if (source.split(find).length !== 2)
        throw new Error(`${mutant.name}: the place in ${file} is not there once.`);
      source = source.replace(find, () => put);
    }
    return { ...loaded, source };
  },
});
