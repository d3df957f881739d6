// Which writes of a tick are worth cutting in every run of the tests: one of each kind, and what follows each change that others see.
import { MADE } from "./faulty-afk.ts";

/** `npm run test:whole` takes every write, race and combination; `npm test` those that tell most. */
export const IS_WHOLE = process.env["WHOLE_TESTS"] === "1";

type Made = readonly [name: string, place: string];

/**
 * The numbers, from 1, of the writes before which a tick is cut: each that is the first of its kind, and each that
 * follows the first of a kind of link, rename or start of a process, for only these show to anybody what was written before.
 */
export function tellingWrites(stderr: string): readonly number[] {
  const made: readonly Made[] = JSON.parse(MADE.exec(stderr)?.[1] ?? "[]");
  const kinds = new Set<string>();
  let followsNewChange = false;
  return made.flatMap((write, index) => {
    const kind = kindOf(write);
    const isFirst = !kinds.has(kind);
    const isTelling = IS_WHOLE || isFirst || followsNewChange;
    kinds.add(kind);
    followsNewChange = isFirst && isShown(write);
    return isTelling ? [index + 1] : [];
  });
}

function isShown([name, place]: Made): boolean {
  return name === "spawn" || (/^(?:link|rename)/.test(name) && !HIDDEN.test(place));
}

/** Nobody looks at these. */
const HIDDEN = /\.tmp|\/\.new-/;

/** What is done and to what, without what differs from run to run and from issue to issue. */
function kindOf([name, place]: Made): string {
  if (HIDDEN.test(place)) return `${name} what is hidden`;
  const what = place
    .replace(/[0-9a-f]{40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")
    .replace(/\d+/g, "n");
  return `${name} ${what}`;
}
