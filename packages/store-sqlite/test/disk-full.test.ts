import type { Store } from '@algo/core/store';
import { expect, test } from 'vitest';
import { openWithConnection } from './open-with-connection.js';
import {
  ACCOUNT,
  attempt,
  auditEntry,
  configuration,
  credential,
  importBatch,
  instruments,
  nthAttempt,
  nthFill,
  nthSnapshot,
  session,
  sighting,
} from './sample-rows.js';

/** Too much for the pages that are free. */
const LONG = 'x'.repeat(400_000);
const BYTES = new Uint8Array(400_000);
const longEntry = auditEntry({ after: LONG });

/** Something in every table, so that a half-done write would show. */
async function fill(store: Store): Promise<void> {
  await store.credentials.put(credential(), null, auditEntry());
  await store.sessions.put(session(), null);
  await store.configuration.put(configuration(), null);
  await store.journal.add(nthAttempt(1, { state: 'INTENT' }));
  await store.journal.add(nthAttempt(2, { state: 'NOT_SENT' }));
  await store.journal.saveSighting(sighting());
  await store.journal.addFills([nthFill(8)]);
  await store.portfolio.save(nthSnapshot(9));
  await store.instruments.replace('u1', 'dhan', { source: 'test', loadedAtMs: 1, rows: instruments(3) });
  await store.transfers.import(importBatch());
}

const WRITES: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  ['credentials.put', ({ credentials }) => credentials.put(credential({ version: 2, sealed: BYTES }), 1)],
  ['credentials.put with audit', ({ credentials }) => credentials.put(credential({ version: 2 }), 1, longEntry)],
  ['credentials.delete with audit', ({ credentials }) => credentials.delete(ACCOUNT, longEntry)],
  ['sessions.put', ({ sessions }) => sessions.put(session({ version: 2, sealed: BYTES }), 1)],
  ['configuration.put', (store) => store.configuration.put(configuration({ version: 2, value: LONG }), 1)],
  ['configuration.delete', (store) => store.configuration.delete('u1', 'broker/dhan', longEntry)],
  ['journal.add', ({ journal }) => journal.add(nthAttempt(3, { request: LONG }))],
  [
    'journal.move',
    ({ journal }) =>
      journal.move({
        tag: nthAttempt(1).tag,
        userId: 'u1',
        from: 'INTENT',
        to: 'SUBMITTING',
        detail: LONG,
        atMs: 1,
      }),
  ],
  [
    'journal.claimQueued',
    ({ journal }) => journal.claimQueued(ACCOUNT, { kinds: ['place'], limit: 9, owner: LONG, sendByMs: 1, atMs: 1 }),
  ],
  ['journal.saveSighting', ({ journal }) => journal.saveSighting(sighting({}, { reason: LONG }))],
  [
    'journal.addFills',
    ({ journal }) => journal.addFills([nthFill(1), nthFill(2, { trade: { ...nthFill(2).trade, symbol: LONG } })]),
  ],
  [
    'portfolio.save',
    ({ portfolio }) => portfolio.save({ ...nthSnapshot(1), kind: 'holdings', rows: [], account: LONG }),
  ],
  [
    'instruments.replace',
    (store) => store.instruments.replace('u1', 'dhan', { source: 'b', loadedAtMs: 2, rows: instruments(5_000) }),
  ],
  ['audit.append', ({ audit }) => audit.append(longEntry)],
  ['leases.acquire', ({ leases }) => leases.acquire({ userId: 'u1', name: 'session' }, LONG, 1_000)],
  [
    'transfers.import',
    ({ transfers }) =>
      transfers.import(importBatch({ importId: 'i2', orders: [], fills: [], snapshots: [], source: LONG })),
  ],
  ['transfers.rollback', ({ transfers }) => transfers.rollback('u1', 'import-1', longEntry)],
  ['sealed.replace', ({ sealed }) => sealed.replace({ ...session(), field: 'session' }, BYTES)],
  ['removeBroker', (store) => store.removeBroker('u1', 'dhan', { dryRun: false, audit: longEntry })],
];

test.each(WRITES)('a full disk fails %s, keeps nothing of it, and is over when there is room', async (_what, write) => {
  const { store, connection } = await openWithConnection();
  await fill(store);
  const tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
  const everything = () => tables.map((table) => connection.prepare(`SELECT * FROM ${String(table)}`).all());
  const before = everything();
  const pages = connection.pragma('max_page_count', { simple: true });

  connection.pragma('max_page_count = 1'); // SQLite takes the present size instead
  await expect(write(store)).rejects.toMatchObject({
    code: 'ALGO_STORE_FAILED',
    details: { why: 'the disk is full; make room' },
    effect: 'none',
  });
  expect(everything()).toStrictEqual(before);

  connection.pragma(`max_page_count = ${String(pages)}`);
  await write(store);
  expect(everything()).not.toStrictEqual(before);
});

test('a full disk fails a reassignment, moves nothing, and is over when there is room', async () => {
  const { store, connection } = await openWithConnection();
  await store.credentials.put(credential(), null);
  await store.journal.add(attempt({ state: 'REJECTED' }));
  await store.configuration.put(configuration(), null);
  const pages = connection.pragma('max_page_count', { simple: true });
  const resealed = credential({ userId: 'u2' });

  connection.pragma('max_page_count = 1');
  const reassign = () => store.transfers.reassign('u1', 'u2', [resealed], [longEntry]);
  await expect(reassign()).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
  expect(await store.credentials.get(ACCOUNT)).toStrictEqual(credential());
  expect(await store.journal.list('u1', { limit: 9 })).toHaveLength(1);
  expect(await store.journal.list('u2', { limit: 9 })).toHaveLength(0);

  connection.pragma(`max_page_count = ${String(pages)}`);
  expect(await reassign()).toMatchObject({ attempts: 1, configuration: 1, credentials: 1 });
});
