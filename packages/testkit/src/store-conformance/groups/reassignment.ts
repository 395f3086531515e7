import assert from 'node:assert/strict';
import type { CredentialRecord, Store } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { attempt, configuration, credential, entry, fill, nthAttempt, positions, session, sighting } from '../rows.js';
import { assertRefused, onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';
import { expected, IMPORT_ID, NOTHING, read, write } from '../user-data.js';

const FROM = { userId: 'default', tag: 'TAG000000000001' } as const;
const TO = { userId: 'u2', tag: FROM.tag } as const;
const THIRD = { userId: 'u3', tag: 'TAG000000000003' } as const;

/** The credential of `FROM`, sealed again for `TO`. */
const resealed = (changes: Partial<CredentialRecord> = {}): CredentialRecord =>
  credential({ userId: TO.userId, sealed: new Uint8Array([7, 7, 7]), ...changes });

const reassigned = (store: Store, credentials: readonly CredentialRecord[] = [resealed()], to: string = TO.userId) =>
  store.transfers.reassign(FROM.userId, to, credentials, [
    entry({ userId: FROM.userId, action: 'handed over' }),
    entry({ userId: TO.userId, action: 'taken over' }),
  ]);

export function reassignmentGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('a user whose rows are reassigned', () => {
    test('hands over everything, and nothing of a third user', () =>
      onStore(subject, async ({ store }) => {
        const lease = await write(store, FROM);
        await write(store, THIRD);
        const counts = { attempts: 1, orders: 2, fills: 2, snapshots: 3, configuration: 1, credentials: 1 };
        assert.deepEqual(await reassigned(store), counts);

        const own = expected(TO);
        const took = entry({ userId: TO.userId, action: 'taken over' });
        assert.deepEqual(await read(store, TO), {
          ...own,
          credential: resealed(),
          session: null,
          sessions: [],
          lease: null,
          audit: [took],
        });
        const audit = [entry({ userId: FROM.userId, action: 'handed over' }), entry({ userId: FROM.userId })];
        const held = { owner: lease.owner, epoch: lease.epoch };
        assert.deepEqual(await read(store, FROM), { ...NOTHING, audit, lease: held });
        assert.deepEqual(await read(store, THIRD), expected(THIRD));
      }));

    test('hands over what can be worked on: moved, deleted, rolled back, and no longer by whom it was', () =>
      onStore(subject, async ({ store: { journal, transfers }, store }) => {
        await write(store, FROM);
        await reassigned(store);
        const { tag } = FROM;
        const move = { tag, from: 'ACKNOWLEDGED', to: 'FOUND', atMs: 1 } as const;
        assert.equal(await journal.move({ ...move, userId: FROM.userId }), false);
        assert.equal(await journal.move({ ...move, userId: TO.userId }), true);
        assert.equal(await transfers.rollback(FROM.userId, IMPORT_ID), null);
        assert.deepEqual(await transfers.rollback(TO.userId, IMPORT_ID), { orders: 1, fills: 1, snapshots: 1 });
        const again = attempt({ tag: 'T9', userId: TO.userId });
        assert.equal((await journal.add(again)).kind, 'exists', 'the client order id is used up');
        await assertRefused(journal.add(nthAttempt(9, { tag })), 'ALGO_STORE_CONFLICT', 'a tag that is taken');
      }));

    test('keeps all of it when the credentials are not exactly those it has', () =>
      onStore(subject, async ({ store }) => {
        await write(store, FROM);
        const wrong: Readonly<Record<string, readonly CredentialRecord[]>> = {
          'one is missing': [],
          'one is of another version': [resealed({ version: 2 })],
          'one is of another account': [resealed({ account: 'second' })],
          'one too many': [resealed(), resealed({ account: 'second' })],
        };
        for (const [what, credentials] of Object.entries(wrong)) {
          await assertRefused(reassigned(store, credentials), 'ALGO_STORE_CONFLICT', what);
        }
        assert.deepEqual(await read(store, FROM), expected(FROM));
        assert.deepEqual(await read(store, TO), NOTHING);
      }));

    test('keeps all of it while an order is under way', () =>
      onStore(subject, async ({ store }) => {
        const states = ['INTENT', 'SUBMITTING', 'AMBIGUOUS', 'UNRESOLVED'] as const;
        for (const [index, state] of states.entries()) {
          const row = nthAttempt(index, { userId: FROM.userId, state });
          await store.journal.add(row);
          await assertRefused(reassigned(store, []), 'ALGO_STORE_CONFLICT', `an attempt that is ${state}`);
          assert.deepEqual(await store.journal.byTag(FROM.userId, row.tag), row);
          await store.journal.move({ userId: FROM.userId, tag: row.tag, from: state, to: 'NOT_SENT', atMs: 1 });
        }
        assert.equal((await reassigned(store, [])).attempts, states.length);
      }));

    test('keeps all of it when the other user has anything already', () =>
      onStore(subject, async ({ store }) => {
        await write(store, FROM);
        const { userId } = TO;
        const hers: Readonly<Record<string, readonly [put: () => Promise<unknown>, take: () => Promise<unknown>]>> = {
          credential: [
            () => store.credentials.put(credential({ userId, account: 'second' }), null),
            () => store.credentials.delete({ ...credential({ userId, account: 'second' }) }),
          ],
          configuration: [
            () => store.configuration.put(configuration({ userId, name: 'routing' }), null),
            () => store.configuration.delete(userId, 'routing'),
          ],
          order: [
            () => store.journal.saveSighting(sighting({ userId, clientOrderId: 'c7' })),
            () => store.journal.deleteOrder(userId, 'c7'),
          ],
          fill: [
            () => store.journal.addFills([fill({ userId, clientOrderId: 'c7' }, { tradeId: 't7' })]),
            () => store.journal.deleteOrder(userId, 'c7'),
          ],
          snapshot: [
            () => store.portfolio.save(positions({ userId, takenAtMs: 7 })),
            () => store.portfolio.delete(positions({ userId }), 'positions', 8),
          ],
          import: [
            () =>
              store.transfers.import({
                userId,
                importId: 'import-7',
                source: 'orders.json',
                atMs: 1,
                orders: [],
                fills: [],
                snapshots: [],
              }),
            () => store.transfers.rollback(userId, 'import-7'),
          ],
          attempt: [() => store.journal.add(nthAttempt(7, { userId, state: 'REJECTED' })), async () => undefined],
        };
        for (const [what, [put, take]] of Object.entries(hers)) {
          await put();
          await assertRefused(reassigned(store), 'ALGO_STORE_CONFLICT', `the other user has a row: ${what}`);
          await take();
        }
        assert.deepEqual(await read(store, FROM), expected(FROM));
        assert.deepEqual(await store.audit.list(userId, { limit: 10 }), []);
        await assertRefused(reassigned(store, [resealed()], FROM.userId), 'ALGO_STORE_CONFLICT', 'to itself');
        assert.deepEqual(await read(store, FROM), expected(FROM));
      }));

    test('takes its sessions to nobody', () =>
      onStore(subject, async ({ store }) => {
        await store.credentials.put(credential({ userId: FROM.userId }), null);
        await store.sessions.put(session({ userId: FROM.userId }), null);
        await reassigned(store);
        assert.deepEqual(await store.sessions.list(FROM.userId), []);
        assert.deepEqual(await store.sessions.list(TO.userId), []);
        assert.deepEqual(await store.credentials.get({ ...resealed() }), resealed());
      }));
  });
}
