import type { ConnectionManager } from '@algo/core';
import type { BrokerCall, BrokerSession } from '@algo/core/adapter';
import { AlgoError } from '@algo/core/store';
import type { SessionRecord, Store } from '@algo/core/store';
import { describe, expect, test } from 'vitest';
import { place, seconds } from './processes-support.js';
import { FAKE, never, session, startAttack, until, within } from './support.js';
import type { Attack, AttackOptions } from './support.js';

const KEY = { userId: 'u1', ...FAKE };
const SESSION_LEASE = { userId: 'u1', name: 'session/fake/main' };
const HOUR_MS = 3_600_000;

const tokenOf = (call: BrokerCall): string => call.session.secrets['token']?.reveal() ?? '';
const refused = (): AlgoError => new AlgoError('ALGO_SESSION_EXPIRED', { broker: 'fake', brokerCode: null });
const failed = (): AlgoError => new AlgoError('ALGO_STORE_FAILED', { what: 'a write', why: 'the disk is full' });
const funds = (me: ConnectionManager): Promise<unknown> => me.connection().funds();
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** Wraps each process's store by its number. */
function wrapEach(change: (store: Store, at: number) => Partial<Store>): NonNullable<AttackOptions['store']> {
  let count = 0;
  return (store) => ({ ...store, ...change(store, count++) });
}

/** A broker that numbers its sessions and tells of each call which one it came with. */
function numbered(isGood: (number: number) => boolean = () => true): {
  readonly script: NonNullable<AttackOptions['script']>;
  readonly logIns: () => number;
} {
  let count = 0;
  return {
    logIns: () => count,
    script: () => ({
      logIn: async ({ fields }) => session(fields['clientId'] ?? '', `canary-number-${(count += 1)}`),
      funds: async (call) => {
        const available = Number(tokenOf(call).split('-').at(-1));
        if (!isGood(available)) throw refused();
        return { available } as never;
      },
    }),
  };
}

