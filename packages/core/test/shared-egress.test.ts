import { createFakeClock } from '@algo/testkit';
import { createAlgo, memoryStore } from '@algo/core';
import type { ConnectionManager, EgressOptions } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { dhanAt, limitBuy, ME, memoryKeys } from './simulated.js';

/** Two users of one process, each with an account at the simulated broker. */
async function twoUsers(egress: EgressOptions | null) {
  const clock = createFakeClock();
  const simulator = await startSimulator({ clock, dhan: { rateLimits: 'off' } });
  const algo = createAlgo({
    store: memoryStore(),
    keys: memoryKeys(),
    brokers: [dhanAt(simulator)],
    clock,
    ...(egress === null ? {} : { egress }),
  });
  onTestFinished(async () => {
    await algo.close();
    await simulator.close();
  });
  const { clientId, accessToken } = simulator.dhan.credentials;
  const users: ConnectionManager[] = [];
  const heard: string[] = [];
  for (const id of ['asha', 'binod']) {
    const user = algo.user(id);
    user.on('egress-shared', ({ address, users: many }) => heard.push(`${id} ${address} ${many}`));
    await user.credentials.put('dhan', 'main', { clientId, accessToken });
    await clock.runUntil(user.establishConnection(ME), { stepMs: 50 });
    users.push(user);
  }
  const place = (user: ConnectionManager, clientOrderId: string) =>
    clock.runUntil(user.orders.place(limitBuy({ clientOrderId })));
  const [asha, binod] = users;
  if (asha === undefined || binod === undefined) throw new Error('two users');
  return { asha, binod, place, heard, simulator, clock };
}

const SHARED = { kind: 'not-sent', proof: { by: 'gate', why: 'shared-egress' } };

test('orders of two users that leave from one address are not sent, and both are told once', async () => {
  const { asha, binod, place, heard, simulator } = await twoUsers(null);
  expect(heard).toEqual(['asha system 2', 'binod system 2']);
  expect(await place(asha, 'c1')).toMatchObject(SHARED);
  expect(await place(binod, 'c1')).toMatchObject(SHARED);
  expect(simulator.ledger()).toEqual([]);
  expect(await binod.connection().positions()).toEqual([]); // reads go on
  expect(heard).toHaveLength(2);
});

test('an order that works can be cancelled whatever its address', async () => {
  const { asha, binod, place, clock } = await twoUsers({ of: () => undefined });
  await clock.runUntil(binod.stop());
  expect(await place(asha, 'c1')).toMatchObject({ kind: 'accepted' });
  await clock.runUntil(binod.start());
  expect(await place(asha, 'c2')).toMatchObject(SHARED);
  expect(await clock.runUntil(asha.orders.cancel({ clientOrderId: 'c1' }))).toMatchObject({ kind: 'accepted' });
});

test('a family trades from one address', async () => {
  const { asha, binod, place, heard } = await twoUsers({ families: [['asha', 'binod']] });
  expect(await place(asha, 'c1')).toMatchObject({ kind: 'accepted' });
  expect(await place(binod, 'c1')).toMatchObject({ kind: 'accepted' });
  expect(heard).toEqual([]);
});

test('users with an address each trade', async () => {
  const { asha, binod, place, heard } = await twoUsers({
    of: ({ userId }) => ({ localAddress: userId === 'asha' ? '127.0.0.2' : '127.0.0.3' }),
  });
  expect(await place(asha, 'c1')).toMatchObject({ kind: 'accepted' });
  expect(await place(binod, 'c1')).toMatchObject({ kind: 'accepted' });
  expect(heard).toEqual([]);
});

test('what a host says of an address is checked before anything is sent', async () => {
  const url = 'http://someone:CANARY@127.0.0.1:3128';
  const proxied = twoUsers({ of: () => ({ proxy: { url } }) });
  await expect(proxied).rejects.toMatchObject({
    code: 'ALGO_INVALID_INPUT',
    details: { problems: [{ field: 'egress.of.proxy.url' }] },
  });
  await proxied.catch((error: unknown) => expect(JSON.stringify(error)).not.toContain('CANARY'));
});
