import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node'], externalConditions: ['source', 'node'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'scripts/**/*.test.ts'],
    // The machine's 10,000 frames need more than the engine's standard stack; every wall gives it as much.
    pool: 'forks',
    execArgv: ['--stack-size=7000'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
