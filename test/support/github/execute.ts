// Executes one GraphQL request as GitHub does: partial data with typed errors, and its own words for an unknown field.
import { type DocumentNode, execute, type GraphQLError, parse, validate, visit } from "graphql";
import { rootFor } from "./resolvers.ts";
import { githubSchema } from "./schema.ts";
import type { Account, State } from "./state.ts";

export interface GraphqlBody {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface ExecutedError {
  readonly type?: string;
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: unknown;
}

export interface Executed {
  readonly data?: unknown;
  readonly errors?: readonly ExecutedError[];
}

/** `lacks`: fields that this server is too old to have. */
export async function executeQuery(
  state: State,
  viewer: Account,
  body: GraphqlBody,
  lacks: readonly string[],
): Promise<Executed> {
  const { document, errors: invalid } = checked(body.query);
  const unknown: ExecutedError[] = [];
  if (lacks.length > 0)
    visit(document, {
      Field(node) {
        if (lacks.includes(node.name.value)) unknown.push(undefinedField(node.name.value, "Issue"));
      },
    });
  unknown.push(...invalid);
  if (unknown.length > 0) return { errors: unknown };
  const { data, errors } = await execute({
    schema: githubSchema(),
    document,
    rootValue: rootFor(state, viewer),
    variableValues: body.variables,
  });
  return { data, ...(errors === undefined ? {} : { errors: errors.map(executionError) }) };
}

interface Checked {
  readonly document: DocumentNode;
  /** What GitHub's schema has against it. */
  readonly errors: readonly ExecutedError[];
}

const MOST_REMEMBERED = 500;
const remembered = new Map<string, Checked>();

/** Reads and validates a query; afk asks the same few again and again, and checking them takes longer than answering. */
function checked(query: string): Checked {
  const known = remembered.get(query);
  if (known !== undefined) return known;
  const document = parse(query, { noLocation: true });
  const fresh = { document, errors: validate(githubSchema(), document).map(validationError) };
  if (remembered.size === MOST_REMEMBERED) remembered.clear();
  remembered.set(query, fresh);
  return fresh;
}

function undefinedField(fieldName: string, typeName: string): ExecutedError {
  return {
    message: `Field '${fieldName}' doesn't exist on type '${typeName}'`,
    extensions: { code: "undefinedField", typeName, fieldName },
  };
}

function validationError({ message }: GraphQLError): ExecutedError {
  const match = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message);
  return match === null ? { message } : undefinedField(match[1] ?? "", match[2] ?? "");
}

function executionError({ message, path, extensions }: GraphQLError): ExecutedError {
  const type = extensions["type"];
  return {
    message,
    ...(path === undefined ? {} : { path }),
    ...(typeof type === "string" ? { type } : {}),
  };
}
