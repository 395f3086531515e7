import assert from 'node:assert/strict';
import type { Store } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { attempt, credential, entry, listed, master, positions, session, sighting } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreConformanceOptions, StorePlace, StoreSubject } from '../subject.js';
import { IMPORT_ID, LEASE_NAME, write } from '../user-data.js';

const PLACE = { scope: 'account/u1/dhan/main/orders', windows: [{ limit: 9, perMs: 1_000 }], places: 1, holdMs: 5 };

type Sql = NonNullable<StorePlace['sql']>;

/** What is in the tables, asked of the database itself. */
export function behindTheBackGroup(
  { describe, test }: TestRunner,
  subject: StoreSubject,
  { opaque = false }: StoreConformanceOptions,
): void {
  if (opaque) return;
  describe('tables', () => {
    test('hold one row for what was written once, and none after it was deleted', () =>
      onTables(subject, async (store, sql) => {
        const { userId, broker, account } = credential();
        const key = { userId, broker, account };
        const lease = await write(store, { userId, tag: attempt().tag });
        await store.instruments.replace(userId, broker, master([listed(1), listed(2)]));
        for (let taken = 0; taken < 3; taken += 1) await store.budgets.take(PLACE);
        const full = { credentials: 1, sessions: 1, configuration: 1, attempts: 1, sightings: 2, fills: 2 };
        const rest = {
          snapshots: 3,
          instruments: 2,
          instrument_masters: 1,
          audit: 1,
          leases: 1,
          budgets: 1,
          imports: 1,
        };
        assert.deepEqual(await counts(sql), { ...full, ...rest });

        await store.transfers.rollback(userId, IMPORT_ID);
        await store.journal.deleteOrder(userId, 'c1');
        await store.portfolio.delete(key, 'positions', Number.MAX_SAFE_INTEGER);
        await store.portfolio.delete(key, 'holdings', Number.MAX_SAFE_INTEGER);
        await store.configuration.delete(userId, 'broker/dhan');
        await store.removeBroker(userId, broker, { dryRun: false });
        await store.leases.release(lease);
        const gone = { credentials: 0, sessions: 0, configuration: 0, attempts: 1, sightings: 0, fills: 0 };
        const stays = {
          snapshots: 0,
          instruments: 0,
          instrument_masters: 0,
          audit: 1,
          leases: 1,
          budgets: 1,
          imports: 0,
        };
        assert.deepEqual(await counts(sql), { ...gone, ...stays }, 'attempts, audit, epochs and budgets stay');
      }));

    test('hold one row each, however often it was written, at the version it has', () =>
      onTables(subject, async (store, sql) => {
        await store.credentials.put(credential({ version: 5 }), null);
        await store.credentials.put(credential({ version: 6 }), 5);
        await store.credentials.put(credential({ version: 9 }), 5); // a conflict
        await store.sessions.put(session({ version: 3 }), null);
        await store.journal.saveSighting(sighting());
        await store.journal.saveSighting(sighting({ seenAtMs: 9 }));
        await store.portfolio.save(positions());
        await store.portfolio.save(positions({ rows: [] }));
        assert.deepEqual(await numbers(sql, 'SELECT version AS n FROM credentials'), [6]);
        assert.deepEqual(await numbers(sql, 'SELECT version AS n FROM sessions'), [3]);
        const { sightings, snapshots } = await counts(sql);
        assert.deepEqual({ sightings, snapshots }, { sightings: 1, snapshots: 1 });
      }));

    test('hold a lease’s epoch after it was released', () =>
      onTables(subject, async (store, sql) => {
        for (let round = 0; round < 3; round += 1) {
          const lease = await store.leases.acquire({ userId: 'u1', name: LEASE_NAME }, 'process-1', 60_000);
          assert.ok(lease);
          assert.deepEqual(await numbers(sql, 'SELECT epoch AS n FROM leases'), [lease.epoch]);
          await store.leases.release(lease);
          assert.deepEqual(await numbers(sql, 'SELECT epoch AS n FROM leases'), [lease.epoch]);
        }
      }));

    test('of the audit refuse to have an entry changed or taken away', () =>
      onTables(subject, async (store, sql) => {
        await store.audit.append(entry());
        const before = await store.audit.list('u1', { limit: 10 });
        assert.equal(before.length, 1);
        await assert.rejects(sql(`UPDATE audit SET actor = 'nobody'`));
        await assert.rejects(sql('DELETE FROM audit'));
        assert.deepEqual(await store.audit.list('u1', { limit: 10 }), before);
      }));
  });
}

const onTables = (subject: StoreSubject, run: (store: Store, sql: Sql) => Promise<void>): Promise<void> =>
  onStore(subject, async ({ store, place: { sql } }) => {
    assert.ok(sql, 'the place has no way to ask its database; a store that has none is `opaque`');
    await run(store, sql);
  });

const TABLES = [
  'credentials',
  'sessions',
  'configuration',
  'attempts',
  'sightings',
  'fills',
  'snapshots',
  'instruments',
  'instrument_masters',
  'audit',
  'leases',
  'budgets',
  'imports',
] as const;

async function counts(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const table of TABLES) [found[table] = -1] = await numbers(sql, `SELECT count(*) AS n FROM ${table}`);
  return found;
}

/** Counts come as text from some databases. */
const numbers = async (sql: Sql, query: string): Promise<readonly number[]> =>
  (await sql(query)).map(({ n }) => Number(n));
