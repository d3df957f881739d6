// Makes any text safe to print: nothing in it can move the cursor, reorder the line or start a new one.

// C0, DEL, C1, the bidirectional controls, the line and paragraph separators, and halves of surrogate pairs.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One line of text in which unsafe characters show as `\n` or `\u001b`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? unicodeEscape(character));
}

/** One line of JSON for a value; unsafe characters are escaped as JSON allows, so parsing gives the same value. */
export function escapeJson(value: unknown): string {
  // Raw unsafe characters can only stand inside JSON's strings, where an escape means the same.
  return JSON.stringify(value).replace(UNSAFE, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
