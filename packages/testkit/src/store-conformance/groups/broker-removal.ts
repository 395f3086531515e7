import assert from 'node:assert/strict';
import type { Store } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { accountOf, attempt, credential, entry, listed, master, session } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const removed = { credentials: 2, sessions: 1, instruments: 3, instrumentsShared: false } as const;

/** Two accounts at one broker, one at another, and both brokers' instruments. */
async function twoBrokers({ credentials, sessions, instruments, journal }: Store): Promise<void> {
  await credentials.put(credential(), null);
  await credentials.put(credential({ account: 'second' }), null);
  await credentials.put(credential({ broker: 'angel' }), null);
  await sessions.put(session(), null);
  await sessions.put(session({ broker: 'angel' }), null);
  await instruments.replace('u1', 'dhan', master([listed(1), listed(2), listed(3)]));
  await instruments.replace('u1', 'angel', master([listed(1)]));
  await journal.add(attempt());
}

export function brokerRemovalGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('a broker that is removed', () => {
    test('is only counted in a dry run', () =>
      onStore(subject, async ({ store }) => {
        await twoBrokers(store);
        const options = { dryRun: true, audit: entry({ action: 'broker-removed' }) };
        assert.deepEqual(await store.removeBroker('u1', 'dhan', options), removed);
        assert.equal((await store.credentials.list('u1')).length, 3);
        assert.equal((await store.sessions.list('u1')).length, 2);
        assert.equal((await store.instruments.master('u1', 'dhan'))?.rows, 3);
        assert.deepEqual(await store.audit.list('u1', { limit: 10 }), []);
      }));

    test('loses its credentials, sessions and instruments; the journal and other brokers stay', () =>
      onStore(subject, async ({ store }) => {
        await twoBrokers(store);
        const options = { dryRun: false, audit: entry({ action: 'broker-removed' }) };
        assert.deepEqual(await store.removeBroker('u1', 'dhan', options), removed);
        assert.deepEqual(
          (await store.credentials.list('u1')).map(({ broker }) => broker),
          ['angel'],
        );
        assert.deepEqual(
          (await store.sessions.list('u1')).map(({ broker }) => broker),
          ['angel'],
        );
        assert.equal(await store.credentials.get(accountOf('u1')), null);
        assert.equal(await store.instruments.master('u1', 'dhan'), null);
        assert.deepEqual(await store.instruments.page('u1', 'dhan', 0, 10), []);
        assert.equal((await store.instruments.master('u1', 'angel'))?.rows, 1);
        assert.deepEqual(await store.journal.byTag('u1', attempt().tag), attempt());
        const said = await store.audit.list('u1', { limit: 10 });
        assert.deepEqual(
          said.map(({ action }) => action),
          ['broker-removed'],
        );
        const again = await store.removeBroker('u1', 'dhan', { dryRun: false });
        assert.deepEqual(again, { credentials: 0, sessions: 0, instruments: 0, instrumentsShared: false });
      }));

    test('keeps its instruments, and other users their rows, while another user has credentials there', () =>
      onStore(subject, async ({ store }) => {
        await twoBrokers(store);
        await store.credentials.put(credential({ userId: 'u2' }), null);
        await store.sessions.put(session({ userId: 'u2' }), null);
        const kept = { ...removed, instruments: 0, instrumentsShared: true };
        for (const dryRun of [true, false]) {
          assert.deepEqual(await store.removeBroker('u1', 'dhan', { dryRun }), kept);
          assert.equal((await store.instruments.master('u1', 'dhan'))?.rows, 3);
        }
        assert.deepEqual(await store.credentials.get(accountOf('u2')), credential({ userId: 'u2' }));
        assert.deepEqual(await store.sessions.get(accountOf('u2')), session({ userId: 'u2' }));
        const last = { credentials: 1, sessions: 1, instruments: 3, instrumentsShared: false };
        assert.deepEqual(await store.removeBroker('u2', 'dhan', { dryRun: false }), last);
      }));

    test('is known to be another user’s as well though no instruments are stored', () =>
      onStore(subject, async ({ store }) => {
        await store.credentials.put(credential(), null);
        await store.credentials.put(credential({ userId: 'u2' }), null);
        const removal = await store.removeBroker('u1', 'dhan', { dryRun: false });
        assert.deepEqual(removal, { credentials: 1, sessions: 0, instruments: 0, instrumentsShared: true });
      }));
  });
}
