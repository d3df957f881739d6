// Runs one program to its end and keeps what it printed.
import { type Program, type Ran, runSmall } from "./small-process.ts";

export type { Ran } from "./small-process.ts";

/** Runs the program without input; its end is when its output has ended too. */
export async function spawned(
  program: string,
  args: readonly string[],
  surroundings: Pick<Program, "cwd" | "env" | "user">,
): Promise<Ran> {
  return runSmall({ kind: "program", program, args, ...surroundings });
}
