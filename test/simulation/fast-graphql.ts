// Answers afk's own GraphQL queries over the double's resolvers, without validation and much faster than graphql-js.
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  parse,
  type SelectionNode,
  type ValueNode,
} from "graphql";
import { rootFor } from "../support/github/resolvers.ts";
import type { Account, State } from "../support/github/state.ts";
import type { Executed, ExecutedError, GraphqlBody } from "../support/github/execute.ts";

const documents = new Map<string, DocumentNode>();

interface Run {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly errors: ExecutedError[];
  /** Where the execution is. */
  readonly path: (string | number)[];
}

/** Executes a query that the schema is known to allow; the conformance test compares every shape of it with graphql-js. */
export function executeFast(state: State, viewer: Account, body: GraphqlBody): Executed {
  let document = documents.get(body.query);
  if (document === undefined) {
    document = parse(body.query, { noLocation: true });
    if (documents.size > 500) documents.clear();
    documents.set(body.query, document);
  }
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === "FragmentDefinition") fragments.set(definition.name.value, definition);
  const operation = document.definitions.find((one) => one.kind === "OperationDefinition");
  if (operation === undefined) throw new Error("A query needs an operation.");
  const run: Run = { variables: body.variables, fragments, errors: [], path: [] };
  const data = objectOf(rootFor(state, viewer), operation.selectionSet.selections, run);
  return { data, ...(run.errors.length === 0 ? {} : { errors: run.errors }) };
}

function objectOf(
  source: Readonly<Record<string, unknown>>,
  selections: readonly SelectionNode[],
  run: Run,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  fill(result, source, selections, run);
  return result;
}

function fill(
  result: Record<string, unknown>,
  source: Readonly<Record<string, unknown>>,
  selections: readonly SelectionNode[],
  run: Run,
): void {
  for (const selection of selections) {
    if (selection.kind === "Field") {
      const key = selection.alias?.value ?? selection.name.value;
      run.path.push(key);
      result[key] = fieldOf(source, selection, run);
      run.path.pop();
      continue;
    }
    const fragment =
      selection.kind === "FragmentSpread" ? run.fragments.get(selection.name.value) : selection;
    const type = fragment?.typeCondition?.name.value;
    const isIt = source["__typename"] === undefined || type === undefined || source["__typename"] === type;
    if (fragment !== undefined && isIt) fill(result, source, fragment.selectionSet.selections, run);
  }
}

function fieldOf(source: Readonly<Record<string, unknown>>, field: FieldNode, run: Run): unknown {
  const depth = run.path.length;
  try {
    const raw = source[field.name.value];
    const value: unknown = typeof raw === "function" ? raw(argumentsOf(field, run)) : raw;
    return valueOf(value, field, run);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const type = error.extensions["type"];
    run.path.length = depth;
    run.errors.push({
      message: error.message,
      path: [...run.path],
      ...(typeof type === "string" ? { type } : {}),
    });
    return null;
  }
}

function valueOf(value: unknown, field: FieldNode, run: Run): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return listOf(value, field, run);
  const selections = field.selectionSet?.selections;
  if (selections === undefined || typeof value !== "object") return value;
  return objectOf(value as Readonly<Record<string, unknown>>, selections, run);
}

function listOf(values: readonly unknown[], field: FieldNode, run: Run): readonly unknown[] {
  return values.map((value, index) => {
    run.path.push(index);
    const item = valueOf(value, field, run);
    run.path.pop();
    return item;
  });
}

function argumentsOf(field: FieldNode, run: Run): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const argument of field.arguments ?? []) found[argument.name.value] = literal(argument.value, run);
  return found;
}

function literal(node: ValueNode, run: Run): unknown {
  switch (node.kind) {
    case "Variable":
      return run.variables[node.name.value];
    case "IntValue":
      return Number(node.value);
    case "ListValue":
      return node.values.map((value) => literal(value, run));
    case "StringValue":
    case "EnumValue":
    case "BooleanValue":
      return node.value;
    case "ObjectValue":
    case "FloatValue":
    case "NullValue":
      return null;
  }
}
