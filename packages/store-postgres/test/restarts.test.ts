import { setTimeout as pause } from 'node:timers/promises';
import { isAlgoError } from '@algo/core/store';
import type { Store } from '@algo/core/store';
import { describe, expect, test } from 'vitest';
import { changesOf, eventually, isFull, kindsOf, opened } from './opened.js';
import { ACCOUNT, attempt, credential, fill, listed, nthAttempt, session, sighting, snapshot } from './rows.js';
import { testServer } from './server.js';

const server = testServer();
const RESTARTS = isFull ? 200 : 10;

const isAdded = (store: Store, index: number): Promise<boolean> =>
  store.journal.byTag('u1', nthAttempt(index).tag).then((row) => row !== null);

describe('a server that restarts', () => {
  test('loses nothing that was acknowledged, and is not taken for one with older data', async () => {
    const store = await opened(server, server.newSchema());
    const heard = changesOf(store);
    const acknowledged: number[] = [];
    let next = 0;
    const stop = new AbortController();
    const place = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const index = next++;
        const result = await store.journal.add(nthAttempt(index)).catch((error: unknown) => error);
        if (isAlgoError(result)) {
          expect(result.code).toBe('ALGO_STORE_FAILED');
        } else {
          expect(result).toStrictEqual({ kind: 'added' });
          acknowledged.push(index);
        }
        await pause(1);
      }
    };
    const placing = Promise.all(Array.from({ length: 5 }, place));
    for (let round = 0; round < RESTARTS; round += 1) {
      const before = acknowledged.length;
      await (round % 3 === 2 ? server.kill() : server.stop());
      await server.start();
      await eventually('orders are written again', () => acknowledged.length > before + 5);
    }
    stop.abort();
    await placing;

    const found = new Set((await store.journal.list('u1', { limit: next })).map(({ clientOrderId }) => clientOrderId));
    expect(acknowledged.filter((index) => !found.has(`c${index}`))).toStrictEqual([]);
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    expect(kindsOf(heard)).toStrictEqual(new Set(['everything']));
  });

  test('is told of as a chance that anything changed, and other changes are heard again', async () => {
    const schema = server.newSchema();
    const [one, other] = [await opened(server, schema), await opened(server, schema)];
    const heard = changesOf(other);
    await server.stop();
    await server.start();
    await eventually('the link is back', () => kindsOf(heard).has('everything'));
    await one.credentials.put(credential(), null);
    await eventually('the change is heard', () => kindsOf(heard).has('credentials'));
  });

  test('leaves the living alive', async () => {
    const schema = server.newSchema();
    const [one, other] = [await opened(server, schema), await opened(server, schema)];
    const heard = changesOf(other);
    await server.stop();
    await server.start();
    expect(await one.isOwnerAlive(other.owner)).toBe(true);
    await eventually('the link is back', () => kindsOf(heard).has('everything'));
    await eventually('both are known to be alive when the grace is over', async () => {
      const [row] = await server.sql(`SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory'`);
      return row?.['held'] === 2;
    });
  });
});

describe('a server that comes back with older data', () => {
  test('is told of before anything is written to it, once, and never when the data is whole', async () => {
    const schema = server.newSchema();
    const store = await opened(server, schema);
    const fresh = await opened(server, schema);
    const order: string[] = [];
    store.onChange(({ kind }) => void (kind === 'journal-went-back' && order.push(kind)));
    const freshHeard = changesOf(fresh);

    await store.journal.add(nthAttempt(0));
    await server.stop();
    const copy = server.copyData();
    await server.start();
    await store.journal.add(nthAttempt(1));
    expect(order).toStrictEqual([]);

    await server.stop();
    server.putBack(copy);
    await server.start();
    const added = await store.journal.add(nthAttempt(2));
    order.push(added.kind);
    expect(order).toStrictEqual(['journal-went-back', 'added']);
    expect(await isAdded(store, 1)).toBe(false); // it is really gone

    await server.stop();
    await server.start();
    await store.journal.add(nthAttempt(3));
    expect(order).toStrictEqual(['journal-went-back', 'added']);
    await eventually('the other is back', () => kindsOf(freshHeard).has('everything'));
    expect(kindsOf(freshHeard)).toStrictEqual(new Set(['everything'])); // it had seen none of what is gone
  });

  test.each([
    ['is gone', 'DELETE FROM attempts'],
    ['is as it was before', 'UPDATE attempts SET position = position - 1'],
  ])('is noticed when the row written last %s, however far the others have come since', async (_what, older) => {
    const schema = server.newSchema();
    const store = await opened(server, schema);
    await store.journal.add(nthAttempt(0));
    const heard = changesOf(store);
    await server.sql(`SELECT setval('journal_position', 1000)`, schema);
    await server.sql(older, schema);
    await server.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
    await eventually('it is told', () => kindsOf(heard).has('journal-went-back'));
  });

  test('is noticed by who only read what is gone', async () => {
    const schema = server.newSchema();
    const [writer, reader] = [await opened(server, schema), await opened(server, schema)];
    await writer.journal.add(nthAttempt(0));
    await server.stop();
    const copy = server.copyData();
    await server.start();
    await writer.journal.add(nthAttempt(1));
    expect(await reader.journal.list('u1', { limit: 10 })).toHaveLength(2);
    const heard = changesOf(reader);
    await server.stop();
    server.putBack(copy);
    await server.start();
    await eventually('it is told', () => kindsOf(heard).has('journal-went-back'));
  });
});

