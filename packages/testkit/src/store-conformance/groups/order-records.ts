import assert from 'node:assert/strict';
import type { RecordFilter } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, attempt, fill, sighting } from '../rows.js';
import { assertRefused, onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

/** What was seen of orders at their brokers. */
export function orderRecordsGroup(runner: TestRunner, subject: StoreSubject): void {
  ordersGroup(runner, subject);
  fillsGroup(runner, subject);
}

function ordersGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('orders', () => {
    test('are kept as they were seen last', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.saveSighting(sighting());
        const last = sighting({ seenAtMs: 9 }, { status: 'FILLED', filledQuantity: 10, instrument: 'NSE:RELIANCE' });
        await journal.saveSighting(last);
        await journal.saveSighting(sighting({ userId: 'u2' }, { product: null, reason: 'RMS' }));

        assert.deepEqual(await journal.sighting('u1', 'c1'), last);
        assert.deepEqual(
          await journal.sighting('u2', 'c1'),
          sighting({ userId: 'u2' }, { product: null, reason: 'RMS' }),
        );
        assert.equal(await journal.sighting('u1', 'c2'), null);
      }));

    test('are listed for one user, newest first by when they were first stored', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const rows = [
          sighting({ clientOrderId: 'c1' }),
          sighting({ clientOrderId: 'c2', account: 'second', importId: 'import-1' }),
          sighting({ clientOrderId: 'c3', broker: 'angel' }),
          sighting({ clientOrderId: 'c4', userId: 'u2' }),
        ];
        for (const row of rows) await journal.saveSighting(row);
        await journal.saveSighting(sighting({ clientOrderId: 'c1', seenAtMs: 9 })); // seen again, stored before
        const ids = async (filter: RecordFilter) =>
          (await journal.orders('u1', filter)).map(({ clientOrderId }) => clientOrderId);

        assert.deepEqual(await ids({ limit: 10 }), ['c3', 'c2', 'c1']);
        assert.deepEqual(await ids({ limit: 2 }), ['c3', 'c2']);
        assert.deepEqual(await ids({ limit: 10, broker: 'dhan' }), ['c2', 'c1']);
        assert.deepEqual(await ids({ limit: 10, account: 'main' }), ['c3', 'c1']);
        assert.deepEqual(await ids({ limit: 10, broker: 'dhan', account: 'main' }), ['c1']);
        assert.deepEqual(await ids({ limit: 10, importId: 'import-1' }), ['c2']);
        assert.deepEqual(await ids({ limit: 10, importId: 'import-2' }), []);
        assert.deepEqual(await journal.orders('u1', { limit: 1, importId: 'import-1' }), [rows[1]]);
      }));

    test('are deleted with their fills, and their attempts stay', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(attempt());
        for (const clientOrderId of ['c1', 'c2']) {
          await journal.saveSighting(sighting({ clientOrderId }));
          await journal.addFills([fill({ clientOrderId }, { tradeId: `t-${clientOrderId}` })]);
        }
        await journal.saveSighting(sighting({ userId: 'u2' }));

        assert.equal(await journal.deleteOrder('u1', 'c9'), false);
        assert.equal(await journal.deleteOrder('u1', 'c1'), true);
        assert.equal(await journal.deleteOrder('u1', 'c1'), false);
        assert.equal(await journal.sighting('u1', 'c1'), null);
        assert.deepEqual(await journal.fills('u1', { limit: 10, clientOrderId: 'c1' }), []);
        assert.deepEqual(await journal.attemptsOf('u1', 'c1'), [attempt()]);
        assert.deepEqual(await journal.orders('u1', { limit: 10 }), [sighting({ clientOrderId: 'c2' })]);
        assert.equal((await journal.fills('u1', { limit: 10 })).length, 1);
        assert.deepEqual(await journal.sighting('u2', 'c1'), sighting({ userId: 'u2' }));
      }));

    test('are deleted when only a fill of them is known', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.addFills([fill()]);
        assert.equal(await journal.deleteOrder('u1', 'c1'), true);
        assert.deepEqual(await journal.fills('u1', { limit: 10 }), []);
      }));
  });
}

function fillsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('fills', () => {
    test('are written once, however often they are read', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const foreign = fill({ clientOrderId: null }, { tradeId: 't2', instrument: null, tradedAtMs: null });
        assert.equal(await journal.addFills([]), 0);
        assert.equal(await journal.addFills([fill(), fill(), foreign]), 2);
        assert.equal(await journal.addFills([fill({}, { price: 1 }), fill({}, { tradeId: 't3' })]), 1);
        const stored = await journal.fills('u1', { limit: 10 });
        assert.equal(stored.length, 3);
        assert.deepEqual(
          stored.find(({ trade }) => trade.tradeId === 't1'),
          fill(),
        );
        assert.deepEqual(
          stored.find(({ trade }) => trade.tradeId === 't2'),
          foreign,
        );
      }));

    test('are told apart by user, broker, account and fill id', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const rows = [
          fill(),
          fill({ broker: 'angel' }),
          fill({ account: 'second' }),
          fill({ userId: 'u2' }),
          fill({}, { tradeId: 't2' }),
        ];
        assert.equal(await journal.addFills(rows), 5);
        assert.equal((await journal.fills('u1', { limit: 10 })).length, 4);
        assert.deepEqual(await journal.fills('u2', { limit: 10 }), [fill({ userId: 'u2' })]);
      }));

    test('are counted by one of several who write them at once', () =>
      onStore(subject, async (stage) => {
        const [one, other] = await twoWays(stage);
        const batch = Array.from({ length: 30 }, (_, index) => fill({}, { tradeId: `t${index}` }));
        const counts = await Promise.all([one.journal.addFills(batch), other.journal.addFills(batch.toReversed())]);
        assert.equal(counts[0] + counts[1], 30);
        assert.equal((await one.journal.fills('u1', { limit: 100 })).length, 30);
      }));

    test('are listed newest first, those that were asked for', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const rows = [
          fill({}, { tradeId: 't1' }),
          fill({ clientOrderId: 'c2', broker: 'angel' }, { tradeId: 't2' }),
          fill({ account: 'second', importId: 'import-1' }, { tradeId: 't3' }),
        ];
        for (const row of rows) await journal.addFills([row]);
        const ids = async (filter: RecordFilter & { readonly clientOrderId?: string }) =>
          (await journal.fills('u1', filter)).map(({ trade }) => trade.tradeId);

        assert.deepEqual(await ids({ limit: 10 }), ['t3', 't2', 't1']);
        assert.deepEqual(await ids({ limit: 1 }), ['t3']);
        assert.deepEqual(await ids({ limit: 10, clientOrderId: 'c1' }), ['t3', 't1']);
        assert.deepEqual(await ids({ limit: 10, clientOrderId: 'c1', account: 'main' }), ['t1']);
        assert.deepEqual(await ids({ limit: 10, broker: 'angel' }), ['t2']);
        assert.deepEqual(await ids({ limit: 10, importId: 'import-1' }), ['t3']);
        assert.deepEqual(await journal.fills(ACCOUNT.userId, { limit: 1, importId: 'import-1' }), [rows[2]]);
      }));

    test('are written all or not at all', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const bad = fill({ userId: 'half \ud800' });
        await assertRefused(journal.addFills([fill(), bad]), 'ALGO_INVALID_INPUT', 'a fill of no user');
        assert.deepEqual(await journal.fills('u1', { limit: 10 }), []);
      }));
  });
}
