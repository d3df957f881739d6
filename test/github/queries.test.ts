// Every query text is one that GitHub's published schema knows, whatever the number of things asked about.
import { parse, validate } from "graphql";
import { expect, it } from "vitest";
import type { Feature } from "../../src/github/client.ts";
import {
  checkQuery,
  commentsQuery,
  detailQuery,
  listQuery,
  pageQuery,
  type Query,
  stateQuery,
  timelineQuery,
} from "../../src/trackers/github/queries.ts";
import { githubSchema } from "../support/github/schema.ts";

const path = { repo: "acme/shop", owner: "acme", name: "shop" };
const labels = { ready: "ready-for-agent", inProgress: "agent-in-progress", human: "ready-for-human" };

function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}

const QUERIES: readonly (readonly [string, (count: number) => Query])[] = [
  ["list", (count) => listQuery(times(count, { path, labels }))],
  [
    "page",
    (count) => pageQuery(times(count, { path, label: labels.ready, onlyOpen: count === 1, cursor: "c" })),
  ],
  ["detail", (count) => detailQuery(times(count, { path, numbers: [1, 2, 3] }))],
  ["states", (count) => stateQuery(times(count, { path, number: 1 }))],
  ["check", (count) => checkQuery(times(count, { path, labels }))],
  ["comments", () => commentsQuery("I_1", "c")],
  ["timeline", () => timelineQuery("I_1", "c")],
];
const LACKING: readonly (readonly Feature[])[] = [
  [],
  ["dependencies"],
  ["subIssues"],
  ["dependencies", "subIssues"],
];

it.each(QUERIES)("%s", (_name, query) => {
  for (const count of [1, 2, 50])
    for (const lacking of LACKING) {
      const { text, variables } = query(count);
      const document = parse(text((feature) => !lacking.includes(feature)));

      expect(validate(githubSchema(), document).map(({ message }) => message)).toEqual([]);
      const [definition] = document.definitions;
      const declared =
        definition?.kind === "OperationDefinition" ? (definition.variableDefinitions ?? []) : [];
      expect(declared.map(({ variable }) => variable.name.value).toSorted()).toEqual(
        Object.keys(variables).toSorted(),
      );
    }
});
