import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerDefinition, OrderRequest } from '@algo/core';
import type { PlaceCommand } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker } from './attack/support.js';
import { memoryKeys } from './simulated.js';

/** A broker that takes neither MARKET nor SL-M, whose last price moves with every quote. */
async function start({ quote = true } = {}) {
  const clock = createFakeClock();
  const exchange = createExchange();
  const sent: PlaceCommand[] = [];
  const plain = fakeBroker(exchange, clock, {
    script: () => ({
      placeOrder: async (command) => {
        sent.push(command);
        return { kind: 'acknowledged', brokerOrderId: exchange.accept(command) };
      },
      quotes: async ([listing]) => {
        if (!quote) return new Promise(() => undefined);
        asked += 1;
        const instrument = listing?.instrument ?? '';
        return [{ instrument, lastPrice: 1_400 + asked, asOfMs: clock.now(), full: null }];
      },
    }),
  });
  let asked = 0;
  const definition: BrokerDefinition = {
    ...plain,
    capabilities: { ...plain.capabilities, orderTypes: ['LIMIT', 'SL'] },
    rateLimits: { ...plain.rateLimits, data: [] },
  };
  const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [definition], clock });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'token-of-the-fake' });
  await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
  return { me, clock, sent, asked: () => asked };
}

const market = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  clientOrderId: 'm1',
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 2,
  type: 'MARKET',
  product: 'MIS',
  emulate: { withinPercent: 1 },
  ...changes,
});

test('a market order goes out as a limit order beyond the last price, and is told as what was asked', async () => {
  const { me, clock, sent } = await start();
  const outcome = await clock.runUntil(me.orders.place(market()));
  expect(outcome.kind).toBe('accepted');
  expect(sent).toMatchObject([{ type: 'LIMIT', price: 14_150_000, triggerPrice: null, quantity: 2 }]);
});

test('the same order asked for again gives the same answer, although the price has moved', async () => {
  const { me, clock, sent, asked } = await start();
  const first = await clock.runUntil(me.orders.place(market()));
  const second = await clock.runUntil(me.orders.place(market()));
  expect(second).toEqual(first);
  expect(asked()).toBe(2);
  expect(sent).toHaveLength(1);
  await expect(me.orders.place(market({ emulate: { withinPercent: 2 } }))).rejects.toMatchObject({
    code: 'ALGO_CLIENT_ORDER_ID_REUSED',
  });
});

test('two at once under one id are one order', async () => {
  const { me, clock, sent } = await start();
  const [first, second] = await clock.runUntil(Promise.all([me.orders.place(market()), me.orders.place(market())]));
  expect(first).toEqual(second);
  expect(sent).toHaveLength(1);
});

test('without leave it is refused by name', async () => {
  const { me, sent } = await start();
  const { emulate: _leave, ...strict } = market();
  await expect(me.orders.place(strict)).rejects.toMatchObject({ code: 'ALGO_NOT_SUPPORTED' });
  expect(sent).toEqual([]);
});

test('without a quote in time nothing is sent, and the answer comes before the deadline', async () => {
  const { me, clock, sent } = await start({ quote: false });
  const began = clock.monotonic();
  const outcome = await clock.runUntil(me.orders.place(market({ deadlineMs: 1_000 })), { stepMs: 20 });
  expect(outcome).toEqual({ kind: 'not-sent', clientOrderId: 'm1', proof: { by: 'gate', why: 'no-quote' } });
  expect(clock.monotonic() - began).toBeLessThanOrEqual(1_000);
  expect(sent).toEqual([]);
});

test('a stop market order goes out as a stop with a limit beyond its trigger', async () => {
  const { me, clock, sent, asked } = await start();
  await clock.runUntil(me.orders.place(market({ type: 'SL-M', triggerPrice: 1_500 })));
  expect(sent).toMatchObject([{ type: 'SL', triggerPrice: 15_000_000, price: 15_150_000 }]);
  expect(asked()).toBe(0);
});

test.each<[string, Partial<OrderRequest>, string]>([
  ['a stop without a trigger', { type: 'SL-M' }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a market order with a price', { price: 1_400 }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['a percentage of nothing', { emulate: { withinPercent: 0 } }, 'ALGO_INVALID_INPUT'],
  ['a percentage beyond reason', { emulate: { withinPercent: 21 } }, 'ALGO_INVALID_INPUT'],
  ['a percentage that is none', { emulate: { withinPercent: Number.NaN } }, 'ALGO_INVALID_INPUT'],
  ['leave that is no object', { emulate: 'yes' as never }, 'ALGO_INVALID_INPUT'],
])('%s is refused before anything is sent', async (_what, changes, code) => {
  const { me, sent } = await start();
  await expect(me.orders.place(market(changes))).rejects.toMatchObject({ code });
  expect(sent).toEqual([]);
});

test('an emulated order is cancelled and changed as the type it was sent as', async () => {
  const { me, clock } = await start();
  await clock.runUntil(me.orders.place(market()));
  const outcome = await clock.runUntil(me.orders.cancel({ clientOrderId: 'm1' }));
  expect(outcome.kind).toBe('accepted');
});
