import { expect, test } from 'vitest';
import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerOrder } from '../domain/order.js';
import { ScrubbedAdapter } from './scrubbed-adapter.js';

const call = {} as BrokerCall;
const order = (reason: string | null): BrokerOrder => ({
  brokerOrderId: 'B1',
  exchangeOrderId: null,
  tag: null,
  instrument: null,
  symbol: 'RELIANCE',
  side: 'BUY',
  type: 'LIMIT',
  product: 'CNC',
  validity: 'DAY',
  quantity: 1,
  filledQuantity: 0,
  price: 100,
  triggerPrice: null,
  averagePrice: null,
  status: 'REJECTED',
  brokerStatus: 'REJECTED',
  reason,
  placedAtMs: null,
  updatedAtMs: null,
});
const scrub = (text: string): string => text.replaceAll('canary', '***');

const over = (methods: Partial<BrokerAdapter>): BrokerAdapter =>
  new ScrubbedAdapter(methods as BrokerAdapter, { scrub });

test('the reason of an order is scrubbed however the order is read', async () => {
  const adapter = over({
    orderBook: async () => ({ orders: [order('bad canary'), order(null)], complete: true }),
    order: async () => order('bad canary'),
    ordersByTag: async () => [order('bad canary')],
  });
  expect(await adapter.orderBook(call)).toEqual({ orders: [order('bad ***'), order(null)], complete: true });
  expect(await adapter.order('B1', call)).toEqual(order('bad ***'));
  expect(await adapter.ordersByTag('T', call)).toEqual([order('bad ***')]);
});

test('no order and no look-up stay nothing', async () => {
  const adapter = over({ order: async () => null, ordersByTag: async () => null });
  expect(await adapter.order('B1', call)).toBeNull();
  expect(await adapter.ordersByTag('T', call)).toBeNull();
});

test('every text of a raw reply is scrubbed, names too, and nothing else is touched', async () => {
  const body = { a: 'canary', list: ['x canary', 7, null, true], deep: { canary: { b: 'canary' } } };
  const adapter = over({ raw: async () => ({ status: 200, body }) });
  expect(await adapter.raw({ purpose: 'read', method: 'GET', path: '/x' }, call)).toEqual({
    status: 200,
    body: { a: '***', list: ['x ***', 7, null, true], deep: { '***': { b: '***' } } },
  });
});

test('a raw reply with a __proto__ field changes no prototype', async () => {
  const adapter = over({
    raw: async () => ({ status: 200, body: JSON.parse('{"__proto__":{"polluted":true}}') as unknown }),
  });
  const { body } = await adapter.raw({ purpose: 'read', method: 'GET', path: '/x' }, call);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
});

test('the rest is handed through as it came', async () => {
  const asked: unknown[] = [];
  const through =
    (name: string) =>
    async (...given: readonly unknown[]) => {
      asked.push([name, ...given]);
      return name as never;
    };
  const adapter = over({ placeOrder: through('place'), cancelOrder: through('cancel'), funds: through('funds') });
  const cancel = { brokerOrderId: 'B1', tag: 'T', order: null };
  expect(await adapter.cancelOrder(cancel, call)).toBe('cancel');
  expect(await adapter.funds(call)).toBe('funds');
  expect(asked).toEqual([
    ['cancel', cancel, call],
    ['funds', call],
  ]);
});
