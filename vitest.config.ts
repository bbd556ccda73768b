import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/seed.ts"],
    pool: "forks",
    // A busy machine is no failure: the longest test takes a minute beside two busy loops on two cores.
    testTimeout: 600_000,
  },
});
