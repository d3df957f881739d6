// The GitHub tracker does what every tracker must do, over GitHub's published schema.
import { expect, onTestFinished } from "vitest";
import { githubTracker } from "../../../src/trackers/github/adapter.ts";
import { trackerConformance } from "../../conformance/tracker.ts";
import { REPO, SETTINGS, githubWorld } from "../../support/github/world.ts";

trackerConformance(async () => {
  const world = githubWorld();
  onTestFinished(() => expect(world.server.violations).toEqual([]));
  return {
    tracker: githubTracker.create(SETTINGS, world.deps),
    repo: REPO,
    labels: {
      readyLabel: "ready-for-agent",
      inProgressLabel: "agent-in-progress",
      humanLabel: "ready-for-human",
    },
    makeIssue: async (issue) => world.open(issue),
    deleteIssue: async (number) => void world.repo().issues.delete(number),
    addLabel: async (number, label) => world.label(number, label),
    removeLabel: async (number, label) => world.unlabel(number, label),
    close: async (number) => world.close(number),
    comment: async (number, text) => void world.comment(number, text),
    land: async (message) => world.push(message),
    everything: async () => structuredClone(world.state),
  };
});
