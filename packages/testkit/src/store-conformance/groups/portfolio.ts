import assert from 'node:assert/strict';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, holdings, positions } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';

export function portfolioGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('portfolio snapshots', () => {
    test('come back as they were saved, the latest first', () =>
      onStore(subject, async ({ store: { portfolio } }) => {
        assert.equal(await portfolio.latest(ACCOUNT, 'positions'), null);
        for (const takenAtMs of [20, 30, 10]) await portfolio.save(positions({ takenAtMs }));
        await portfolio.save(holdings({ takenAtMs: 40 }));
        await portfolio.save(holdings({ takenAtMs: 50, rows: [] }));
        assert.deepEqual(await portfolio.latest(ACCOUNT, 'positions'), positions({ takenAtMs: 30 }));
        assert.deepEqual(await portfolio.latest(ACCOUNT, 'holdings'), holdings({ takenAtMs: 50, rows: [] }));
        assert.deepEqual(
          await portfolio.list(ACCOUNT, 'positions', { limit: 10 }),
          [30, 20, 10].map((takenAtMs) => positions({ takenAtMs })),
        );
      }));

    test('replace one of the same account, kind and moment', () =>
      onStore(subject, async ({ store: { portfolio } }) => {
        await portfolio.save(positions());
        await portfolio.save(positions({ rows: [], importId: 'import-1' }));
        await portfolio.save(holdings());
        await portfolio.save(positions({ account: 'second' }));
        await portfolio.save(positions({ broker: 'angel' }));
        await portfolio.save(positions({ userId: 'u2' }));
        const stored = await portfolio.list(ACCOUNT, 'positions', { limit: 10 });
        assert.deepEqual(stored, [positions({ rows: [], importId: 'import-1' })]);
        assert.deepEqual(await portfolio.list(ACCOUNT, 'holdings', { limit: 10 }), [holdings()]);
        assert.deepEqual(
          await portfolio.latest({ ...ACCOUNT, userId: 'u2' }, 'positions'),
          positions({ userId: 'u2' }),
        );
      }));

    test('are listed from a moment on and before another, no more than asked for', () =>
      onStore(subject, async ({ store: { portfolio } }) => {
        for (const takenAtMs of [10, 20, 30, 40]) await portfolio.save(positions({ takenAtMs }));
        const moments = async (filter: Parameters<typeof portfolio.list>[2]) =>
          (await portfolio.list(ACCOUNT, 'positions', filter)).map(({ takenAtMs }) => takenAtMs);
        assert.deepEqual(await moments({ limit: 10, fromMs: 20, toMs: 40 }), [30, 20]);
        assert.deepEqual(await moments({ limit: 10, fromMs: 30 }), [40, 30]);
        assert.deepEqual(await moments({ limit: 10, toMs: 30 }), [20, 10]);
        assert.deepEqual(await moments({ limit: 2 }), [40, 30]);
        assert.deepEqual(await moments({ limit: 1, toMs: 30 }), [20]);
        assert.deepEqual(await moments({ limit: 10, fromMs: 41 }), []);
      }));

    test('before a moment are deleted, of that account and kind alone', () =>
      onStore(subject, async ({ store: { portfolio } }) => {
        for (const takenAtMs of [10, 20, 30]) await portfolio.save(positions({ takenAtMs }));
        await portfolio.save(holdings({ takenAtMs: 10 }));
        await portfolio.save(positions({ takenAtMs: 10, account: 'second' }));
        assert.equal(await portfolio.delete({ ...ACCOUNT, userId: 'u2' }, 'positions', 99), 0);
        assert.equal(await portfolio.delete(ACCOUNT, 'positions', 20), 1);
        assert.equal(await portfolio.delete(ACCOUNT, 'positions', 20), 0);
        const left = await portfolio.list(ACCOUNT, 'positions', { limit: 10 });
        assert.deepEqual(
          left.map(({ takenAtMs }) => takenAtMs),
          [30, 20],
        );
        assert.ok(await portfolio.latest(ACCOUNT, 'holdings'));
        assert.ok(await portfolio.latest({ ...ACCOUNT, account: 'second' }, 'positions'));
      }));
  });
}
