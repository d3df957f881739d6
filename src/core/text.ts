// Makes text of unknown origin safe to show: no control characters, no mentions, no references, no way out of a fence.

/** C0 (but tab and line feed), DEL, C1, bidirectional controls, zero-width characters, line and paragraph separators, tags. */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** Removes characters that could hide or reorder text. */
export function visible(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSAFE, "").toWellFormed();
}

/** One line for a title or a sentence: white space folded, at most `limit` characters. */
export function oneLine(text: string, limit = 200): string {
  const line = visible(text).replace(/\s+/g, " ").trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1).toWellFormed()}…`;
}

/** Breaks `@name`, `#7` and `GH-7`, so that a tracker neither notifies nor links; for text inside a fence. */
export function neutralised(text: string): string {
  return visible(text)
    .replace(/@(?=\w)/g, "@\u2060")
    .replace(/#(?=\d)/g, "#\u2060")
    .replace(/\bGH-(?=\d)/gi, "GH\u2060-");
}

/** One line of foreign text between our own words: neutralised, and no HTML, links or code spans either. */
export function inline(text: string, limit = 200): string {
  return neutralised(oneLine(text, limit))
    .replaceAll("<", "&lt;")
    .replaceAll("](", "] (")
    .replaceAll("`", "'");
}

/** An address that is safe to show as it is; null when it is not http(s) or could end the text around it. */
export function safeUrl(url: string | null): string | null {
  const isSafe = url !== null && /^https?:\/\/[^\s<>()"'`\\[\]@]{1,2000}$/.test(url) && visible(url) === url;
  return isSafe ? url : null;
}

/** The end of a text, at most `limit` characters, cut at a line break where one is near. */
export function tail(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.slice(1 - limit).toWellFormed();
  const lineBreak = end.indexOf("\n");
  return `…${lineBreak >= 0 && lineBreak < limit / 4 ? end.slice(lineBreak) : end}`;
}

/** Puts text between fences that it cannot close: one more backtick than its longest run (at least three). */
export function fenced(text: string, language = ""): string {
  let longest = 2;
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}`;
}
