// Runs every test of the repository, quietly and without network.
import { defineConfig } from "vitest/config";
import { COMPILE_CACHE } from "./support/compile-cache.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default"],
    // One more than the cores that it is meant for: many tests wait for processes and for servers that say nothing.
    maxWorkers: 3,
    // Worlds full of processes: more of them at once only wait for each other.
    maxConcurrency: 3,
    // Reading the same modules again for every file took longer than most files; none of them keeps state.
    isolate: false,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
  },
});
