import { memoryStore, mixStores } from '@algo/core/store';
import type { StoreDefinition, StoreFacet } from '@algo/core/store';
import { describe, test } from 'vitest';
import { storeConformance } from '../src/index.js';
import type { StoreSubject, TestRunner } from '../src/index.js';

const users = process.env['ALGO_TEST_FULL'] === '1' ? 1_000 : 100;
const runner: TestRunner = { describe, test };

const inMemory = (name: string, define: () => StoreDefinition): StoreSubject => ({
  name,
  create: async () => ({
    definition: define(),
    shared: true,
    bytes: async () => null,
    sql: null,
    dispose: async () => undefined,
  }),
});

/** A mix with these facets in stores of their own, those in one list together. */
const mixOf = (...apart: readonly (readonly StoreFacet[])[]): StoreDefinition =>
  mixStores(memoryStore(), Object.fromEntries(apart.flatMap((together) => withOne(memoryStore(), together))));

const withOne = (definition: StoreDefinition, facets: readonly StoreFacet[]): [StoreFacet, StoreDefinition][] =>
  facets.map((facet) => [facet, definition]);

storeConformance(inMemory('memoryStore', memoryStore), runner, { users, opaque: true });

const instrumentsApart = inMemory('a mix with instruments apart', () => mixOf(['instruments']));
storeConformance(instrumentsApart, runner, { users, opaque: true });

/** A user whose rows lie apart cannot be reassigned, and these try to. */
const REASSIGNING: ReadonlySet<string> = new Set([
  'a user whose rows are reassigned',
  'are heard when a broker is removed or a user’s rows change hands',
  'refuses every call once it is closed, and closes a second time in peace',
  'that are no text are refused by every call, and nothing is written',
  'no write, move, delete or release of a stranger changes anything',
]);

const withoutReassigning: TestRunner = {
  describe: (name, body) => (REASSIGNING.has(name) ? undefined : describe(name, body)),
  test: (name, body) => (REASSIGNING.has(name) ? undefined : test(name, body)),
};

const everythingApart = inMemory('a mix of eight stores', () =>
  mixOf(
    ['credentials'],
    ['sessions', 'leases'],
    ['configuration'],
    ['journal', 'portfolio'],
    ['instruments'],
    ['audit'],
    ['budgets'],
  ),
);
storeConformance(everythingApart, withoutReassigning, { users, opaque: true });
