// Runs every test of the repository, quietly and without network.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    // Most time goes into child processes; two files at once keep two cores busy and disturb no test.
    maxWorkers: 2,
    reporters: ["default"],
  },
});
