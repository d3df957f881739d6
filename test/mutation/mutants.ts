// Lists the mutants of one source file, by the rules of Stryker's standard set.
import { parseAst } from "vitest/node";
import { type Edit, editsOf, type SyntaxNode } from "./mutators.ts";

/** One small change of a file. It takes the place of a whole host, so that original and change can stand side by side. */
export interface Mutant {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  /** What a person is shown: the changed text before and after. */
  readonly before: string;
  readonly after: string;
  readonly place: "expression" | "statements";
  readonly start: number;
  readonly end: number;
  /** What stands in place of the host's text. */
  readonly mutated: string;
}

interface Host {
  readonly start: number;
  readonly end: number;
}

/** Every mutant of a file, in the order of its text; `code` is JavaScript, `first` the number of the first mutant. */
export function mutantsOf(file: string, code: string, first: number): readonly Mutant[] {
  const found = new Map<string, Omit<Mutant, "id">>();
  const add = (edit: Edit, outer: Host): void => {
    const host = edit.place === "statements" ? edit : outer;
    const mutated = code.slice(host.start, edit.start) + edit.text + code.slice(edit.end, host.end);
    const key = `${host.start}:${host.end}:${mutated}`;
    if (found.has(key)) return;
    const line = code.slice(0, edit.start).split("\n").length;
    const { kind, place } = edit;
    // A bracket of a regular expression says nothing without what stands before it.
    const context = code.slice(
      kind === "regex" ? Math.max(host.start, edit.start - 20) : edit.start,
      edit.start,
    );
    const before = context + code.slice(edit.start, edit.end);
    const after = context + edit.text;
    found.set(key, {
      file,
      line,
      kind,
      before,
      after,
      place,
      start: host.start,
      end: host.end,
      mutated,
    });
  };
  visit(parseAst(code) as unknown as SyntaxNode, null, null, (node, parent, host) => {
    for (const edit of editsOf(node, parent, code)) add(edit, host);
  });
  return [...found.values()]
    .toSorted((one, other) => one.start - other.start || other.end - one.end)
    .map((mutant, index) => ({ id: first + index, ...mutant }));
}

type Visit = (node: SyntaxNode, parent: SyntaxNode | null, host: Host) => void;

/** Names, types and module addresses hold no behaviour. A part of `a?.b.c` cannot be replaced without the rest of the chain. */
function visit(node: SyntaxNode, parent: SyntaxNode | null, chain: Host | null, each: Visit): void {
  if (node.type === "ImportDeclaration" || node.type === "ExportAllDeclaration") return;
  each(node, parent, chain ?? node);
  for (const [name, value] of Object.entries(node)) {
    if (name === "key" && node["computed"] !== true) continue;
    if (name === "source" || name === "specifiers" || name === "label") continue;
    const inChain = name === "object" || name === "callee" || name === "expression";
    const outer = node.type === "ChainExpression" ? node : inChain ? chain : null;
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) visit(child, node, outer, each);
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
