import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const packages = fileURLToPath(new URL('./packages/', import.meta.url));

/** Tests read the sources, so that a failing line is a line someone wrote; process tests run the build. */
const alias = [
  { find: /^@algo\/core\/(adapter|store)$/, replacement: `${packages}core/src/$1.ts` },
  { find: /^@algo\/([a-z-]+)$/, replacement: `${packages}$1/src/index.ts` },
];

const PROJECTS = [
  'core',
  'xts',
  'broker-angel',
  'broker-dhan',
  'broker-jainam',
  'broker-kotak',
  'store-sqlite',
  'store-postgres',
  'migrate',
  'simulator',
  'testkit',
];

const project = (name: string) => ({
  resolve: { alias },
  test: {
    name,
    include: [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/**/*.test.ts`],
    setupFiles: [fileURLToPath(new URL('./scripts/close-network.ts', import.meta.url))],
    testTimeout: process.env['ALGO_TEST_FULL'] === '1' ? 900_000 : 20_000,
  },
});

export default defineConfig({
  test: {
    projects: PROJECTS.map(project),
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        'packages/{core,xts,broker-*,store-*,migrate}/src/**': { lines: 90 },
        'packages/core/src/orders/attempt.ts': { branches: 100 },
      },
    },
  },
});