describe('a session that several processes share', () => {
  test('is not made again and again when the broker refuses each one, whoever made it', async () => {
    let good = true;
    const { script, logIns } = numbered();
    const first = await startAttack({
      script: (parts) => ({
        ...script(parts),
        placeOrder: async (command) =>
          good
            ? { kind: 'acknowledged', brokerOrderId: parts.exchange.accept(command) }
            : { kind: 'rejected', reason: 'session', brokerCode: null, brokerText: 'no session' },
      }),
    });
    const second = await first.again();
    good = false;
    for (let round = 0; round < 10; round += 1) {
      for (const [at, me] of [first.me, second.me].entries())
        await first.run(place(me, `c${round}-${at}`), { stepMs: 4 });
      await first.clock.advance(100);
    }

    expect(logIns()).toBeLessThanOrEqual(3);
    good = true;
    await seconds(first.clock, 60);
    expect(await first.run(place(second.me, 'c-good'))).toMatchObject({ kind: 'accepted' });
  });

  test('stays in the store when another process was answered for another account', async () => {
    let logIns = 0;
    const variables = (token: string) => ({ variables: { A: 'A', B: token }, userId: 'u1', account: 'main' });
    const first = await startAttack({
      algo: { environment: variables('token-of-mine') },
      script: () => ({
        logIn: async ({ fields, secrets }) => {
          logIns += 1;
          return session(fields['clientId'] ?? '', secrets['token']?.reveal() ?? '');
        },
        profile: async (call) => ({ clientId: tokenOf(call) === 'token-of-another' ? 'X' : 'A', name: null }) as never,
      }),
    });
    await first.me.credentials.delete('fake', 'main');
    await first.run(funds(first.me));
    const before = await first.store.sessions.get(KEY);
    logIns = 0;
    const second = first.beside({ environment: variables('token-of-another') });

    const error: unknown = await first.run(second.me.establishConnection(FAKE)).catch((thrown: unknown) => thrown);

    expect(codeOf(error)).toBe('ALGO_WRONG_ACCOUNT');
    expect(before).not.toBeNull();
    expect(await first.store.sessions.get(KEY)).toEqual(before);
    await first.run(funds(first.me));
    expect(logIns).toBe(1);
  });

  test('is the one of the process that took the turn from one that froze in the middle of its log-in', async () => {
    let count = 0;
    let slow = false;
    const first = await startAttack({
      store: wrapEach((store, at) =>
        at === 0 ? { leases: { ...store.leases, renew: () => Promise.reject(failed()) } } : {},
      ),
      script: ({ clock }) => {
        const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
        return {
          logIn: async ({ fields }) => {
            const number = (count += 1);
            if (slow && number === 2) await wait(9_000);
            return session(fields['clientId'] ?? '', `canary-number-${number}`);
          },
          profile: async (call) => {
            if (slow && tokenOf(call) === 'canary-number-2') await wait(9_500);
            return { clientId: 'A', name: null } as never;
          },
          funds: async (call) => {
            if (tokenOf(call) === 'canary-number-1') throw refused();
            return { available: tokenOf(call) } as never;
          },
        };
      },
    });
    const second = await first.again();
    slow = true;
    const slowRead = funds(first.me).catch(() => null);
    await until(() => count === 2); // it has the turn
    await seconds(first.clock, 10);
    const read = funds(second.me).catch(codeOf);
    await seconds(first.clock, 15);
    await first.run(Promise.all([slowRead, read]));

    expect(await first.run(funds(second.me))).toEqual({ available: 'canary-number-3' });
    expect(await first.run(funds(first.me))).toEqual({ available: 'canary-number-3' });
    expect(count).toBe(3);
  });

  test('is not left behind by a log-in under way when another process deleted the credentials', async () => {
    let release = (): void => undefined;
    let waits = false;
    const { script, logIns } = numbered((number) => number > 1);
    const first = await startAttack({
      script: (parts) => {
        const made = script(parts);
        return {
          ...made,
          logIn: async (credentials, call) => {
            const fresh = await made.logIn?.(credentials, call);
            if (waits) await new Promise<void>((resolve) => (release = resolve));
            return fresh as BrokerSession;
          },
        };
      },
    });
    const second = await first.again();
    waits = true;
    const read = funds(second.me).catch(codeOf);
    await first.clock.advance(100);
    expect(logIns()).toBe(2);
    await first.me.credentials.delete('fake', 'main');
    await first.clock.advance(10);
    release();

    expect(await first.run(read)).toBe('ALGO_NO_CREDENTIALS');
    expect(await first.store.sessions.get(KEY)).toBeNull();
  });

  test('ends for the process that logs out, and the others make their own', async () => {
    const { script, logIns } = numbered();
    const first = await startAttack({ script });
    const second = await first.again();
    await first.run(first.connection.logOut());

    expect(await first.run(funds(first.me).catch(codeOf))).toBe('ALGO_LOGIN_NEEDED');
    expect(await first.run(funds(second.me))).toEqual({ available: 2 });
    expect(await first.run(funds(first.me).catch(codeOf))).toBe('ALGO_LOGIN_NEEDED');
    expect(logIns()).toBe(2);
  });

  test('that was pasted and refused is tried again by no process for long', async () => {
    let count = 0;
    let good = true;
    const first = await startAttack({
      unattended: false,
      script: () => ({
        logIn: async ({ fields, secrets }) => {
          count += 1;
          return session(fields['clientId'] ?? '', secrets['token']?.reveal() ?? '');
        },
        funds: async () => {
          if (!good) throw refused();
          return { available: 1 } as never;
        },
      }),
    });
    const second = await first.again();
    good = false;
    for (let round = 0; round < 10; round += 1) {
      for (const me of [first.me, second.me]) {
        expect(await first.run(funds(me).catch(codeOf))).toMatch(/ALGO_SESSION_EXPIRED|ALGO_LOGIN_NEEDED/);
      }
    }
    expect(count).toBeLessThanOrEqual(2);
  });
});

/** A session that ends in twenty minutes and could be renewed. */
async function dueForRenewal(options: AttackOptions = {}): Promise<Attack & { readonly renewals: () => number }> {
  let renewals = 0;
  const attack = await startAttack({
    ...options,
    script: (parts) => ({
      logIn: async ({ fields }) => ({
        ...session(fields['clientId'] ?? '', 'canary-of-the-log-in'),
        expiresAtMs: parts.clock.now() + HOUR_MS,
        renewable: true,
      }),
      renew: async (call) => ({
        ...call.session,
        secrets: session('A', `canary-renewed-${(renewals += 1)}`).secrets,
        expiresAtMs: parts.clock.now() + 8 * HOUR_MS,
      }),
      funds: async (call) => ({ available: tokenOf(call) }) as never,
      ...options.script?.(parts),
    }),
  });
  attack.clock.jump(40 * 60_000); // alone: no timer falls due, so that nothing has renewed it yet
  return { ...attack, renewals: () => renewals };
}

