// The mutants of a piece of code: which there are, and that each is there only while it is on.
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { mutantsOf } from "./mutants.ts";
import { SWITCH, withMutants } from "./schemata.ts";

type Answer = (...args: readonly unknown[]) => unknown;

/** `before -> after` for each mutant of the code. */
function changes(code: string): readonly string[] {
  return mutantsOf("x.ts", code, 0).map(({ before, after }) => `${before} -> ${after}`);
}

test.each<[string, readonly string[]]>([
  ["f(a + 1);", ["a + 1 -> (a) - (1)"]],
  ['f(a + "s");', ['"s" -> ""']],
  ["f(a < b);", ["a < b -> (a) <= (b)", "a < b -> (a) >= (b)", "a < b -> true", "a < b -> false"]],
  ["f(a ?? b);", ["a ?? b -> (a) && (b)"]],
  ["if (a) f();", ["a -> true", "a -> false"]],
  ["while (a) f();", ["a -> false"]],
  ["f(!a);", ["!a -> a"]],
  ["f([], [1], {}, { a });", ['[] -> ["mutated"]', "[1] -> []", "{ a } -> {}"]],
  ["f(() => a);", ["a -> undefined"]],
  ["a.some(f);", ["some -> every"]],
  ["a.trim();", ["a.trim() -> a"]],
  ["a?.b.c;", ["?. -> ."]],
  ["for (;;) { f(); }", [" f();  -> "]],
  ["i += 1; i++;", ["i += 1 -> i -= 1", "i++ -> i--"]],
  [String.raw`f(/^a\d+/);`, ["/^ -> /", String.raw`/^a\d -> /^a\D`, String.raw`/^a\d+ -> /^a\d`]],
  ['import { a } from "b";', []],
])("of %s", (code, expected) => {
  expect(changes(code)).toEqual(expected);
});

test("each acts while it is on, and none while all are off", () => {
  const code =
    'const f = (list, limit) => { const [x] = list; return x?.length > limit ? "long" : `no ${limit}`; };';
  const mutants = mutantsOf("x.ts", code, 0);
  const answers = [-1, ...mutants.map(({ id }) => id)].map((on) => {
    Object.assign(globalThis, { [SWITCH]: (id: number) => id === on });
    // The same text for all: only the switch differs.
    const f = runInThisContext(`(() => { ${withMutants(code, mutants)} return f; })()`) as Answer;
    const answer = (...args: unknown[]): unknown => {
      try {
        return f(...args);
      } catch {
        return "throws";
      }
    };
    return JSON.stringify([answer(["ab"], 1), answer(["ab"], 2), answer(["ab"], 3), answer([], 1)]);
  });

  expect(answers[0]).toBe('["long","no 2","no 3","no 1"]');
  expect(mutants.length).toBeGreaterThan(5);
  expect(answers.slice(1)).not.toContain(answers[0]);
});
