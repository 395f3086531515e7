import assert from 'node:assert/strict';
import type { InstrumentStore, SymbolToken } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { AT_MS, listed, master } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';

export function instrumentsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('instruments', () => {
    test('are found by contract and by the broker’s id, by any user', () =>
      onStore(subject, async ({ store: { instruments } }) => {
        const rows = [listed(1), listed(2, { isin: 'INE1', freezeQuantity: 1_800, lotSize: 75, tick: 5 })];
        assert.equal(await instruments.replace('u1', 'dhan', master(rows)), 2);
        for (const userId of ['u1', 'u2']) {
          for (const row of rows) {
            assert.deepEqual(await instruments.byInstrument(userId, 'dhan', row.instrument), row);
            assert.deepEqual(await instruments.byToken(userId, 'dhan', row.segment, row.token), row);
          }
          assert.equal(await instruments.byInstrument(userId, 'dhan', 'NSE:NONE'), null);
          assert.equal(await instruments.byToken(userId, 'dhan', 'BSE_EQ', listed(1).token), null);
          assert.equal(await instruments.byInstrument(userId, 'angel', listed(1).instrument), null);
        }
      }));

    test('take the place of all that the broker had, and of no other broker’s', () =>
      onStore(subject, async ({ store: { instruments } }) => {
        await instruments.replace('u1', 'dhan', master([listed(1), listed(2), listed(3)]));
        await instruments.replace('u1', 'angel', master([listed(1)]));
        const second = master([listed(4), listed(2, { token: '77' })], {
          source: 'b/second.csv',
          loadedAtMs: AT_MS + 1,
        });
        assert.equal(await instruments.replace('u2', 'dhan', second), 2);
        assert.deepEqual(await allOf(instruments, 'dhan'), [listed(4), listed(2, { token: '77' })]);
        assert.equal(await instruments.byInstrument('u1', 'dhan', listed(1).instrument), null);
        assert.equal(await instruments.byToken('u1', 'dhan', listed(2).segment, listed(2).token), null);
        assert.deepEqual(await instruments.master('u1', 'dhan'), {
          rows: 2,
          source: 'b/second.csv',
          loadedAtMs: AT_MS + 1,
          loadedBy: 'u2',
        });
        assert.deepEqual(await allOf(instruments, 'angel'), [listed(1)]);
        assert.equal(await instruments.replace('u1', 'dhan', master([])), 0);
        assert.deepEqual(await allOf(instruments, 'dhan'), []);
        assert.equal((await instruments.master('u1', 'dhan'))?.rows, 0);
      }));

    test('that come twice are kept as they came first', () =>
      onStore(subject, async ({ store: { instruments } }) => {
        const rows = [
          listed(1),
          listed(1, { token: '77' }), // the same contract
          listed(2, { token: listed(1).token }), // the same id at the broker
          listed(2),
          listed(3, { segment: 'BSE_EQ', token: listed(1).token }), // the same id in another segment
        ];
        assert.equal(await instruments.replace('u1', 'dhan', master(rows)), 3);
        assert.deepEqual(await allOf(instruments, 'dhan'), [rows[0], rows[3], rows[4]]);
        assert.equal((await instruments.master('u1', 'dhan'))?.rows, 3);
      }));

    test('stay as they were when reading the new ones fails midway', () =>
      onStore(subject, async ({ store: { instruments } }) => {
        await instruments.replace('u1', 'dhan', master([listed(1), listed(2)]));
        const before = await instruments.master('u1', 'dhan');
        await assert.rejects(instruments.replace('u1', 'dhan', master(brokenAfter(5_000), { source: 'broken' })));
        assert.deepEqual(await allOf(instruments, 'dhan'), [listed(1), listed(2)]);
        assert.deepEqual(await instruments.master('u1', 'dhan'), before);
        assert.equal(await instruments.replace('u1', 'dhan', master([listed(9)])), 1, 'it works again');
      }));

    test('come in pages, in the order they were handed in', () =>
      onStore(subject, async ({ store: { instruments } }) => {
        const rows = Array.from({ length: 2_500 }, (_, index) => listed((index * 7_919) % 2_500));
        assert.equal(await instruments.replace('u1', 'dhan', master(rows)), 2_500);
        const pages = await Promise.all(
          [0, 1_000, 2_000, 2_500].map((after) => instruments.page('u2', 'dhan', after, 1_000)),
        );
        assert.deepEqual(
          pages.map(({ length }) => length),
          [1_000, 1_000, 500, 0],
        );
        assert.deepEqual(pages.flat(), rows);
        assert.deepEqual(await instruments.page('u1', 'angel', 0, 10), []);
      }));

    test('of a broker are deleted with its master', () =>
      onStore(subject, async ({ store: { instruments } }) => {
        await instruments.replace('u1', 'dhan', master([listed(1), listed(2)]));
        await instruments.replace('u1', 'angel', master([listed(1)]));
        assert.equal(await instruments.deleteBroker('u1', 'dhan'), 2);
        assert.equal(await instruments.deleteBroker('u1', 'dhan'), 0);
        assert.equal(await instruments.master('u1', 'dhan'), null);
        assert.deepEqual(await allOf(instruments, 'dhan'), []);
        assert.equal(await instruments.byInstrument('u1', 'dhan', listed(1).instrument), null);
        assert.equal((await instruments.master('u1', 'angel'))?.rows, 1);
      }));
  });
}

const allOf = (instruments: InstrumentStore, broker: string): Promise<readonly SymbolToken[]> =>
  instruments.page('u1', broker, 0, 10_000);

function* brokenAfter(rows: number): Generator<SymbolToken> {
  for (let index = 0; index < rows; index += 1) yield listed(10 + index);
  throw new Error('the file ends in the middle of a row');
}
