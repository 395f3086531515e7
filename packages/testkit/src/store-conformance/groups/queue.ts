import assert from 'node:assert/strict';
import type { QueueClaim } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, nthAttempt } from '../rows.js';
import { onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const claim = (changes: Partial<QueueClaim> = {}): QueueClaim => ({
  kinds: ['place', 'modify', 'cancel'],
  limit: 10,
  owner: 'process-2',
  sendByMs: 70,
  atMs: 60,
  ...changes,
});

const waiting = { state: 'INTENT', sendByMs: null } as const;

export function queueGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('queued attempts', () => {
    test('are claimed oldest first, and are then the caller’s', () =>
      onStore(subject, async ({ store: { journal } }) => {
        for (const index of [3, 1, 2]) await journal.add(nthAttempt(index, waiting));
        const taken = { state: 'SUBMITTING', owner: 'process-2', sendByMs: 70, updatedAtMs: 60 } as const;
        const claimed = await journal.claimQueued(ACCOUNT, claim({ limit: 2 }));
        assert.deepEqual(claimed, [nthAttempt(3, taken), nthAttempt(1, taken)]);
        for (const row of claimed) assert.deepEqual(await journal.byTag('u1', row.tag), row);
        assert.deepEqual(await journal.byTag('u1', nthAttempt(2).tag), nthAttempt(2, waiting));
        assert.deepEqual(await journal.claimQueued(ACCOUNT, claim()), [nthAttempt(2, taken)]);
        assert.deepEqual(await journal.claimQueued(ACCOUNT, claim()), []);
      }));

    test('are claimed only when they wait, of these kinds, for this account', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(nthAttempt(1));
        await journal.add(nthAttempt(2, { state: 'NOT_SENT' }));
        await journal.add(nthAttempt(3, { ...waiting, kind: 'cancel' }));
        await journal.add(nthAttempt(4, { ...waiting, account: 'second' }));
        await journal.add(nthAttempt(5, { ...waiting, broker: 'angel' }));
        await journal.add(nthAttempt(6, { ...waiting, userId: 'u2' }));
        await journal.add(nthAttempt(7, waiting));
        const tags = async (kinds: QueueClaim['kinds']) =>
          (await journal.claimQueued(ACCOUNT, claim({ kinds }))).map(({ clientOrderId }) => clientOrderId);
        assert.deepEqual(await tags([]), []);
        assert.deepEqual(await tags(['place', 'modify']), ['c7']);
        assert.deepEqual(await tags(['place', 'modify', 'cancel']), ['c3']);
        assert.equal((await journal.byTag('u2', nthAttempt(6).tag))?.state, 'INTENT');
      }));

    test('go to one of several callers each', () =>
      onStore(subject, async (stage) => {
        const [one, other] = await twoWays(stage);
        const all = Array.from({ length: 40 }, (_, index) => nthAttempt(index, waiting));
        for (const row of all) await one.journal.add(row);
        const claimed: string[] = [];
        for (let round = 0; round < 40 && claimed.length < all.length; round += 1) {
          const batches = await Promise.all([
            one.journal.claimQueued(ACCOUNT, claim({ limit: 3, owner: 'process-1' })),
            other.journal.claimQueued(ACCOUNT, claim({ limit: 3, owner: 'process-2' })),
          ]);
          for (const { tag } of batches.flat()) claimed.push(tag);
        }
        assert.deepEqual(claimed.toSorted(), all.map(({ tag }) => tag).sort());
      }));
  });
}
