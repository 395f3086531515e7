import { hang } from '@algo/simulator';
import { expect, test } from 'vitest';
import { limitBuy, ME, startSimulated } from './simulated.js';
import { openDesks, PASTED, problemsOf } from './desks.js';
import type { Desks, DesksOptions } from './desks.js';

/** A user with two accounts and a session at Dhan, and two accounts at another broker. */
async function startStored(options: DesksOptions = {}): Promise<Desks> {
  const desks = await openDesks(options);
  await desks.credentials.put('dhan', 'main', PASTED);
  await desks.credentials.put('dhan', 'second', PASTED);
  await desks.credentials.put('other', 'main', PASTED);
  await desks.credentials.put('other', 'elsewhere', PASTED);
  const session = { ...desks.key, version: 1, sealed: new Uint8Array([1]), expiresAtMs: null, updatedAtMs: 0 };
  await desks.store.sessions.put(session, null);
  desks.told.splice(0);
  return desks;
}

const accountsOf = async ({ credentials }: Desks): Promise<readonly string[]> =>
  (await credentials.list()).map(({ broker, account }) => `${broker}/${account}`);

test('a dry run tells what would go and changes nothing', async () => {
  const desks = await startStored({
    connected: ['main'],
    unsettled: new Map([
      ['second', 2],
      ['elsewhere', 1],
    ]),
  });
  const before = await desks.audit.list();
  expect(await desks.brokers.delete('dhan', { dryRun: true })).toEqual({
    credentials: 2,
    sessions: 1,
    instruments: 0,
    instrumentsShared: false,
    connections: ['main'],
    unsettledOrders: 2,
  });
  expect(await accountsOf(desks)).toEqual(['dhan/main', 'dhan/second', 'other/elsewhere', 'other/main']);
  expect(await desks.store.sessions.list('u1')).toHaveLength(1);
  expect(await desks.audit.list()).toEqual(before);
  expect(desks.told).toEqual([]);
});

test('ends the connections, then takes credentials and sessions away, and leaves other brokers alone', async () => {
  const desks = await startStored({ connected: ['main'] });
  await desks.brokers.disable('dhan');
  desks.told.splice(0);
  expect(await desks.brokers.delete('dhan', { actor: 'operator', why: 'account closed' })).toMatchObject({
    credentials: 2,
    sessions: 1,
    connections: ['main'],
    unsettledOrders: 0,
  });
  expect(desks.told).toEqual(['end dhan', 'deleted dhan']);
  expect(await accountsOf(desks)).toEqual(['other/elsewhere', 'other/main']);
  expect(await desks.store.sessions.list('u1')).toEqual([]);
  expect(await desks.switches.isEnabled('dhan')).toBe(false); // it does not come back by itself
  expect((await desks.audit.list({ limit: 1 }))[0]).toMatchObject({
    action: 'broker-delete',
    subject: 'dhan',
    actor: 'operator',
    why: 'account closed',
    before: '{"credentials":2,"instruments":0,"instrumentsShared":false,"sessions":1}',
    after: null,
  });
});

test('is another user’s affair no further than the shared instruments', async () => {
  const mine = await startStored();
  const theirs = await openDesks({ userId: 'u2', store: mine.store });
  await theirs.credentials.put('dhan', 'main', PASTED);
  expect(await mine.brokers.delete('dhan')).toMatchObject({ credentials: 2, instrumentsShared: true });
  expect(await accountsOf(theirs)).toEqual(['dhan/main']);
});

test('is refused while an order of any of its accounts is looked for, and then nothing is ended', async () => {
  const connected = ['main', 'only-connected'];
  for (const account of ['main', 'second', 'only-connected']) {
    const desks = await startStored({ connected, unsettled: new Map([[account, 3]]) });
    await expect(desks.brokers.delete('dhan')).rejects.toMatchObject({
      code: 'ALGO_ORDERS_UNSETTLED',
      details: { broker: 'dhan', account, orders: 3 },
    });
    expect(desks.told).toEqual([]);
    expect(await accountsOf(desks)).toHaveLength(4);
  }
});

test('keeps the credentials of an order that left while its connection was being ended', async () => {
  const unsettled = new Map<string, number>();
  const desks = await startStored({ unsettled, onEnd: () => unsettled.set('main', 1) });
  await expect(desks.brokers.delete('dhan')).rejects.toMatchObject({ code: 'ALGO_ORDERS_UNSETTLED' });
  expect(await accountsOf(desks)).toHaveLength(4);
});

test('takes away what is left of a broker that is not handed over any more', async () => {
  const desks = await startStored();
  const record = await desks.store.credentials.get(desks.key);
  if (record === null) throw new Error('it was stored');
  await desks.store.credentials.put({ ...record, broker: 'gone' }, null);
  expect(await desks.brokers.delete('gone')).toMatchObject({ credentials: 1 });
  expect(await desks.store.credentials.list('u1')).toHaveLength(4);
  expect((await problemsOf(desks.brokers.delete('')))[0]?.field).toBe('broker');
});

test('a connected account is cut off: nothing more is sent there, and it has to be stored and connected anew', async () => {
  const { me, connection, simulator, run } = await startSimulated();
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');
  expect(await me.brokers.delete('dhan', { dryRun: true })).toMatchObject({ credentials: 1, connections: ['main'] });
  expect((await run(connection.funds())).available).toBeGreaterThan(0);

  expect(await run(me.brokers.delete('dhan'))).toMatchObject({ credentials: 1, connections: ['main'] });

  const received = simulator.received().length;
  expect(me.getConnectionStatus()).toEqual([]);
  await expect(me.orders.place(limitBuy({ clientOrderId: 'c2' }))).rejects.toMatchObject({
    code: 'ALGO_NOT_CONNECTED',
  });
  await expect(run(connection.funds())).rejects.toMatchObject({ effect: 'none' });
  await expect(run(me.establishConnection(ME))).rejects.toMatchObject({ code: 'ALGO_NO_CREDENTIALS' });
  expect(simulator.received()).toHaveLength(received);

  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  const again = await run(me.establishConnection(ME));
  expect((await run(again.funds())).available).toBeGreaterThan(0);
  await expect(run(connection.funds())).rejects.toMatchObject({ code: 'ALGO_CLOSED' }); // the old one stays dead
  expect((await me.orders.get('c1'))?.outcome.kind).toBe('accepted'); // the journal stayed
});

test('is refused while an order is in flight, and its answer still comes', async () => {
  const { me, simulator, run } = await startSimulated({ faults: [hang('placeOrder')] });
  const place = me.orders.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 60_000 }));
  while (simulator.received('placeOrder').length === 0) await new Promise((next) => setImmediate(next));
  await expect(me.brokers.delete('dhan')).rejects.toMatchObject({ code: 'ALGO_ORDERS_UNSETTLED' });
  simulator.releaseHung();
  expect((await run(place)).kind).toBe('accepted');
});
