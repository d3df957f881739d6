// Executes one GraphQL request as GitHub does: partial data with typed errors, and its own words for an unknown field.
import { execute, type GraphQLError, parse, validate, visit } from "graphql";
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
  const document = parse(body.query);
  const unknown: ExecutedError[] = [];
  visit(document, {
    Field(node) {
      if (lacks.includes(node.name.value)) unknown.push(undefinedField(node.name.value, "Issue"));
    },
  });
  unknown.push(...validate(githubSchema(), document).map(validationError));
  if (unknown.length > 0) return { errors: unknown };
  const { data, errors } = await execute({
    schema: githubSchema(),
    document,
    rootValue: rootFor(state, viewer),
    variableValues: body.variables,
  });
  return { data, ...(errors === undefined ? {} : { errors: errors.map(executionError) }) };
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
