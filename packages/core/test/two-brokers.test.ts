import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerDefinition } from '@algo/core';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { buy, createExchange, fakeBroker } from './attack/support.js';
import type { Exchange } from './attack/support.js';
import { memoryKeys } from './simulated.js';

/** Two brokers of one user: one whose orders are cheap, one whose data is good. */
async function start() {
  const clock = createFakeClock();
  const [orders, data] = [createExchange(), createExchange()];
  const named = (id: string, exchange: Exchange): BrokerDefinition => ({
    ...fakeBroker(exchange, clock, {
      script: () => ({
        quotes: async (listings) =>
          listings.map(({ instrument }) => ({
            instrument,
            lastPrice: id === 'data' ? 1_400 : 1,
            asOfMs: 0,
            full: null,
          })),
      }),
    }),
    id,
    rateLimits: { orders: [], reads: [], data: [] },
  });
  const brokers = [named('orders', orders), named('data', data)];
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers, clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  for (const broker of ['orders', 'data']) {
    await me.credentials.put(broker, 'main', { clientId: 'A', token: 'token-of-the-fake' });
    await clock.runUntil(me.establishConnection({ broker, account: 'main' }), { stepMs: 4 });
  }
  return { algo, me, clock, orders, data };
}

test('quotes come from one broker while orders go to another', async () => {
  const { me, clock, orders, data } = await start();
  const prices = me.connection({ broker: 'data', account: 'main' });
  const [quote] = await clock.runUntil(prices.quotes(['NSE:RELIANCE']));
  const order = buy({ price: quote?.lastPrice ?? 0, connection: { broker: 'orders', account: 'main' } });
  const outcome = await clock.runUntil(me.orders.place(order));
  expect(outcome.kind).toBe('accepted');
  expect([orders.orders.length, data.orders.length]).toEqual([1, 0]);
  expect(quote?.lastPrice).toBe(1_400);
});

test('an order that names neither goes to neither', async () => {
  const { me, orders, data } = await start();
  await expect(me.orders.place(buy())).rejects.toMatchObject({ code: 'ALGO_CONNECTION_UNCLEAR' });
  expect([orders.orders.length, data.orders.length]).toEqual([0, 0]);
});

test('a host sees which brokers there are, what they can do and what they need', async () => {
  const { algo } = await start();
  expect(
    algo.brokers.map(({ id, capabilities, credentials }) => [id, capabilities.exchanges, credentials.identity]),
  ).toEqual([
    ['orders', ['NSE'], 'clientId'],
    ['data', ['NSE'], 'clientId'],
  ]);
});
