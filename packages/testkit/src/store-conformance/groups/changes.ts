import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Store, StoreChange } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, configuration, credential, entry, session } from '../rows.js';
import { assertRefused, eventually, onStore } from '../stage.js';
import type { StoreStage } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const WITHIN_MS = 1_000;
const LEASE = { userId: 'u1', name: 'session/dhan/main' } as const;

export function changesGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('changes', () => {
    test('of credentials, sessions and configuration are heard by who else has the data open', () =>
      onListening(subject, async ({ store }, told) => {
        await store.credentials.put(credential(), null);
        await told({ kind: 'credentials', key: ACCOUNT });
        await store.credentials.delete(ACCOUNT);
        await told({ kind: 'credentials', key: ACCOUNT });
        await store.sessions.put(session(), null);
        await told({ kind: 'session', key: ACCOUNT });
        await store.sessions.delete(ACCOUNT, 1);
        await told({ kind: 'session', key: ACCOUNT });
        await store.configuration.put(configuration(), null);
        await told({ kind: 'configuration', userId: 'u1', name: 'broker/dhan' });
        await store.configuration.delete('u1', 'broker/dhan', entry());
        await told({ kind: 'configuration', userId: 'u1', name: 'broker/dhan' });
      }));

    test('of a lease are heard when it is released', () =>
      onListening(subject, async ({ store }, told) => {
        const lease = await store.leases.acquire(LEASE, 'process-1', 600_000);
        assert.ok(lease);
        await store.leases.release(lease);
        await told({ kind: 'lease', ...LEASE });
      }));

    test('are heard when a broker is removed or a user’s rows change hands', () =>
      onListening(subject, async ({ store }, told) => {
        await store.credentials.put(credential(), null);
        await told({ kind: 'credentials', key: ACCOUNT });
        await store.sessions.put(session(), null);
        await told({ kind: 'session', key: ACCOUNT });
        await store.transfers.reassign('u1', 'u2', [credential({ userId: 'u2' })], []);
        await told({ kind: 'session', key: ACCOUNT }, { kind: 'credentials', key: ACCOUNT });
        await store.sessions.put(session({ userId: 'u2' }), null);
        const key = { ...ACCOUNT, userId: 'u2' };
        await told({ kind: 'session', key });
        await store.removeBroker('u2', 'dhan', { dryRun: false });
        await told({ kind: 'session', key }, { kind: 'credentials', key });
      }));

    test('are heard by every listener until it unsubscribes', () =>
      onShared(subject, async ({ store, openAnother }) => {
        const another = await openAnother();
        const heard: string[] = [];
        const unsubscribe = another.onChange(() => heard.push('first'));
        another.onChange(() => heard.push('second'));
        await store.credentials.put(credential(), null);
        await eventually('both listeners hear of it', WITHIN_MS, () => new Set(heard).size === 2);
        unsubscribe();
        const before = heard.filter((who) => who === 'first').length;
        const others = heard.length - before;
        await store.credentials.put(credential({ version: 2 }), 1);
        await eventually(
          'the second hears of it',
          WITHIN_MS,
          () => heard.filter((who) => who === 'second').length > others,
        );
        assert.equal(heard.filter((who) => who === 'first').length, before);
      }));

    test('that were not made are not told', () =>
      onShared(subject, async ({ store, openAnother }) => {
        const heard: StoreChange[] = [];
        const another = await openAnother();
        another.onChange((change) => void heard.push(change));
        await store.credentials.put(credential({ version: 2 }), 1); // a conflict
        await store.sessions.delete(ACCOUNT); // there is none
        await store.configuration.put(configuration(), null);
        await eventually('the last one is heard', WITHIN_MS, () => heard.length > 0);
        assert.deepEqual(heard, [{ kind: 'configuration', userId: 'u1', name: 'broker/dhan' }]);
      }));
  });
}

/** Fails unless the other store hears of each of these since the last call. "Anything may have changed" covers them all. */
type Told = (...changes: readonly StoreChange[]) => Promise<void>;

const onListening = (subject: StoreSubject, run: (stage: StoreStage, told: Told) => Promise<void>): Promise<void> =>
  onShared(subject, async (stage) => {
    const heard = listen(await stage.openAnother());
    await run(stage, async (...changes) => {
      for (const change of changes) {
        await eventually(`${change.kind} is heard of`, WITHIN_MS, () => heard.some((each) => covers(each, change)));
      }
      heard.splice(0);
    });
  });

/** Where the place is not shared there is nobody to tell: then a second opening has to be refused. */
const onShared = (subject: StoreSubject, run: (stage: StoreStage) => Promise<void>): Promise<void> =>
  onStore(subject, (stage) =>
    stage.place.shared ? run(stage) : assertRefused(stage.openAnother(), 'ALGO_STORE_IN_USE', 'a second opening'),
  );

function listen(store: Store): StoreChange[] {
  const heard: StoreChange[] = [];
  store.onChange((change) => void heard.push(change));
  return heard;
}

const covers = (heard: StoreChange, change: StoreChange): boolean =>
  heard.kind === 'everything' || isDeepStrictEqual(heard, change);
