// The local tracker: issues are Markdown files in a directory of the checkout, and people edit them with any editor.
import { defineAdapter, type Variable } from "../../adapter.ts";
import { text } from "../../config/parsers.ts";
import type { Tracker } from "../../ports.ts";
import { checkPlaces } from "./check.ts";
import { runLabels } from "./details.ts";
import { findPlaces, placeOf } from "./place.ts";
import { listIssues, readIssues, readLanded } from "./read.ts";
import { writeChange } from "./write.ts";

const variables = {
  AFK_LOCAL_DIR: {
    about:
      "The directory of the local tracker, which holds `issues/`: absolute, or within each repo's checkout.",
    parse: text(".afk", "expected the path of a directory"),
  },
} as const satisfies Record<string, Variable<string>>;

export const localTracker = defineAdapter<Tracker, typeof variables>({
  variables,
  create(settings, deps) {
    const places = findPlaces(deps.repos, deps.workspaceOf, settings.AFK_LOCAL_DIR);
    return {
      listIssues: () => listIssues(places, deps),
      readIssues: (refs) => readIssues(places, refs, deps),
      readCardTexts: async () => [],
      readLanded: (queries) => readLanded(places, queries, deps),
      write: async (change) => {
        const { repo } = change.ref;
        return writeChange(placeOf(places, repo), change, runLabels(deps.policyOf(repo)), deps.clock);
      },
    };
  },
  check: (settings, deps) =>
    checkPlaces(findPlaces(deps.repos, deps.workspaceOf, settings.AFK_LOCAL_DIR), deps),
});
