import type { Store } from '@algo/core/store';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, attempt, credential, nthAttempt, sighting } from './rows.js';
import { testServer } from './server.js';

const server = testServer();

/** What happens to the next statement that has `text` in it: its link breaks before the server got it, or after. */
interface Fault {
  readonly text: string;
  readonly when: 'before' | 'after';
}

/** A store whose links break on demand, between the server and what it hears of it. */
async function openedWithFaults() {
  const faults: Fault[] = [];
  let meanwhile: () => Promise<unknown> = async () => undefined;
  class Lossy extends pg.Client {
    override query(...args: unknown[]): never {
      const [query] = args;
      const text = typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : '';
      const at = faults.findIndex((fault) => text.includes(fault.text));
      const [fault] = at === -1 ? [] : faults.splice(at, 1);
      const run = (): Promise<unknown> => Reflect.apply(super.query, this, args) as Promise<unknown>;
      return (fault === undefined ? run() : broken(fault, run)) as never;
    }
  }
  const broken = async ({ when }: Fault, run: () => Promise<unknown>): Promise<never> => {
    if (when === 'after') await run();
    await meanwhile();
    throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  };
  const pool = new pg.Pool({ connectionString: server.address(), Client: Lossy });
  const schema = server.newSchema();
  const store = await postgres({ pool, schema }).open();
  onTestFinished(async () => {
    await store.close();
    await pool.end();
  });
  return {
    store,
    schema,
    breakAt: (fault: Fault, then: () => Promise<unknown> = async () => undefined) => {
      faults.push(fault);
      meanwhile = then;
    },
  };
}

const move = { ...ACCOUNT, tag: attempt().tag, from: 'SUBMITTING', to: 'ACKNOWLEDGED', atMs: 7 } as const;
const inDoubt = { code: 'ALGO_STORE_FAILED', details: { why: expect.stringContaining('not known whether') } };
const stateOf = async ({ journal }: Store) => (await journal.byTag('u1', attempt().tag))?.state;

test.each(['before', 'after'] as const)(
  'an attempt whose answer was lost %s it was written is added, once',
  async (when) => {
    const { store, breakAt } = await openedWithFaults();
    breakAt({ text: '.attempts (', when });
    expect(await store.journal.add(attempt())).toStrictEqual({ kind: 'added' });
    expect(await store.journal.attemptsOf('u1', 'c1')).toStrictEqual([attempt()]);
  },
);

test('an attempt whose answer was lost exists when the row is not its own', async () => {
  const { store, breakAt } = await openedWithFaults();
  await store.journal.add(attempt());
  breakAt({ text: '.attempts (', when: 'after' });
  const twin = { ...attempt({ tag: 'TWIN' }) };
  expect(await store.journal.add(twin)).toStrictEqual({ kind: 'exists', row: attempt() });
});

test('an attempt whose answer was lost exists when somebody moved it since: then it must not be sent', async () => {
  const { store, breakAt, schema } = await openedWithFaults();
  breakAt({ text: '.attempts (', when: 'after' }, () => server.sql(`UPDATE attempts SET state = 'AMBIGUOUS'`, schema));
  expect(await store.journal.add(attempt())).toMatchObject({ kind: 'exists', row: { state: 'AMBIGUOUS' } });
});

test.each(['before', 'after'] as const)(
  'a move whose answer was lost %s it was written has happened, once',
  async (when) => {
    const { store, breakAt } = await openedWithFaults();
    await store.journal.add(attempt());
    breakAt({ text: 'UPDATE', when });
    expect(await store.journal.move(move)).toBe(true);
    expect(await store.journal.move(move)).toBe(false);
  },
);

test('a move whose answer was lost has not happened when somebody else moved the row elsewhere', async () => {
  const { store, breakAt, schema } = await openedWithFaults();
  await store.journal.add(attempt());
  breakAt({ text: 'UPDATE', when: 'before' }, () => server.sql(`UPDATE attempts SET state = 'AMBIGUOUS'`, schema));
  expect(await store.journal.move(move)).toBe(false);
  expect(await stateOf(store)).toBe('AMBIGUOUS');
});

test('a batch whose answer was lost is answered row by row', async () => {
  const { store, breakAt } = await openedWithFaults();
  await store.journal.add(attempt());
  breakAt({ text: '.attempts (', when: 'after' });
  const answers = await Promise.all([
    store.journal.add(nthAttempt(1)),
    store.journal.add(nthAttempt(2, { clientOrderId: 'c1' })),
    store.journal.move(move),
    store.journal.move({ ...move, tag: 'NONE' }),
    store.journal.saveSighting(sighting()),
  ]);
  expect(answers).toStrictEqual([
    { kind: 'added' },
    { kind: 'exists', row: expect.anything() },
    true,
    false,
    undefined,
  ]);
});

test('a claim whose answer was lost says that nobody knows, and what it took is not taken again', async () => {
  const { store, breakAt } = await openedWithFaults();
  await store.journal.add(attempt({ state: 'INTENT', sendByMs: null }));
  const claim = { kinds: ['place'], limit: 5, owner: store.owner, sendByMs: 2, atMs: 1 } as const;
  breakAt({ text: 'SKIP LOCKED', when: 'after' });
  await expect(store.journal.claimQueued(ACCOUNT, claim)).rejects.toMatchObject(inDoubt);
  expect(await store.journal.claimQueued(ACCOUNT, claim)).toStrictEqual([]);
  expect(await stateOf(store)).toBe('SUBMITTING');
});

test('any other write whose answer was lost says that nobody knows, and can be read again', async () => {
  const { store, breakAt } = await openedWithFaults();
  breakAt({ text: '.credentials (', when: 'after' });
  await expect(store.credentials.put(credential(), null)).rejects.toMatchObject(inDoubt);
  expect(await store.credentials.get(ACCOUNT)).toStrictEqual(credential());
  expect(await store.credentials.put(credential(), null)).toBe(false);

  breakAt({ text: 'COMMIT', when: 'before' });
  const rows = { orders: [], fills: [], snapshots: [] };
  await expect(
    store.transfers.import({ userId: 'u1', importId: 'i', source: 'x', atMs: 1, ...rows }),
  ).rejects.toMatchObject(inDoubt);
  expect(await store.transfers.listImports('u1')).toStrictEqual([]);
});

test('a read whose link broke is made again', async () => {
  const { store, breakAt } = await openedWithFaults();
  await store.credentials.put(credential(), null);
  breakAt({ text: 'SELECT user_id, broker', when: 'before' });
  expect(await store.credentials.get(ACCOUNT)).toStrictEqual(credential());
});
