import assert from 'node:assert/strict';
import type { ImportBatch, Store } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, AT_MS, entry, fill, holdings, positions, sighting } from '../rows.js';
import { assertRefused, onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const imported = { importId: 'import-1' } as const;

const batch = (changes: Partial<ImportBatch> = {}): ImportBatch => ({
  userId: 'u1',
  ...imported,
  source: 'trades_history.json',
  atMs: AT_MS,
  orders: [sighting({ ...imported, clientOrderId: 'i1' }), sighting({ ...imported, clientOrderId: 'i2' })],
  fills: [fill({ ...imported, clientOrderId: 'i1' }, { tradeId: 'f1' })],
  snapshots: [positions(imported), holdings(imported)],
  ...changes,
});

const empty = { orders: [], fills: [], snapshots: [] } as const;

const stored = async ({ journal, portfolio }: Store) => ({
  orders: await journal.orders('u1', { limit: 10 }),
  fills: await journal.fills('u1', { limit: 10 }),
  positions: await portfolio.list(ACCOUNT, 'positions', { limit: 10 }),
  holdings: await portfolio.list(ACCOUNT, 'holdings', { limit: 10 }),
});

const NOTHING = { orders: [], fills: [], positions: [], holdings: [] } as const;

export function importsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('imports', () => {
    test('write the rows of their batch, and are listed newest first', () =>
      onStore(subject, async ({ store }) => {
        const { transfers } = store;
        assert.deepEqual(await transfers.listImports('u1'), []);
        assert.deepEqual(await transfers.import(batch()), { orders: 2, fills: 1, snapshots: 2 });
        const { orders, fills } = batch();
        assert.deepEqual(await stored(store), {
          orders: orders.toReversed(),
          fills,
          positions: [positions(imported)],
          holdings: [holdings(imported)],
        });
        const second = { importId: 'import-2', source: 'holdings.csv', atMs: AT_MS + 1 };
        await transfers.import(batch({ ...second, ...empty }));
        assert.deepEqual(await transfers.listImports('u1'), [
          { ...second, orders: 0, fills: 0, snapshots: 0 },
          { ...imported, source: 'trades_history.json', atMs: AT_MS, orders: 2, fills: 1, snapshots: 2 },
        ]);
        assert.deepEqual(await transfers.listImports('u2'), []);
      }));

    test('leave what is there as it is, and count only what they wrote', () =>
      onStore(subject, async ({ store }) => {
        await store.journal.saveSighting(sighting({ clientOrderId: 'i1' }));
        await store.journal.addFills([fill({}, { tradeId: 'f1' })]);
        await store.portfolio.save(positions({ rows: [] }));
        assert.deepEqual(await store.transfers.import(batch()), { orders: 1, fills: 0, snapshots: 1 });
        assert.deepEqual(await stored(store), {
          orders: [sighting({ ...imported, clientOrderId: 'i2' }), sighting({ clientOrderId: 'i1' })],
          fills: [fill({}, { tradeId: 'f1' })],
          positions: [positions({ rows: [] })],
          holdings: [holdings(imported)],
        });
        const [listed] = await store.transfers.listImports('u1');
        assert.deepEqual([listed?.orders, listed?.fills, listed?.snapshots], [1, 0, 1]);
      }));

    test('count rows that come twice in a batch once, and keep the first', () =>
      onStore(subject, async ({ store }) => {
        const twice = batch({
          orders: [sighting({ ...imported }), sighting({ ...imported, seenAtMs: 9 })],
          fills: [fill(imported), fill(imported, { price: 1 }), fill({ ...imported, account: 'second' })],
          snapshots: [positions(imported), positions({ ...imported, rows: [] })],
        });
        assert.deepEqual(await store.transfers.import(twice), { orders: 1, fills: 2, snapshots: 1 });
        assert.deepEqual(await store.journal.sighting('u1', 'c1'), sighting(imported));
        assert.deepEqual(await store.journal.fills('u1', { limit: 10, account: 'main' }), [fill(imported)]);
        assert.deepEqual(await store.portfolio.latest(ACCOUNT, 'positions'), positions(imported));
      }));

    test('refuse an id that was used, and write nothing', () =>
      onStore(subject, async ({ store }) => {
        await store.transfers.import(batch(empty));
        await assertRefused(store.transfers.import(batch()), 'ALGO_STORE_CONFLICT', 'an import id that was used');
        assert.deepEqual(await stored(store), NOTHING);
        const ofAnother = batch({ ...empty, userId: 'u2' });
        assert.deepEqual(await store.transfers.import(ofAnother), { orders: 0, fills: 0, snapshots: 0 });
      }));

    test('refuse rows of another user or that no store could keep, and write nothing', () =>
      onStore(subject, async ({ store }) => {
        const broken: readonly Partial<ImportBatch>[] = [
          { orders: [...batch().orders, sighting({ ...imported, userId: 'u2' })] },
          { fills: [...batch().fills, fill({ ...imported, userId: 'u2' })] },
          { snapshots: [...batch().snapshots, positions({ ...imported, userId: 'u2' })] },
          { snapshots: [...batch().snapshots, positions({ ...imported, userId: 'u\udc00' })] },
        ];
        for (const changes of broken) {
          await assertRefused(store.transfers.import(batch(changes)), 'ALGO_INVALID_INPUT', 'a row of another user');
          assert.deepEqual(await stored(store), NOTHING);
          assert.deepEqual(await store.transfers.listImports('u1'), []);
          assert.deepEqual(await store.journal.orders('u2', { limit: 10 }), []);
        }
        assert.deepEqual(await store.transfers.import(batch()), { orders: 2, fills: 1, snapshots: 2 });
      }));

    test('are taken back exactly: their own rows, and nothing else', () =>
      onStore(subject, async ({ store }) => {
        const { journal, transfers } = store;
        await journal.saveSighting(sighting());
        await journal.addFills([fill()]);
        await store.portfolio.save(positions({ takenAtMs: 1 }));
        const before = await stored(store);
        await transfers.import(batch());
        const other = { importId: 'import-2' } as const;
        await transfers.import(batch({ ...empty, ...other, orders: [sighting({ ...other, clientOrderId: 'i3' })] }));
        await transfers.import(batch({ ...empty, userId: 'u2' }));

        assert.equal(await transfers.rollback('u1', 'import-9', entry({ action: 'no such import' })), null);
        assert.equal(await transfers.rollback('u3', 'import-1'), null);
        const counts = await transfers.rollback('u1', 'import-1', entry({ action: 'rollback' }));
        assert.deepEqual(counts, { orders: 2, fills: 1, snapshots: 2 });
        assert.equal(await transfers.rollback('u1', 'import-1'), null);
        const after = await stored(store);
        assert.deepEqual(after, { ...before, orders: [sighting({ ...other, clientOrderId: 'i3' }), sighting()] });
        assert.deepEqual(
          (await transfers.listImports('u1')).map(({ importId }) => importId),
          ['import-2'],
        );
        assert.equal((await transfers.listImports('u2')).length, 1);
        const said = await store.audit.list('u1', { limit: 10 });
        assert.deepEqual(
          said.map(({ action }) => action),
          ['rollback'],
        );
      }));

    test('leave an order behind that was seen at its broker since', () =>
      onStore(subject, async ({ store }) => {
        await store.transfers.import(batch());
        await store.journal.saveSighting(sighting({ clientOrderId: 'i1' }));
        const counts = await store.transfers.rollback('u1', 'import-1');
        assert.deepEqual(counts, { orders: 1, fills: 1, snapshots: 2 });
        assert.deepEqual(await store.journal.orders('u1', { limit: 10 }), [sighting({ clientOrderId: 'i1' })]);
      }));
  });
}
