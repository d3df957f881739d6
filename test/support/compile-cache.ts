// Where the programs that tests start keep compiled code: most of the time of a short process goes into reading its own program.
import { fileURLToPath } from "node:url";

/** For `NODE_COMPILE_CACHE`; Node names each entry after what it was made of, so an old one is never used. */
export const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/afk-tests", import.meta.url));
