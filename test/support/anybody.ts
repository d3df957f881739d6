// Runs the command as a user whom permissions bind: they do not bind root, as whom tests may run in a container.
import { lchownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Ran } from "./small-process.ts";
import type { WholeWorld } from "./whole-world.ts";

/** The user and the group "nobody". */
const NOBODY = 65_534;

/** Gives the world away if need be, and gives back a function that runs one command line in it. */
export function asAnybody(world: WholeWorld): (...argv: readonly string[]) => Promise<Ran> {
  const line = world.faultyArguments({ at: null, fault: "kill" });
  if (process.getuid?.() !== 0) return (...argv) => world.spawned(process.execPath, [...line, ...argv]);
  for (const name of ["", ...readdirSync(world.root, { recursive: true, encoding: "utf8" })])
    lchownSync(join(world.root, name), NOBODY, NOBODY);
  const settings = { HOME: world.root };
  return (...argv) => world.spawned(process.execPath, [...line, ...argv], { user: NOBODY, settings });
}
