// The local tracker keeps the contract of every tracker, with and without a remote to land in.
import { describe } from "vitest";
import { trackerConformance } from "../../conformance/tracker.ts";
import { localWorld } from "./world.ts";

describe("the local tracker without a remote", () => {
  trackerConformance(async () => localWorld());
});

describe("the local tracker with a remote", () => {
  trackerConformance(async () => localWorld({ remote: true }));
});