describe('a session that is due for its renewal and still lives', () => {
  test('is used on while another process that stands still has the turn', async () => {
    const first = await dueForRenewal();
    await first.store.leases.acquire(SESSION_LEASE, 'one that stands still', HOUR_MS);

    expect(await within(first.clock, funds(first.me), 4_000)).toEqual({ available: 'canary-of-the-log-in' });
    expect(await within(first.clock, place(first.me, 'c1', 1_000), 1_500)).toMatchObject({ kind: 'accepted' });
    expect(first.renewals()).toBe(0);
  });

  test('is used on while the store gives no turns', async () => {
    let failing = false;
    const first = await dueForRenewal({
      store: (store) => ({
        ...store,
        leases: {
          ...store.leases,
          acquire: async (...given) => (failing ? Promise.reject(failed()) : store.leases.acquire(...given)),
        },
      }),
    });
    failing = true;
    expect(await within(first.clock, funds(first.me), 4_000)).toEqual({ available: 'canary-of-the-log-in' });
    failing = false;
    await seconds(first.clock, 61);
    expect(await first.run(funds(first.me))).toEqual({ available: 'canary-renewed-1' });
  });

  test('is not lost when the store takes its successor only at a second try', async () => {
    let failing = 0;
    const first = await dueForRenewal({
      store: (store) => ({
        ...store,
        sessions: {
          ...store.sessions,
          put: async (...given) => (failing-- > 0 ? Promise.reject(failed()) : store.sessions.put(...given)),
        },
      }),
    });
    failing = 1;
    expect(await first.run(funds(first.me))).toEqual({ available: 'canary-renewed-1' });
    await first.clock.advance(HOUR_MS);
    expect(await first.run(funds(first.me))).toEqual({ available: 'canary-renewed-1' });
    expect(first.renewals()).toBe(1);
  });

  test('is renewed once by processes that all find it due', async () => {
    const first = await dueForRenewal();
    const others = [await first.again(), await first.again()];
    const all = [first.me, ...others.map(({ me }) => me)];
    const reads = await first.run(Promise.all(all.map(funds)), { stepMs: 50 });

    expect(first.renewals()).toBe(1);
    expect(reads).toEqual(all.map(() => ({ available: 'canary-renewed-1' })));
  });
});

describe('a store that fails', () => {
  test('to take a session away does not make a refused one come back', async () => {
    let failing = false;
    const { script, logIns } = numbered((number) => number > 1);
    const first = await startAttack({
      script,
      store: (store) => ({
        ...store,
        sessions: {
          ...store.sessions,
          delete: async (...given) => (failing ? Promise.reject(failed()) : store.sessions.delete(...given)),
        },
      }),
    });
    failing = true;
    await first.run(funds(first.me).catch(() => null));

    expect(await first.run(funds(first.me))).toEqual({ available: 2 });
    expect(logIns()).toBe(2);
  });

  test('to take a new session does not cost a log-in for every call', async () => {
    let failing = false;
    const { script, logIns } = numbered((number) => number > 1);
    const first = await startAttack({
      script,
      store: (store) => ({
        ...store,
        sessions: {
          ...store.sessions,
          put: async (...given) => (failing ? Promise.reject(failed()) : store.sessions.put(...given)),
        },
      }),
    });
    failing = true;
    for (let round = 0; round < 10; round += 1) {
      await first.run(funds(first.me).catch(() => null));
      await seconds(first.clock, 10);
    }
    expect(logIns()).toBe(2);
    failing = false;
    await first.clock.advance(400_000); // long enough to be read again
    expect(await first.run(funds(first.me))).toEqual({ available: 2 });
    expect(logIns()).toBe(2);
    expect(await first.store.sessions.get(KEY)).not.toBeNull();
  });

  test('to answer keeps no cancel from going with the session that is in memory', async () => {
    let hanging = false;
    const first = await startAttack({
      store: (store) => ({
        ...store,
        sessions: {
          ...store.sessions,
          get: (key): Promise<SessionRecord | null> => (hanging ? never() : store.sessions.get(key)),
        },
      }),
    });
    await first.run(place(first.me, 'c1'));
    await first.clock.advance(400_000); // longer than a session is used without being read again
    hanging = true;

    const cancel = within(first.clock, first.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 3_000 }), 3_500);
    expect(await cancel).toMatchObject({ kind: 'accepted' });
  });

  test('to give a turn back keeps nobody from calling', async () => {
    let failing = false;
    const { script } = numbered((number) => number > 1);
    const first = await startAttack({
      script,
      store: (store) => ({
        ...store,
        leases: {
          ...store.leases,
          release: (lease) => (failing ? Promise.reject(failed()) : store.leases.release(lease)),
        },
      }),
    });
    failing = true;
    expect(await within(first.clock, funds(first.me), 2_000)).toEqual({ available: 2 });
  });
});

