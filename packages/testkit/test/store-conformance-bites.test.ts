import { memoryStore } from '@algo/core/store';
import { expect, test } from 'vitest';
import { storeConformance } from '../src/index.js';
import { failuresOf, testsOf } from './collecting-runner.js';
import { breaking, BROKEN_STORES } from './mutants/stores.js';

/** A suite that cannot fail shows nothing. Every store here is the memory store, broken in one place. */
test.each(BROKEN_STORES)('the suite fails a store that $what', async (broken) => {
  const subject = {
    name: broken.what,
    create: async () => ({
      definition: breaking(memoryStore(), broken),
      shared: true,
      bytes: async () => null,
      sql: null,
      dispose: async () => undefined,
    }),
  };
  const all = testsOf((runner) => storeConformance(subject, runner, { users: 10, opaque: true }));
  const tests = all.filter(({ name }) => name.includes(broken.caughtBy));
  expect(tests).toHaveLength(1);
  expect(await failuresOf(tests)).toHaveLength(1);
});
