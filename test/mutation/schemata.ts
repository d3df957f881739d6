// Writes all mutants of a file into its text at once, each behind a switch, so that one load serves them all.
import type { Mutant } from "./mutants.ts";

/** The switch, as the changed text calls it: whether this mutant is the one that is on. */
export const SWITCH = "mutationIsOn";

/** The text with every mutant in it; lines stay where they are. */
export function withMutants(code: string, mutants: readonly Mutant[]): string {
  const hosts = new Map<string, Mutant[]>();
  for (const mutant of mutants) {
    const place = `${mutant.start}:${mutant.end}`;
    hosts.set(place, [...(hosts.get(place) ?? []), mutant]);
  }
  const outerFirst = [...hosts.values()].toSorted(
    ([one], [other]) => (one?.start ?? 0) - (other?.start ?? 0) || (other?.end ?? 0) - (one?.end ?? 0),
  );
  return `const ${SWITCH} = globalThis.${SWITCH};${write(code, 0, code.length, outerFirst)}`;
}

/** Writes the part of the text from `start` to `end`, in which these hosts stand. */
function write(code: string, start: number, end: number, hosts: readonly (readonly Mutant[])[]): string {
  let text = "";
  let at = start;
  for (let index = 0; index < hosts.length;) {
    const host = hosts[index] ?? [];
    const [mutant] = host;
    if (mutant === undefined) break;
    let next = index + 1;
    while ((hosts[next]?.[0]?.start ?? Number.POSITIVE_INFINITY) < mutant.end) next += 1;
    const inside = write(code, mutant.start, mutant.end, hosts.slice(index + 1, next));
    text += code.slice(at, mutant.start) + choose(host, inside);
    at = mutant.end;
    index = next;
  }
  return text + code.slice(at, end);
}

function choose(host: readonly Mutant[], original: string): string {
  if (host[0]?.place === "statements") return `if (!${SWITCH}(${host[0].id})) {${original}}`;
  const changes = host.map(({ id, mutated }) => `${SWITCH}(${id}) ? (${mutated}) : `);
  return `(${changes.join("")}(${original}))`;
}