describe('an account whose session serves one process', () => {
  test('lends it to no process that does not have the account', async () => {
    const cancels: string[] = [];
    const first = await startAttack({
      oneProcess: true,
      script: () => ({
        cancelOrder: async ({ brokerOrderId }, call) => {
          cancels.push(tokenOf(call));
          return { kind: 'acknowledged', brokerOrderId };
        },
        funds: async (call) => ({ available: tokenOf(call) }) as never,
      }),
    });
    await first.run(place(first.me, 'c1'));
    const second = first.beside();
    const error: unknown = await first.run(second.me.establishConnection(FAKE)).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('ALGO_CONNECTION_OWNED');

    expect(await first.run(funds(second.me).catch(codeOf))).toBe('ALGO_LOGIN_NEEDED');
    const cancel = await first.run(second.me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 500 }), { stepMs: 20 });
    expect(cancel).toMatchObject({ kind: 'not-sent' });
    expect(cancels).toEqual([]);
    expect(first.connection.state.status).toBe('connected');
  });

  test('is not used by the process that lost it, also after it asked for it again in vain', async () => {
    let frozen = false;
    const first = await startAttack({
      oneProcess: true,
      store: wrapEach((store, at) =>
        at > 0
          ? {}
          : {
              leases: {
                ...store.leases,
                renew: async (...given) => (frozen ? Promise.reject(failed()) : store.leases.renew(...given)),
              },
            },
      ),
    });
    frozen = true;
    await seconds(first.clock, 20);
    const second = await first.again();
    frozen = false;
    const error: unknown = await first.run(first.me.retryConnection(FAKE)).catch((thrown: unknown) => thrown);

    expect(codeOf(error)).toBe('ALGO_CONNECTION_OWNED');
    expect(await first.run(funds(first.me).catch(codeOf))).toBe('ALGO_LOGIN_NEEDED');
    expect(second.me.connection().state.status).toBe('connected');
  });

  test('is let go of when the manager closes while it is being taken', async () => {
    let give = (): void => undefined;
    let waits = false;
    const first = await startAttack({
      oneProcess: true,
      store: wrapEach((store, at) =>
        at === 0
          ? {}
          : {
              leases: {
                ...store.leases,
                async acquire(...given) {
                  const lease = await store.leases.acquire(...given);
                  if (waits) await new Promise<void>((resolve) => (give = resolve));
                  return lease;
                },
              },
              close: async () => undefined, // it outlives this one connection
            },
      ),
    });
    await first.run(first.algo.close(), { stepMs: 20 });
    const second = first.beside();
    waits = true;
    const connecting = second.me.establishConnection(FAKE).catch(codeOf);
    await first.clock.advance(10);
    await first.run(second.algo.close(), { stepMs: 20 });
    give();

    expect(await first.run(connecting)).toBe('ALGO_CLOSED');
    await first.clock.advance(10);
    expect(first.clock.timers).toBe(0);
    expect(await first.store.leases.get({ userId: 'u1', name: 'connection/fake/main' })).toBeNull();
  });
});

test('a manager that closes while it waits for its turn to log in leaves no timer', async () => {
  const { script } = numbered((number) => number > 1);
  const first = await startAttack({ script });
  await first.store.leases.acquire(SESSION_LEASE, 'one that stands still', HOUR_MS);
  const read = funds(first.me).catch(codeOf);
  await first.clock.advance(1_000);
  await first.run(first.algo.close(), { stepMs: 20 });

  expect(await within(first.clock, read, 100)).toMatch(/ALGO_CLOSED|ALGO_LOGIN_NEEDED|ALGO_DEADLINE/);
  await first.clock.advance(1);
  expect(first.clock.timers).toBe(0);
});

test('a token that was pushed out of the cache is kept out of the texts of a call under way', async () => {
  const canary = 'canary-under-way-0123456789';
  let answer = (): void => undefined;
  const { me, run, clock, log } = await startAttack({
    algo: { cache: { sessions: 1 } },
    script: () => ({
      funds: async (call) => {
        if (tokenOf(call) !== canary) return { available: 1 } as never;
        await new Promise<void>((resolve) => (answer = resolve));
        throw new AlgoError('ALGO_ADAPTER_FAULT', { broker: 'fake', why: `it said ${canary}` });
      },
    }),
  });
  const accounts = ['a1', 'a2', 'a3', 'a4'];
  for (const account of accounts) {
    await me.credentials.put('fake', account, {
      clientId: 'A',
      token: account === 'a1' ? canary : `token-of-${account}`,
    });
    await run(me.establishConnection({ broker: 'fake', account }));
  }
  const reads = (): Promise<unknown> =>
    Promise.all(accounts.slice(1).map((account) => me.connection({ broker: 'fake', account }).funds()));
  const underway = me
    .connection({ broker: 'fake', account: 'a1' })
    .funds()
    .catch((error: unknown) => error);
  await clock.advance(10);
  for (let round = 0; round < 20; round += 1) await run(reads());
  await me.credentials.put('fake', 'a1', { clientId: 'A', token: 'a-newer-token' });
  for (let round = 0; round < 5; round += 1) await run(reads());
  answer();
  const error = await run(underway);

  expect(codeOf(error)).toBe('ALGO_ADAPTER_FAULT');
  expect(String(error) + JSON.stringify(error) + JSON.stringify(log)).not.toContain(canary);
});