describe('a server that is gone', () => {
  test('fails every call with a typed error, and every call works when it is back', async () => {
    const store = await opened(server, server.newSchema());
    const lease = await store.leases.acquire({ userId: 'u1', name: 'a' }, store.owner, 60_000);
    await store.journal.add(attempt());
    await server.stop();
    const errors = await Promise.all(Object.values(everyCall(store)).map((call) => call().then(() => null, identity)));
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'ALGO_STORE_FAILED', effect: 'none' });
      expect(JSON.stringify(error)).not.toMatch(/password|canary|SELECT|INSERT|127\.0\.0\.1/);
    }
    await server.start();
    for (const [name, call] of Object.entries(everyCall(store))) await expect(call(), name).resolves.not.toThrow();
    expect(await store.leases.get({ userId: 'u1', name: 'a' })).toMatchObject({ epoch: lease?.epoch });
    expect(await store.journal.attemptsOf('u1', 'c1')).toHaveLength(1);
    expect(await store.transfers.listImports('u1')).toHaveLength(1);
  });

  test('that is killed at any moment of an order leaves it whole or not there, and the answer true', async () => {
    const store = await opened(server, server.newSchema());
    for (let round = 0; round < (isFull ? 100 : 3); round += 1) {
      const order = nthAttempt(round);
      const road = (async () => {
        const added = await store.journal.add(order);
        const moved = await store.journal.move({
          ...ACCOUNT,
          tag: order.tag,
          from: 'SUBMITTING',
          to: 'REJECTED',
          atMs: 7,
        });
        return { added, moved };
      })().catch(identity);
      await pause(round % 4);
      await server.kill();
      await server.start();
      const answer = await road;
      const row = await store.journal.byTag('u1', order.tag);
      if (isAlgoError(answer)) expect(answer.code).toBe('ALGO_STORE_FAILED');
      else {
        expect(answer).toStrictEqual({ added: { kind: 'added' }, moved: true });
        expect(row).toMatchObject({ state: 'REJECTED', updatedAtMs: 7 });
      }
    }
  });
});

const identity = (error: unknown): unknown => error;

function everyCall(store: Store): Readonly<Record<string, () => Promise<unknown>>> {
  const move = { ...ACCOUNT, tag: attempt().tag, from: 'SUBMITTING', to: 'SUBMITTING', atMs: 1 } as const;
  const claim = { kinds: ['place'], limit: 1, owner: store.owner, sendByMs: 1, atMs: 1 } as const;
  const batch = { userId: 'u1', importId: 'i1', source: 'x', atMs: 1, orders: [], fills: [], snapshots: [] };
  return {
    'credentials.put': () => store.credentials.put(credential(), null),
    'credentials.get': () => store.credentials.get(ACCOUNT),
    'sessions.put': () => store.sessions.put(session(), null),
    'configuration.list': () => store.configuration.list('u1'),
    'journal.add': () => store.journal.add(attempt()),
    'journal.move': () => store.journal.move(move),
    'journal.saveSighting': () => store.journal.saveSighting(sighting()),
    'journal.addFills': () => store.journal.addFills([fill('t1')]),
    'journal.claimQueued': () => store.journal.claimQueued(ACCOUNT, claim),
    'journal.list': () => store.journal.list('u1', { limit: 1 }),
    'portfolio.save': () => store.portfolio.save(snapshot(1)),
    'instruments.replace': () =>
      store.instruments.replace('u1', 'dhan', { source: 'x', loadedAtMs: 1, rows: [listed(1)] }),
    'leases.get': () => store.leases.get({ userId: 'u1', name: 'a' }),
    'transfers.import': () => store.transfers.import(batch),
    'sealed.page': () => store.sealed.page(null, 10),
    isOwnerAlive: () => store.isOwnerAlive('0'.repeat(32)),
  };
}
