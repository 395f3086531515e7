import { createAlgo, memoryStore } from '@algo/core';
import type { BrokerDefinition, OrderRequest } from '@algo/core';
import type { PlaceCommand } from '@algo/core/adapter';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { createExchange, FAKE, fakeBroker } from './attack/support.js';
import { memoryKeys } from './simulated.js';

/** What the broker's adapter answers the so-manieth time it is asked for a quote; adapters are JavaScript in the end. */
type QuoteAnswer = (time: number, nowMs: number) => Promise<never>;

const quoted = (changes: object, nowMs: number): never =>
  [{ instrument: 'NSE:RELIANCE', lastPrice: 1_400, asOfMs: nowMs, full: null, ...changes }] as never;

/** A broker that takes neither MARKET nor SL-M, whose last price moves with every quote. */
async function start({ quote = true, answer }: { quote?: boolean; answer?: QuoteAnswer } = {}) {
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
        if (answer !== undefined) return answer(asked, clock.now());
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

test('an accepted one asked for again while quotes are down is still accepted', async () => {
  const answer: QuoteAnswer = async (time, nowMs) => {
    if (time > 1) throw new Error('down');
    return quoted({}, nowMs);
  };
  const { me, clock, sent } = await start({ answer });
  const first = await clock.runUntil(me.orders.place(market()));
  const second = await clock.runUntil(me.orders.place(market()));
  expect(first.kind).toBe('accepted');
  expect(second).toEqual(first);
  expect(sent).toHaveLength(1);
});

test('one refused for want of a quote is written down, and refused again when quotes are back', async () => {
  const answer: QuoteAnswer = async (time, nowMs) => {
    if (time === 1) throw new Error('down');
    return quoted({}, nowMs);
  };
  const { me, clock, sent } = await start({ answer });
  const first = await clock.runUntil(me.orders.place(market()));
  expect(await me.orders.get('m1')).toMatchObject({ state: 'NOT_SENT', outcome: first });
  expect(await clock.runUntil(me.orders.place(market()))).toEqual(first);
  expect(sent).toEqual([]);
});

test('a cancel while the quote is awaited takes the order out unsent', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { me, clock, sent } = await start({ answer: async (_time, nowMs) => held.then(() => quoted({}, nowMs)) });
  const placing = me.orders.place(market());
  await clock.advance(100);
  const cancelled = await clock.runUntil(me.orders.cancel({ clientOrderId: 'm1' }));
  release();
  expect(cancelled).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'order-not-at-broker' } });
  expect(await clock.runUntil(placing)).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'cancelled' } });
  expect(sent).toEqual([]);
});

test.each<[string, QuoteAnswer]>([
  ['nothing', async () => undefined as never],
  ['no quote', async () => [] as never],
  ['a quote of another instrument', async (_time, nowMs) => quoted({ instrument: 'NSE:IDEA' }, nowMs)],
  ['a quote of an hour ago', async (_time, nowMs) => quoted({ asOfMs: nowMs - 3_600_000 }, nowMs)],
  ['a quote of no time', async (_time, nowMs) => quoted({ asOfMs: undefined }, nowMs)],
  ['a price of zero', async (_time, nowMs) => quoted({ lastPrice: 0 }, nowMs)],
  ['a price below zero', async (_time, nowMs) => quoted({ lastPrice: -5 }, nowMs)],
  ['a price that is no number', async (_time, nowMs) => quoted({ lastPrice: Number.NaN }, nowMs)],
  ['a price without end', async (_time, nowMs) => quoted({ lastPrice: Infinity }, nowMs)],
  ['a price beyond counting', async (_time, nowMs) => quoted({ lastPrice: 1e300 }, nowMs)],
  ['a price as text', async (_time, nowMs) => quoted({ lastPrice: '1400' }, nowMs)],
])('where the broker answers %s, nothing is sent', async (_what, answer) => {
  const { me, clock, sent } = await start({ answer });
  const outcome = await clock.runUntil(me.orders.place(market()));
  expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'no-quote' } });
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
