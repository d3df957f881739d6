// The changes of a regular expression: anchors, quantifiers, classes and look-arounds.
import type { Edit, SyntaxNode } from "./mutators.ts";

/** One token of a pattern: an escape, a whole class, the start of a group, a quantifier, or one character. */
const TOKEN =
  /\\(?:u\{[^}]*\}|[pP]\{[^}]*\}|k<[^>]*>|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?(?:<?[=!]|:|<[^>]*>)|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[\s\S]/g;

/** Every change of a regular expression literal; none of anything else. */
export function regexEdits(node: SyntaxNode): readonly Edit[] {
  const regex = node["regex"] as { readonly pattern: string } | undefined;
  if (regex === undefined) return [];
  return [...regex.pattern.matchAll(TOKEN)].flatMap(([token], index, all) => {
    const at = all[index]?.index ?? 0;
    const start = node.start + 1 + at;
    return changesOf(token, at > 0).map((text): Edit => ({
      kind: "regex",
      start,
      end: start + token.length,
      text,
      place: "expression",
    }));
  });
}

function changesOf(token: string, canRepeat: boolean): readonly string[] {
  if (token === "^" || token === "$") return [""];
  if (/^\\[dDsSwWbB]$/.test(token)) return [otherCase(token)];
  if (/^\\[pP]\{/.test(token)) return [otherCase(token.slice(0, 2)) + token.slice(2)];
  if (token.startsWith("[^")) return [`[${token.slice(2)}`];
  if (token.startsWith("[")) return [`[^${token.slice(1)}`];
  if (/^\(\?<?[=!]$/.test(token))
    return [token.endsWith("=") ? `${token.slice(0, -1)}!` : `${token.slice(0, -1)}=`];
  if (canRepeat && /^(?:[*+?]|\{\d)/.test(token)) return [""];
  return [];
}

function otherCase(token: string): string {
  const letter = token.slice(1);
  return `\\${letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()}`;
}
