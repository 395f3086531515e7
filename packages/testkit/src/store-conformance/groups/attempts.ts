import assert from 'node:assert/strict';
import type { AttemptState, OrderJournal } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, attempt, nthAttempt, sighting } from '../rows.js';
import { assertRefused, onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

/** The half of the journal that nobody can read again anywhere else. */
export function attemptsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('attempts', () => {
    test('come back as they were added', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const found = attempt({ state: 'FOUND', brokerOrderId: 'b1', detail: '{"why":"looked up"}', sendByMs: null });
        assert.deepEqual(await journal.add(found), { kind: 'added' });
        assert.deepEqual(await journal.byTag('u1', found.tag), found);
        assert.deepEqual(await journal.attemptsOf('u1', 'c1'), [found]);
        const old = nthAttempt(2, { owner: '' });
        await journal.add(old);
        assert.deepEqual(await journal.byTag('u1', old.tag), old);
      }));

    test('of the same number are answered with the first one', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(attempt());
        const second = await journal.add(attempt({ tag: 'OTHER', request: '{}', owner: 'process-2' }));
        assert.deepEqual(second, { kind: 'exists', row: attempt() });
        assert.equal(await journal.byTag('u1', 'OTHER'), null);
      }));

    test('of one client order id are added once, of however many at once', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, at) => stores[at % 2]?.journal.add(nthAttempt(at, { clientOrderId: 'c1' }))),
        );
        const added = results.findIndex((result) => result?.kind === 'added');
        assert.equal(results.filter((result) => result?.kind === 'added').length, 1);
        const [row] = await stage.store.journal.attemptsOf('u1', 'c1');
        assert.equal(row?.tag, nthAttempt(added).tag);
        for (const result of results) if (result?.kind === 'exists') assert.deepEqual(result.row, row);
      }));

    test('are kept apart by user, kind and number of one client order id', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const rows = [
          attempt(),
          attempt({ tag: 'T2', number: 2 }),
          attempt({ tag: 'T3', kind: 'modify' }),
          attempt({ tag: 'T4', kind: 'cancel' }),
        ];
        for (const row of rows) assert.deepEqual(await journal.add(row), { kind: 'added' });
        assert.deepEqual(await journal.add(attempt({ tag: 'T5', userId: 'u2' })), { kind: 'added' });
        assert.deepEqual(await journal.attemptsOf('u1', 'c1'), rows);
        assert.equal((await journal.attemptsOf('u2', 'c1')).length, 1);
        for (const row of rows) {
          assert.deepEqual(await journal.add({ ...row, tag: `again ${row.tag}` }), { kind: 'exists', row });
        }
      }));

    test('have a tag that is unique among all users', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(attempt());
        for (const userId of ['u1', 'u2']) {
          const taken = journal.add(attempt({ userId, clientOrderId: 'c2' }));
          await assertRefused(taken, 'ALGO_STORE_CONFLICT', 'a tag that is taken');
          assert.deepEqual(await journal.attemptsOf(userId, 'c2'), []);
        }
        assert.deepEqual(await journal.byTag('u1', attempt().tag), attempt());
      }));

    test('move only from the state they are in, and keep what a move leaves out', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(attempt({ state: 'INTENT', sendByMs: null }));
        const { tag, userId } = attempt();
        const claim = { tag, userId, from: 'INTENT', to: 'SUBMITTING', owner: 'process-2' } as const;
        assert.equal(await journal.move({ ...claim, sendByMs: 7, atMs: 1 }), true);
        assert.equal(await journal.move({ ...claim, owner: 'process-3', sendByMs: 8, atMs: 2 }), false);
        const lost = { tag, userId, from: 'SUBMITTING', to: 'AMBIGUOUS', detail: '{}', atMs: 3 } as const;
        assert.equal(await journal.move(lost), true);
        const found = { tag, userId, from: 'AMBIGUOUS', to: 'FOUND', brokerOrderId: 'b1', atMs: 4 } as const;
        assert.equal(await journal.move(found), true);
        assert.equal(await journal.move({ ...found, tag: 'NONE' }), false);

        const end = { state: 'FOUND', owner: 'process-2', sendByMs: 7, detail: '{}', brokerOrderId: 'b1' } as const;
        assert.deepEqual(await journal.byTag(userId, tag), attempt({ ...end, updatedAtMs: 4 }));
      }));

    test('let one of many claims through', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        await stage.store.journal.add(attempt({ state: 'INTENT' }));
        const { tag, userId } = attempt();
        const moved = await Promise.all(
          Array.from({ length: 20 }, (_, at) =>
            stores[at % 2]?.journal.move({ tag, userId, from: 'INTENT', to: 'SUBMITTING', owner: `p${at}`, atMs: 1 }),
          ),
        );
        assert.equal(moved.filter(Boolean).length, 1);
        assert.equal((await stage.store.journal.byTag(userId, tag))?.owner, `p${moved.indexOf(true)}`);
      }));

    test('of another user are neither moved nor shown', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(attempt());
        const { tag } = attempt();
        const move = { tag, userId: 'u2', from: 'SUBMITTING', to: 'REJECTED', atMs: 1 } as const;
        assert.equal(await journal.move(move), false);
        assert.equal(await journal.byTag('u2', tag), null);
        assert.deepEqual(await journal.attemptsOf('u2', 'c1'), []);
        assert.deepEqual(await journal.list('u2', { limit: 10 }), []);
        assert.deepEqual(await journal.inState({ ...ACCOUNT, userId: 'u2' }, ['SUBMITTING']), []);
        assert.deepEqual(await journal.byTag('u1', tag), attempt());
      }));

    test('in a state are found for one account, oldest first', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const states = ['SUBMITTING', 'INTENT', 'AMBIGUOUS', 'ACKNOWLEDGED', 'NOT_SENT', 'UNRESOLVED'] as const;
        for (const [index, state] of states.entries()) await journal.add(nthAttempt(9 - index, { state }));
        await journal.add(nthAttempt(20, { account: 'second' }));
        await journal.add(nthAttempt(21, { broker: 'angel' }));
        const found = async (...wanted: readonly AttemptState[]) =>
          (await journal.inState(ACCOUNT, wanted)).map(({ state }) => state);

        assert.deepEqual(await found('AMBIGUOUS', 'SUBMITTING'), ['SUBMITTING', 'AMBIGUOUS']);
        assert.deepEqual(await found('UNRESOLVED', 'INTENT'), ['INTENT', 'UNRESOLVED']);
        assert.deepEqual(await found('NOT_SENT', 'SUBMITTING'), ['SUBMITTING', 'NOT_SENT']);
        assert.deepEqual(await found('REJECTED'), []);
        assert.deepEqual(await found(), []);
        await journal.move({ userId: 'u1', tag: nthAttempt(9).tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 1 });
        assert.deepEqual(await found('SUBMITTING'), []);
        assert.deepEqual(await found('AMBIGUOUS', 'REJECTED'), ['REJECTED', 'AMBIGUOUS']);
      }));

    test('that place are listed for one user, newest first', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const days = ['2026-11-19', '2026-11-20', '2026-11-19', '2026-11-20'];
        for (const [index, tradingDay] of days.entries()) await journal.add(nthAttempt(index, { tradingDay }));
        await journal.add(nthAttempt(0, { tag: 'M', kind: 'modify' }));
        await journal.add(nthAttempt(7, { userId: 'u2' }));
        await journal.move({ userId: 'u1', tag: nthAttempt(0).tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 1 });
        const ids = async (filter: Parameters<OrderJournal['list']>[1]) =>
          (await journal.list('u1', filter)).map(({ clientOrderId }) => clientOrderId);

        assert.deepEqual(await ids({ limit: 10 }), ['c3', 'c2', 'c1', 'c0']);
        assert.deepEqual(await ids({ limit: 2 }), ['c3', 'c2']);
        assert.deepEqual(await ids({ tradingDay: '2026-11-19', limit: 10 }), ['c2', 'c0']);
        assert.deepEqual(await ids({ tradingDay: '2026-11-20', limit: 1 }), ['c3']);
        assert.deepEqual(await ids({ tradingDay: '2026-11-18', limit: 10 }), []);
      }));

    test('are read with every write that was asked for before', () =>
      onStore(subject, async ({ store: { journal } }) => {
        const { tag } = attempt();
        const added = journal.add(attempt());
        const moved = journal.move({ userId: 'u1', tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 5 });
        const seen = journal.saveSighting(sighting());

        assert.deepEqual(await journal.byTag('u1', tag), attempt({ state: 'REJECTED', updatedAtMs: 5 }));
        assert.deepEqual(await journal.sighting('u1', 'c1'), sighting());
        assert.deepEqual(await Promise.all([added, moved, seen]), [{ kind: 'added' }, true, undefined]);
      }));

    test('fail alone when many are added at once', () =>
      onStore(subject, async ({ store: { journal } }) => {
        await journal.add(attempt());
        const results = await Promise.allSettled([
          journal.add(nthAttempt(2)),
          journal.add(attempt({ clientOrderId: 'c3' })), // its tag is taken
          journal.add(nthAttempt(4)),
        ]);
        assert.deepEqual(
          results.map(({ status }) => status),
          ['fulfilled', 'rejected', 'fulfilled'],
        );
        const listed = await journal.list('u1', { limit: 10 });
        assert.deepEqual(listed.map(({ clientOrderId }) => clientOrderId).sort(), ['c1', 'c2', 'c4']);
      }));
  });
}
