import type { Store, StoreDefinition } from '@algo/core/store';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, attempt, credential, nthAttempt, session, sighting } from './rows.js';

/** What every store must do, whatever it is made of. `define` gives a new, empty store. */
export function expectStore(name: string, define: () => StoreDefinition): void {
  const open = async (): Promise<Store> => {
    const store = await define().open();
    onTestFinished(() => store.close());
    return store;
  };

  describe(`credentials of ${name}`, () => {
    test('come back as they were put', async () => {
      const { credentials } = await open();

      expect(await credentials.get(ACCOUNT)).toBeNull();
      expect(await credentials.put(credential())).toBe(true);
      expect(await credentials.get(ACCOUNT)).toStrictEqual(credential());
    });

    test('are written only over the version they were made from', async () => {
      const { credentials } = await open();

      expect(await credentials.put(credential({ version: 2 }))).toBe(false);
      expect(await credentials.put(credential())).toBe(true);
      expect(await credentials.put(credential({ fields: { clientId: 'other' } }))).toBe(false);
      expect(await credentials.put(credential({ version: 3 }))).toBe(false);
      expect(await credentials.put(credential({ version: 2, fields: {} }))).toBe(true);
      expect(await credentials.put(credential({ version: 2 }))).toBe(false);
      expect(await credentials.put(credential({ version: 0 }))).toBe(false);
      expect(await credentials.get(ACCOUNT)).toStrictEqual(credential({ version: 2, fields: {} }));
    });

    test('are won by one of many writers of the same version', async () => {
      const { credentials } = await open();
      const written = await Promise.all([1, 2, 3, 4].map((at) => credentials.put(credential({ updatedAtMs: at }))));
      expect(written.filter(Boolean)).toHaveLength(1);
    });

    test('are listed for their user alone, without what is sealed', async () => {
      const { credentials } = await open();
      await credentials.put(credential());
      await credentials.put(credential({ account: 'second' }));
      await credentials.put(credential({ userId: 'u2' }));

      const { sealed: _sealed, ...summary } = credential();
      expect(await credentials.list('u1')).toStrictEqual([summary, { ...summary, account: 'second' }]);
      expect(await credentials.list('u3')).toStrictEqual([]);
    });

    test('begin at version 1 again after they were deleted', async () => {
      const { credentials } = await open();
      await credentials.put(credential());
      await credentials.put(credential({ version: 2 }));

      expect(await credentials.delete({ ...ACCOUNT, userId: 'u2' })).toBe(false);
      expect(await credentials.delete(ACCOUNT)).toBe(true);
      expect(await credentials.delete(ACCOUNT)).toBe(false);
      expect(await credentials.put(credential({ version: 3 }))).toBe(false);
      expect(await credentials.put(credential())).toBe(true);
    });
  });

  describe(`sessions of ${name}`, () => {
    test('are compared and set on their version', async () => {
      const { sessions } = await open();

      expect(await sessions.get(ACCOUNT)).toBeNull();
      expect(await sessions.put(session())).toBe(true);
      expect(await sessions.put(session())).toBe(false);
      expect(await sessions.put(session({ version: 3 }))).toBe(false);
      expect(await sessions.put(session({ version: 2, expiresAtMs: 1_789_000_009_000 }))).toBe(true);
      expect(await sessions.get(ACCOUNT)).toStrictEqual(session({ version: 2, expiresAtMs: 1_789_000_009_000 }));
      expect(await sessions.put(session({ version: 2 }))).toBe(false);
      expect(await sessions.get({ ...ACCOUNT, broker: 'angel' })).toBeNull();
      expect(await sessions.delete(ACCOUNT)).toBe(true);
      expect(await sessions.delete(ACCOUNT)).toBe(false);
    });
  });

  describe(`order journal of ${name}`, () => {
    test('gives an attempt back as it was added', async () => {
      const { journal } = await open();
      const full = attempt({ state: 'FOUND', brokerOrderId: 'b1', detail: '{"why":"looked up"}', sendByMs: null });

      expect(await journal.add(full)).toStrictEqual({ kind: 'added' });
      expect(await journal.byTag('u1', full.tag)).toStrictEqual(full);
      expect(await journal.attemptsOf('u1', 'c1')).toStrictEqual([full]);
    });

    test('answers a second attempt of the same number with the first one', async () => {
      const { journal } = await open();
      await journal.add(attempt());

      expect(await journal.add(attempt({ tag: 'OTHER', request: '{}' }))).toStrictEqual({
        kind: 'exists',
        row: attempt(),
      });
      expect(await journal.byTag('u1', 'OTHER')).toBeNull();
    });

    test('keeps users, kinds and numbers of one client order id apart', async () => {
      const { journal } = await open();
      const rows = [
        attempt(),
        attempt({ tag: 'T2', number: 2 }),
        attempt({ tag: 'T3', kind: 'modify' }),
        attempt({ tag: 'T4', kind: 'cancel' }),
      ];
      for (const row of rows) expect(await journal.add(row)).toStrictEqual({ kind: 'added' });
      expect(await journal.add(attempt({ tag: 'T5', userId: 'u2' }))).toStrictEqual({ kind: 'added' });

      expect(await journal.attemptsOf('u1', 'c1')).toStrictEqual(rows);
      expect(await journal.attemptsOf('u2', 'c1')).toHaveLength(1);
      for (const row of rows) {
        expect(await journal.add({ ...row, tag: `again ${row.tag}` })).toStrictEqual({ kind: 'exists', row });
      }
    });

    test('moves a row only from the state it is in, and keeps what a move leaves out', async () => {
      const { journal } = await open();
      await journal.add(attempt({ state: 'INTENT', sendByMs: null }));
      const { tag, userId } = attempt();

      expect(await journal.move({ tag, userId, from: 'INTENT', to: 'SUBMITTING', sendByMs: 7, atMs: 1 })).toBe(true);
      expect(await journal.move({ tag, userId, from: 'INTENT', to: 'SUBMITTING', sendByMs: 8, atMs: 2 })).toBe(false);
      expect(await journal.move({ tag, userId, from: 'SUBMITTING', to: 'AMBIGUOUS', detail: '{}', atMs: 3 })).toBe(
        true,
      );
      expect(await journal.move({ tag, userId, from: 'AMBIGUOUS', to: 'FOUND', brokerOrderId: 'b1', atMs: 4 })).toBe(
        true,
      );

      const end = { state: 'FOUND', sendByMs: 7, detail: '{}', brokerOrderId: 'b1', updatedAtMs: 4 } as const;
      expect(await journal.byTag(userId, tag)).toStrictEqual(attempt(end));
    });

    test('lets one of many claims through', async () => {
      const { journal } = await open();
      await journal.add(attempt({ state: 'INTENT' }));
      const claim = { ...ACCOUNT, tag: attempt().tag, from: 'INTENT', to: 'SUBMITTING', atMs: 1 } as const;
      const claims = await Promise.all(Array.from({ length: 20 }, () => journal.move(claim)));
      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    test('neither moves nor shows a row of another user', async () => {
      const { journal } = await open();
      await journal.add(attempt());
      const { tag } = attempt();

      expect(await journal.move({ tag, userId: 'u2', from: 'SUBMITTING', to: 'REJECTED', atMs: 1 })).toBe(false);
      expect(await journal.byTag('u2', tag)).toBeNull();
      expect(await journal.attemptsOf('u2', 'c1')).toStrictEqual([]);
      expect(await journal.list('u2', { limit: 10 })).toStrictEqual([]);
      expect(await journal.inState({ ...ACCOUNT, userId: 'u2' }, ['SUBMITTING'])).toStrictEqual([]);
      expect(await journal.byTag('u1', tag)).toStrictEqual(attempt());
    });

    test('finds what is in a state, oldest first, for one account', async () => {
      const { journal } = await open();
      const states = ['SUBMITTING', 'INTENT', 'AMBIGUOUS', 'ACKNOWLEDGED', 'NOT_SENT', 'UNRESOLVED'] as const;
      for (const [index, state] of states.entries()) await journal.add(nthAttempt(9 - index, { state }));
      await journal.add(nthAttempt(20, { account: 'second' }));
      const found = async (...wanted: Parameters<typeof journal.inState>[1]) =>
        (await journal.inState(ACCOUNT, wanted)).map(({ state }) => state);

      expect(await found('AMBIGUOUS', 'SUBMITTING')).toStrictEqual(['SUBMITTING', 'AMBIGUOUS']);
      expect(await found('UNRESOLVED', 'INTENT')).toStrictEqual(['INTENT', 'UNRESOLVED']);
      expect(await found('NOT_SENT', 'SUBMITTING')).toStrictEqual(['SUBMITTING', 'NOT_SENT']);
      expect(await found('REJECTED')).toStrictEqual([]);
      expect(await found()).toStrictEqual([]);
      await journal.move({ ...ACCOUNT, tag: nthAttempt(9).tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 1 });
      expect(await found('SUBMITTING')).toStrictEqual([]);
    });

    test('lists the places of one user, newest first', async () => {
      const { journal } = await open();
      const days = ['2026-11-19', '2026-11-20', '2026-11-19', '2026-11-20'];
      for (const [index, tradingDay] of days.entries()) await journal.add(nthAttempt(index, { tradingDay }));
      await journal.add(nthAttempt(0, { tag: 'M', kind: 'modify' }));
      await journal.add(nthAttempt(7, { userId: 'u2' }));
      const ids = async (filter: Parameters<typeof journal.list>[1]) =>
        (await journal.list('u1', filter)).map(({ clientOrderId }) => clientOrderId);

      expect(await ids({ limit: 10 })).toStrictEqual(['c3', 'c2', 'c1', 'c0']);
      expect(await ids({ limit: 2 })).toStrictEqual(['c3', 'c2']);
      expect(await ids({ tradingDay: '2026-11-19', limit: 10 })).toStrictEqual(['c2', 'c0']);
      expect(await ids({ tradingDay: '2026-11-20', limit: 1 })).toStrictEqual(['c3']);
      expect(await ids({ tradingDay: '2026-11-18', limit: 10 })).toStrictEqual([]);
    });

    test('reads see every write asked for before them', async () => {
      const { journal } = await open();
      const added = journal.add(attempt());
      const moved = journal.move({ ...ACCOUNT, tag: attempt().tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 5 });
      const seen = journal.saveSighting(sighting());

      expect(await journal.byTag('u1', attempt().tag)).toMatchObject({ state: 'REJECTED', updatedAtMs: 5 });
      expect(await journal.sighting('u1', 'c1')).toStrictEqual(sighting());
      expect(await Promise.all([added, moved, seen])).toStrictEqual([{ kind: 'added' }, true, undefined]);
    });

    test('keeps the last sighting of an order', async () => {
      const { journal } = await open();
      await journal.saveSighting(sighting());
      const last = sighting({ seenAtMs: 9 }, { status: 'FILLED', filledQuantity: 10, instrument: 'NSE:RELIANCE' });
      await journal.saveSighting(last);
      await journal.saveSighting(sighting({ userId: 'u2' }, { product: null, reason: 'RMS' }));

      expect(await journal.sighting('u1', 'c1')).toStrictEqual(last);
      expect((await journal.sighting('u2', 'c1'))?.order).toMatchObject({ product: null, reason: 'RMS' });
      expect(await journal.sighting('u1', 'c2')).toBeNull();
    });

    test.each([
      ['quotes', `u'1"; DROP TABLE attempts; --`],
      ['a NUL', 'u1\0rest'],
      ['other scripts', 'उपयोगकर्ता-👩‍🚀'],
      ['10,000 characters', 'u'.repeat(10_000)],
      ['nothing', ''],
    ])('takes a user id with %s', async (_what, userId) => {
      const { credentials, journal, sessions } = await open();
      await credentials.put(credential({ userId }));
      await sessions.put(session({ userId }));
      await journal.add(attempt({ userId }));
      await journal.saveSighting(sighting({ userId }));
      await journal.add(attempt({ userId: 'u1', tag: 'OF-U1' }));

      expect(await credentials.get({ ...ACCOUNT, userId })).toStrictEqual(credential({ userId }));
      expect(await credentials.list(userId)).toHaveLength(1);
      expect(await sessions.get({ ...ACCOUNT, userId })).toStrictEqual(session({ userId }));
      expect(await journal.byTag(userId, attempt().tag)).toStrictEqual(attempt({ userId }));
      expect(await journal.list(userId, { limit: 10 })).toStrictEqual([attempt({ userId })]);
      expect(await journal.sighting(userId, 'c1')).toStrictEqual(sighting({ userId }));
      expect(await journal.list('u1', { limit: 10 })).toHaveLength(1);
    });
  });
}
