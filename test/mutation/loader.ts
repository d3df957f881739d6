// Loads the core's tests into this process, with every mutant in the core behind its switch.
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { readCore, testFiles } from "./plan.ts";
import { withMutants } from "./schemata.ts";
import { type LoadedTest, loadTests } from "./test-registry.ts";

const ROOT = new URL("../../", import.meta.url).href;
const REGISTRY = new URL("./test-registry.ts", import.meta.url).href;
const sources = new Map(
  readCore().map(({ path, code, mutants }) => [ROOT + path, withMutants(code, mutants)]),
);

/** A load keeps its number in the address of each of its modules, so that the next one evaluates them anew. */
registerHooks({
  resolve(name, context, next) {
    const parent = new URL(context.parentURL ?? ROOT);
    if (name === "vitest" && !parent.href.startsWith(REGISTRY)) return { url: REGISTRY, shortCircuit: true };
    const found = next(name, context);
    const isOurs = found.url.startsWith(`${ROOT}src/`) || found.url.startsWith(`${ROOT}test/`);
    if (!isOurs || parent.search === "" || found.url === REGISTRY) return found;
    return { ...found, url: found.url.replace(/\?.*$|$/, parent.search) };
  },
  load(url, context, next) {
    const source = sources.get(url.replace(/\?.*$/, ""));
    return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
  },
});

/** Loads everything anew. */
export async function load(number: number): Promise<readonly LoadedTest[]> {
  return await loadTests(testFiles(), (file) => import(`${pathToFileURL(file).href}?load=${number}`));
}
