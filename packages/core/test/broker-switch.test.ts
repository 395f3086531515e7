import { expect, test } from 'vitest';
import { limitBuy, ME, startSimulated } from './simulated.js';
import { openDesks, problemsOf } from './desks.js';

test('every broker is on until it is switched off, and then the others stay on', async () => {
  const { brokers, switches } = await openDesks();
  expect((await brokers.list()).map(({ broker, enabled }) => [broker, enabled])).toEqual([
    ['dhan', true],
    ['other', true],
  ]);
  await brokers.disable('dhan', { why: 'its order book is late today' });
  expect((await brokers.list()).map(({ broker, enabled }) => [broker, enabled])).toEqual([
    ['dhan', false],
    ['other', true],
  ]);
  await expect(switches.assertEnabled('dhan')).rejects.toMatchObject({
    code: 'ALGO_BROKER_DISABLED',
    effect: 'none',
    details: { broker: 'dhan' },
  });
  await switches.assertEnabled('other');
  await brokers.enable('dhan');
  await switches.assertEnabled('dhan');
});

test('is one user’s switch, and outlives the process', async () => {
  const mine = await openDesks();
  await mine.brokers.disable('dhan');
  const theirs = await openDesks({ userId: 'u2', store: mine.store });
  const again = await openDesks({ store: mine.store });
  expect(await theirs.switches.isEnabled('dhan')).toBe(true);
  expect(await again.switches.isEnabled('dhan')).toBe(false);
});

test('is written once however often it is set, with who and why', async () => {
  const { brokers, audit, told } = await openDesks();
  await brokers.enable('dhan'); // it is on already
  for (let times = 0; times < 3; times += 1) await brokers.disable('dhan', { actor: 'operator', why: 'late book' });
  expect(await audit.list()).toMatchObject([
    {
      action: 'broker-disable',
      subject: 'broker/dhan',
      actor: 'operator',
      why: 'late book',
      before: null,
      after: '{"enabled":false}',
    },
  ]);
  expect(told).toEqual(['forget broker/dhan']);
});

test('is off when what is stored cannot be read: orders wait for somebody to look', async () => {
  for (const value of ['', 'null', '{}', '{"enabled":"yes"}', '{"enabled":1}', '{"enabled":true,"since":1}']) {
    const { brokers, switches, store } = await openDesks();
    const record = { userId: 'u1', name: 'broker/dhan', version: 1, value, updatedAtMs: 0 };
    await store.configuration.put(record, null);
    expect(await switches.isEnabled('dhan')).toBe(false);
    await brokers.enable('dhan');
    expect(await switches.isEnabled('dhan')).toBe(true);
  }
});

test('a store that does not answer lets nothing through', async () => {
  const { store } = await openDesks();
  const down = async (): Promise<never> => {
    throw new Error('down');
  };
  const { switches } = await openDesks({ store: { ...store, configuration: { ...store.configuration, get: down } } });
  await expect(switches.assertEnabled('dhan')).rejects.toThrow('down');
});

test('wins against others who write it at the same time, or says that it did not', async () => {
  const { store } = await openDesks();
  let conflicts = 3;
  const put: typeof store.configuration.put = async (...given) =>
    conflicts-- > 0 ? false : store.configuration.put(...given);
  const { brokers, switches } = await openDesks({
    store: { ...store, configuration: { ...store.configuration, put } },
  });
  await brokers.disable('dhan');
  expect(await switches.isEnabled('dhan')).toBe(false);
  conflicts = Infinity;
  await expect(brokers.enable('dhan')).rejects.toMatchObject({ code: 'ALGO_STORE_CONFLICT' });
  expect(await switches.isEnabled('dhan')).toBe(false);
});

test('refuses a broker nobody handed over: a switch that does nothing would look like one that does', async () => {
  const { brokers } = await openDesks();
  for (const set of [brokers.disable, brokers.enable]) {
    await expect(set('dahn')).rejects.toMatchObject({
      code: 'ALGO_UNKNOWN_BROKER',
      details: { known: ['dhan', 'other'] },
    });
    await expect(set('__proto__')).rejects.toMatchObject({ code: 'ALGO_UNKNOWN_BROKER' });
    expect((await problemsOf(set('')))[0]?.field).toBe('broker');
  }
});

test('switched off, a broker takes no new order and no new connection; what is there is still read and cancelled', async () => {
  const { me, connection, simulator, run } = await startSimulated();
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');

  await me.brokers.disable('dhan');

  const refused = { code: 'ALGO_BROKER_DISABLED', effect: 'none' };
  await expect(me.orders.place(limitBuy({ clientOrderId: 'c2' }))).rejects.toMatchObject(refused);
  for (const account of ['main', 'second']) {
    await expect(me.establishConnection({ broker: 'dhan', account })).rejects.toMatchObject(refused);
  }
  await expect(me.beginLogin(ME)).rejects.toMatchObject(refused);
  expect(simulator.received('placeOrder')).toHaveLength(1);
  expect(connection.state.status).toBe('connected');
  expect((await run(connection.orders())).length).toBe(1);
  expect((await run(me.orders.refresh('c1'))).order?.status).toBe('OPEN');
  expect((await run(me.orders.cancel({ clientOrderId: 'c1' }))).kind).toBe('accepted');

  await me.brokers.enable('dhan');
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c2' })))).kind).toBe('accepted');
});

test('an order placed before is still told when it is asked for again under its id', async () => {
  const { me, simulator, run } = await startSimulated();
  await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })));
  await me.brokers.disable('dhan');
  expect((await run(me.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');
  expect(simulator.received('placeOrder')).toHaveLength(1);
});

test('one user’s switch stops nobody else', async () => {
  const { algo, me, simulator, run } = await startSimulated();
  const { clientId, accessToken } = simulator.dhan.credentials;
  const other = algo.user('u2');
  await other.credentials.put('dhan', 'main', { clientId, accessToken });
  await run(other.establishConnection(ME));
  await me.brokers.disable('dhan');
  expect((await run(other.orders.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('accepted');
});
