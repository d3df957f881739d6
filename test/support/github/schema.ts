// GitHub's published GraphQL schema with the newer fields, built once for all tests of a file.
import { readFileSync } from "node:fs";
import { buildSchema, extendSchema, type GraphQLSchema, parse } from "graphql";

let schema: GraphQLSchema | null = null;

export function githubSchema(): GraphQLSchema {
  if (schema !== null) return schema;
  // GitHub deprecates fields that its interfaces do not, which graphql-js would mind.
  const options = { assumeValidSDL: true, assumeValid: true };
  const file = new URL("../../../node_modules/@octokit/graphql-schema/schema.graphql", import.meta.url);
  const published = buildSchema(readFileSync(file, "utf8"), options);
  const extension = new URL("../../fixtures/github/schema-extension.graphql", import.meta.url);
  schema = extendSchema(published, parse(readFileSync(extension, "utf8")), options);
  return schema;
}
