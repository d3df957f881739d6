// The changes that one node of the syntax tree allows: Stryker's standard mutators.
import { METHODS, OPERATORS } from "./exchanges.ts";
import { regexEdits } from "./regex-mutators.ts";

/** A node of the syntax tree, with its place in the text. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [name: string]: unknown;
}

/** Other text for a part of a node. */
export interface Edit {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly place: "expression" | "statements";
}

const CONDITIONS = new Set(["IfStatement", "ConditionalExpression"]);
const LOOPS = new Set(["WhileStatement", "DoWhileStatement", "ForStatement"]);

/** Every change of this very node; its children have their own. */
export function editsOf(node: SyntaxNode, parent: SyntaxNode | null, code: string): readonly Edit[] {
  const textOf = (part: SyntaxNode): string => code.slice(part.start, part.end);
  const change = (kind: string, text: string, part: SyntaxNode = node): Edit => ({
    kind,
    start: part.start,
    end: part.end,
    text,
    place: "expression",
  });
  const edits: Edit[] = [];
  if (parent !== null && parent["test"] === node && parent.type !== "SwitchCase") {
    if (CONDITIONS.has(parent.type)) edits.push(change("condition", "true"), change("condition", "false"));
    if (LOOPS.has(parent.type)) edits.push(change("condition", "false"));
  }
  if (parent?.type === "ArrowFunctionExpression" && parent["body"] === node && node.type !== "BlockStatement")
    edits.push(change("arrow function", "undefined"));
  switch (node.type) {
    case "BinaryExpression":
    case "LogicalExpression":
    case "AssignmentExpression":
      return [...edits, ...operatorEdits(node, parent, code)];
    case "UpdateExpression":
      return [...edits, ...swaps("update", node).map((text) => change("update", updated(node, text, code)))];
    case "UnaryExpression":
      return [...edits, ...unary(node).map((text) => change("unary", text + textOf(argumentOf(node))))];
    case "Literal":
      return [...edits, ...literal(node, parent).map((text) => change("literal", text)), ...regexEdits(node)];
    case "TemplateLiteral":
      if (parent?.type === "TaggedTemplateExpression") return edits;
      return [...edits, change("literal", node.end - node.start === 2 ? '"mutated"' : '""')];
    case "ArrayExpression":
      return [...edits, change("array", listOf(node, "elements").length === 0 ? '["mutated"]' : "[]")];
    case "ObjectExpression":
      return listOf(node, "properties").length === 0 ? edits : [...edits, change("object", "{}")];
    case "CallExpression":
      return [...edits, ...methodEdits(node, code), ...optional(node, node["callee"], code)];
    case "MemberExpression":
      return [...edits, ...optional(node, node["object"], code)];
    case "BlockStatement":
      return [...edits, ...emptied("block", node.start + 1, node.end - 1, listOf(node, "body"))];
    case "SwitchCase": {
      const body = listOf(node, "consequent");
      return [...edits, ...emptied("case", body[0]?.start ?? 0, node.end, body)];
    }
    default:
      return edits;
  }
}

function operatorEdits(node: SyntaxNode, parent: SyntaxNode | null, code: string): readonly Edit[] {
  const { start, end } = node;
  const edit = (kind: string, text: string): Edit => ({ kind, start, end, text, place: "expression" });
  const edits: Edit[] = [];
  for (const kind of ["arithmetic", "equality", "bitwise", "logical", "assignment"]) {
    const isText = kind === "arithmetic" || kind === "assignment";
    if (isText && [node["left"], node["right"]].some(isString)) continue;
    edits.push(...swaps(kind, node).map((operator) => edit(kind, swapped(node, operator, code))));
  }
  const operator = String(node["operator"]);
  const isBoolean = operator in OPERATORS["equality"]! || operator === "&&" || operator === "||";
  const isLoop = parent !== null && LOOPS.has(parent.type) && parent["test"] === node;
  if (isBoolean)
    edits.push(...(isLoop ? ["false"] : ["true", "false"]).map((text) => edit("condition", text)));
  return edits;
}

function swaps(kind: string, node: SyntaxNode): readonly string[] {
  const operators = OPERATORS[kind] ?? {};
  const operator = String(node["operator"]);
  return Object.hasOwn(operators, operator) ? (operators[operator] ?? []) : [];
}

/** The node's text with another operator; what stood first is still done first. */
function swapped(node: SyntaxNode, operator: string, code: string): string {
  const [left, right] = [node["left"] as SyntaxNode, node["right"] as SyntaxNode];
  const [before, after] = [code.slice(left.start, left.end), code.slice(right.start, right.end)];
  return node.type === "AssignmentExpression"
    ? `${before} ${operator} ${after}`
    : `(${before}) ${operator} (${after})`;
}

function updated(node: SyntaxNode, operator: string, code: string): string {
  const { start, end } = argumentOf(node);
  return node["prefix"] === true ? operator + code.slice(start, end) : code.slice(start, end) + operator;
}

function unary(node: SyntaxNode): readonly string[] {
  const changed: Readonly<Record<string, string>> = { "!": "", "~": "", "+": "-", "-": "+" };
  return [changed[String(node["operator"])]].filter((text) => text !== undefined);
}

function literal(node: SyntaxNode, parent: SyntaxNode | null): readonly string[] {
  if (typeof node["value"] === "boolean") return [String(!node["value"])];
  if (typeof node["value"] !== "string" || parent?.type === "ExpressionStatement") return [];
  return [node["value"] === "" ? '"mutated"' : '""'];
}

function methodEdits(node: SyntaxNode, code: string): readonly Edit[] {
  const callee = node["callee"] as SyntaxNode;
  if (callee.type !== "MemberExpression" || callee["computed"] === true) return [];
  const [object, property] = [callee["object"] as SyntaxNode, callee["property"] as SyntaxNode];
  const name = String(property["name"]);
  if (!Object.hasOwn(METHODS, name)) return [];
  const other = METHODS[name] ?? null;
  const place = "expression";
  if (other !== null) return [{ kind: "method", ...placeOf(property), text: other, place }];
  return [{ kind: "method", ...placeOf(node), text: code.slice(object.start, object.end), place }];
}

function optional(node: SyntaxNode, before: unknown, code: string): readonly Edit[] {
  if (node["optional"] !== true) return [];
  const start = code.indexOf("?.", (before as SyntaxNode).end);
  const text = node.type === "CallExpression" || node["computed"] === true ? "" : ".";
  return [{ kind: "optional chaining", start, end: start + 2, text, place: "expression" }];
}

function emptied(kind: string, start: number, end: number, body: readonly SyntaxNode[]): readonly Edit[] {
  return body.length === 0 ? [] : [{ kind, start, end, text: "", place: "statements" }];
}

function placeOf({ start, end }: SyntaxNode): Pick<Edit, "start" | "end"> {
  return { start, end };
}

function argumentOf(node: SyntaxNode): SyntaxNode {
  return node["argument"] as SyntaxNode;
}

function listOf(node: SyntaxNode, name: string): readonly SyntaxNode[] {
  return node[name] as readonly SyntaxNode[];
}

function isString(node: unknown): boolean {
  const { type, value } = node as SyntaxNode;
  return type === "TemplateLiteral" || (type === "Literal" && typeof value === "string");
}
