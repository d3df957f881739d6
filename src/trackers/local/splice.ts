// Finds the smallest splice in YAML text that adds or removes one list item or sets one value; the caller checks the result.
import { isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import type { FrontMatter } from "./front-matter.ts";

/** Puts `text` in the place of the characters from `start` to `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Adds a label; null when the list is written in a way that is too unusual to touch. */
export function spliceAdd(front: FrontMatter, label: string, lineBreak: string): Splice | null {
  const item = yamlText(label);
  const pair = pairOf(front, "labels");
  if (pair === null) return newEntry(front, `labels: [${item}]`, lineBreak);
  if (isEmptyValue(pair)) return fillEmpty(pair, front.yaml, `[${item}]`);
  if (!isSeq(pair.value)) return null;
  return pair.value.flow === true
    ? appendToFlow(pair.value, item)
    : appendToBlock(pair.value, item, front.yaml, lineBreak);
}

/** Removes the label at an index of the list; null when the list is written in a way that is too unusual to touch. */
export function spliceRemove(front: FrontMatter, index: number): Splice | null {
  const labels = pairOf(front, "labels")?.value;
  const range = isSeq(labels) ? itemRange(labels, index) : null;
  if (range === null || !isSeq(labels)) return null;
  return labels.flow === true
    ? removeFromFlow(labels, index, range, front.yaml)
    : removeFromBlock(range, front.yaml);
}

/** Sets the state, in the quotes that it has. */
export function spliceState(front: FrontMatter, state: string, lineBreak: string): Splice | null {
  const pair = pairOf(front, "state");
  if (pair === null) return newEntry(front, `state: ${state}`, lineBreak);
  if (isEmptyValue(pair)) return fillEmpty(pair, front.yaml, state);
  if (!isScalar(pair.value) || !pair.value.range) return null;
  const [start, end] = pair.value.range;
  const quote = /^["']/.exec(front.yaml.slice(start, end))?.[0] ?? "";
  return { start, end, text: quote + state + quote };
}

/** Writes a text as YAML: plainly where nothing can be read into it, else in double quotes as JSON does. */
export function yamlText(text: string): string {
  const isPlain = /^[a-z][a-z0-9_]*(?:[./-][a-z0-9_]+)*$/i.test(text);
  const isWord = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain && !isWord ? text : JSON.stringify(text);
}

function pairOf(front: FrontMatter, name: string): Pair | null {
  const contents = front.document.contents;
  if (!isMap(contents)) return null;
  return contents.items.find((item) => isScalar(item.key) && item.key.value === name) ?? null;
}

function isEmptyValue(pair: Pair): boolean {
  return isScalar(pair.value) && pair.value.value === null;
}

function fillEmpty(pair: Pair, yaml: string, value: string): Splice | null {
  if (!isScalar(pair.value) || !pair.value.range || !isNode(pair.key) || !pair.key.range) return null;
  const [start, end] = pair.value.range;
  // `~` and `null` are written out; else there is only the colon, and perhaps a comment behind it.
  if (end > start) return { start, end, text: value };
  const colon = /[ \t]*:/y;
  colon.lastIndex = pair.key.range[1];
  if (colon.exec(yaml) === null) return null;
  return { start: colon.lastIndex, end: colon.lastIndex, text: ` ${value}` };
}

function newEntry(front: FrontMatter, entry: string, lineBreak: string): Splice | null {
  const contents: unknown = front.document.contents;
  const end = front.yaml.length;
  if (!isMap(contents)) return { start: end, end, text: entry + lineBreak };
  if (contents.flow === true) return newFlowEntry(contents, entry);
  const first = contents.items[0]?.key;
  const start = isNode(first) ? (first.range?.[0] ?? 0) : 0;
  const indent = front.yaml.slice(lineStart(front.yaml, start), start);
  return indent.trim() === "" ? { start: end, end, text: indent + entry + lineBreak } : null;
}

function newFlowEntry(map: YAMLMap, entry: string): Splice | null {
  const last = map.items.at(-1);
  if (last === undefined) return map.range ? insertion(map.range[0] + 1, entry) : null;
  return isNode(last.value) && last.value.range ? insertion(last.value.range[1], `, ${entry}`) : null;
}

function insertion(position: number, text: string): Splice {
  return { start: position, end: position, text };
}

function appendToFlow(list: YAMLSeq, item: string): Splice | null {
  if (!list.range) return null;
  if (list.items.length === 0) return insertion(list.range[0] + 1, item);
  const last = itemRange(list, list.items.length - 1);
  return last === null ? null : insertion(last.end, `, ${item}`);
}

function appendToBlock(list: YAMLSeq, item: string, yaml: string, lineBreak: string): Splice | null {
  const last = itemRange(list, list.items.length - 1);
  if (last === null) return null;
  const dash = dashBefore(yaml, last.start);
  if (dash === null) return null;
  return insertion(
    lineEnd(yaml, last.end),
    yaml.slice(dash.lineStart, dash.position) + `- ${item}${lineBreak}`,
  );
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function itemRange(list: YAMLSeq, index: number): Range | null {
  const item = list.items[index];
  return isScalar(item) && item.range ? { start: item.range[0], end: item.range[1] } : null;
}

/** Takes out the item with one comma and the blanks behind it; a line that held nothing else goes too. */
function removeFromFlow(list: YAMLSeq, index: number, item: Range, yaml: string): Splice | null {
  const comma = commaAfter(yaml, item.end);
  if (comma !== null) {
    // A comment between the item and its comma is too unusual to touch.
    if (yaml.slice(item.end, comma).trim() !== "") return null;
    const end = skipBlanks(yaml, comma + 1);
    return wholeLine({ start: item.start, end }, yaml) ?? { start: item.start, end, text: "" };
  }
  const previous = index === 0 ? null : itemRange(list, index - 1);
  if (previous === null) return { ...item, text: "" };
  const before = commaAfter(yaml, previous.end);
  if (before === null) return null;
  // What stands between the comma and the item may be a comment about the item before it: it stays.
  const between = yaml.slice(before + 1, item.start);
  return { start: before, end: item.end, text: between.trim() === "" ? "" : between };
}

/** The next comma behind a position, past white space and comments. */
function commaAfter(yaml: string, position: number): number | null {
  const gap = /(?:\s+(?:#[^\n]*)?)*,/y;
  gap.lastIndex = position;
  return gap.exec(yaml) === null ? null : gap.lastIndex - 1;
}

/** Takes out the line of an item; a comment at its end stays as a comment line. */
function removeFromBlock(item: Range, yaml: string): Splice | null {
  const dash = dashBefore(yaml, item.start);
  if (dash === null) return null;
  const comment = skipBlanks(yaml, item.end);
  if (yaml[comment] === "#") return { start: dash.position, end: comment, text: "" };
  return { start: dash.lineStart, end: lineEnd(yaml, item.end), text: "" };
}

/** The `-` that opens the item at a position, if nothing but white space stands around it. */
function dashBefore(yaml: string, itemStart: number) {
  const start = lineStart(yaml, itemStart);
  const match = /^([ \t]*)-[ \t]+$/.exec(yaml.slice(start, itemStart));
  return match === null ? null : { lineStart: start, position: start + (match[1] ?? "").length };
}

function wholeLine(range: Range, yaml: string): Splice | null {
  const start = lineStart(yaml, range.start);
  const end = lineEnd(yaml, range.end);
  const isAlone = yaml.slice(start, range.start).trim() === "" && yaml.slice(range.end, end).trim() === "";
  return isAlone ? { start, end, text: "" } : null;
}

function skipBlanks(yaml: string, position: number): number {
  const blanks = /[ \t]*/y;
  blanks.lastIndex = position;
  blanks.exec(yaml);
  return blanks.lastIndex;
}

function lineStart(yaml: string, position: number): number {
  return yaml.lastIndexOf("\n", position - 1) + 1;
}

/** The position behind the line break that ends the line; a position that is at the start of a line is there already. */
function lineEnd(yaml: string, position: number): number {
  if (position > 0 && yaml[position - 1] === "\n") return position;
  const lineBreak = yaml.indexOf("\n", position);
  return lineBreak < 0 ? yaml.length : lineBreak + 1;
}
