// What GitHub documents about the REST calls that afk makes; run as a program it derives the table from an OpenAPI file.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface RestCall {
  readonly method: string;
  /** With `{parameters}`. */
  readonly path: string;
  readonly statuses: readonly number[];
  /** Null: the call takes no body. */
  readonly body: {
    readonly fields: Readonly<Record<string, FieldRule>>;
    readonly required: readonly string[];
  } | null;
}

export interface FieldRule {
  readonly types: readonly string[];
  readonly words?: readonly string[];
}

const CALLS: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/repos/{owner}/{repo}/collaborators/{username}/permission"],
  ["GET", "/repos/{owner}/{repo}/issues/{issue_number}/labels"],
  ["POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels"],
  ["DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}"],
  ["POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments"],
  ["PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}"],
  ["DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}"],
  ["PATCH", "/repos/{owner}/{repo}/issues/{issue_number}"],
];

interface Schema {
  readonly type?: string;
  readonly enum?: readonly (string | null)[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
interface Operation {
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

function derive(file: string): readonly RestCall[] {
  const api: OpenApi = JSON.parse(readFileSync(file, "utf8"));
  return CALLS.map(([method, path]) => {
    const operation = api.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${method} ${path} is not documented.`);
    const schema = operation.requestBody?.content["application/json"].schema;
    const object = [schema, ...(schema?.oneOf ?? [])].find((one) => one?.properties !== undefined);
    const fields = Object.entries(object?.properties ?? {}).map(
      ([name, field]) => [name, ruleOf(field)] as const,
    );
    return {
      method,
      path,
      statuses: Object.keys(operation.responses).map(Number),
      body:
        object === undefined ? null : { fields: Object.fromEntries(fields), required: object.required ?? [] },
    };
  });
}

function ruleOf(schema: Schema): FieldRule {
  const one = [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const types = one.map(({ type }) => type).filter((type) => type !== undefined);
  const words = schema.enum?.filter((word) => word !== null);
  return { types: [...new Set(types)], ...(words === undefined ? {} : { words }) };
}

const TABLE: readonly RestCall[] = JSON.parse(
  readFileSync(new URL("../../fixtures/github/rest-table.json", import.meta.url), "utf8") || "[]",
);

/** Why GitHub's documentation does not know a request; null when it does. */
export function undocumented(method: string, pathname: string, body: unknown): string | null {
  const parts = pathname.split("/");
  const call = TABLE.find((one) => one.method === method && fits(one.path.split("/"), parts));
  if (call === undefined) return `${method} ${pathname} is not documented`;
  if (call.body === null) return body === undefined ? null : `${method} ${call.path} takes no body`;
  if (typeof body !== "object" || body === null) return `${method} ${call.path} needs a body`;
  const missing = call.body.required.filter((name) => !Object.hasOwn(body, name));
  if (missing.length > 0) return `${method} ${call.path} needs ${missing.join(", ")}`;
  for (const [name, value] of Object.entries(body)) {
    const rule = call.body.fields[name];
    const type = Array.isArray(value) ? "array" : typeof value;
    if (rule === undefined || !rule.types.includes(type))
      return `${method} ${call.path} knows no ${type} ${name}`;
    if (rule.words !== undefined && !rule.words.includes(String(value)))
      return `${method} ${call.path} knows no ${name} ${String(value)}`;
  }
  return null;
}

function fits(template: readonly string[], parts: readonly string[]): boolean {
  return (
    template.length === parts.length &&
    template.every((part, index) => (part.startsWith("{") ? parts[index] !== "" : part === parts[index]))
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${JSON.stringify(derive(process.argv[2] ?? ""), null, 1)}\n`);
